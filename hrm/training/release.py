"""Releasing a finished run."""

from hrm.measure.judge import judge
from hrm.network import reasoner
from longrun import changed
from longrun.release.publish import publish


def release(run: str, folder: str, /) -> None:
    """Copy a finished run's reasoner, manifest, curves, pictures and evaluation to a folder of released weights.

    run: A finished run folder.
    folder: Gets reasoner.keras in half precision, manifest.json and EVALUATION.md.

    Example:
        python -m hrm release checkpoints/hrm/mini checkpoints/released/hrm/mini
    """
    found = reasoner.load(run)
    # Where earlier weights lay is of no use elsewhere.
    found.config = changed(found.config, start_from="")
    publish(
        run,
        folder,
        title=f"hrm {found.preset}, step {found.step}",
        save=lambda target, outcome: found.save(target, dict(outcome), half=True),
        shows={f"python test_inference.py {folder}": lambda: judge(folder)},
        pictures={"Question, answer after each segment (wrong cells framed), right answer": "answers.png"},
    )
