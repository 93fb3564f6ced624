"""Releasing a finished run."""

from arc.measure.judge import judge
from arc.network import answerer
from longrun.release.publish import publish


def release(run: str, folder: str, /) -> None:
    """Copy a finished run's model to a folder of released weights, with a manifest, the curves and EVALUATION.md.

    EVALUATION.md holds what `evaluate` prints for the copied file, with the commands. Raises UserError for an unfinished run.

    run: The run folder.
    folder: Where they go.

    Example:
        python -m arc release checkpoints/arc/quick checkpoints/released/arc/quick
    """
    found = answerer.load(run)
    publish(
        run,
        folder,
        title=f"arc {found.preset}, step {found.step}, {found.model.count_params():,} parameters",
        save=found.save,
        shows={
            f"python test_inference.py {folder}": lambda: judge(folder, count=found.config.evaluation.test_count),
            f"python test_inference.py {folder} --real": lambda: judge(folder, real=True),
        },
    )
