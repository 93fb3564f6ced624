"""Releasing a finished run: its models where released weights live, with what they are worth."""

from pathlib import Path

from longrun import changed
from longrun.errors import UserError
from longrun.release.publish import publish
from longrun.run.journal import read_json
from stegastamp.measure import evaluate
from stegastamp.measure.judge import judge
from stegastamp.network import stamp
from stegastamp.pictures.photos import photos_to_judge


def release(run: str, folder: str, /, *, strength: float = 0.0) -> None:
    """Copy a finished run's models, manifest and evaluation to a folder of released weights.

    run: The run's folder.
    folder: Where they go, for released weights below checkpoints/released/stegastamp.
    strength: The default strength of the released model; left out: that of the training.

    Raises UserError for an unfinished run, and for a strength that the network does not take.
    """
    result = Path(run, "result.json")
    # `publish` refuses a run without one.
    outcome = read_json(result) if result.exists() else {"preset": "", "step": 0, "metrics": {"strength": 0.0}}
    if strength and result.exists():
        head = stamp.load(run).config.mark.head
        if head != "normalised" or not 0 < strength <= 1:
            raise UserError(f"strength is a number in 0..1, of networks with the normalised head, not {strength} with {head}")
    used = strength or outcome["metrics"]["strength"]

    def save(target, outcome):
        stamper = stamp.load(run)
        stamper.strength = used
        # Where photos and earlier weights lay is of no use elsewhere, and none of them goes with the weights.
        kept = {"strength": strength or stamper.config.mark.strength}
        stamper.config = changed(stamper.config, images="", held_out="", start_from="", **kept)
        stamp.save(target, stamper, outcome, half=True)
        evaluate.picture(stamper, photos_to_judge("", "", "", stamper.size), target / "stamps.jpg")

    publish(
        run,
        folder,
        title=f"stegastamp {outcome['preset']}, step {outcome['step']}",
        save=save,
        shows={f"python test_inference.py {folder}": lambda: judge(folder)},
        pictures={f"cover, stamped at strength {used:g}, residual x10 on grey": "stamps.jpg"},
    )
