"""Judging a checkpoint: what `evaluate` and test_inference.py print."""

from longrun.errors import UserError
from longrun.measure import judge as printed
from stegastamp.measure.evaluate import evaluate
from stegastamp.measure.native import report as native_report
from stegastamp.network import stamp
from stegastamp.pictures.photos import photos_to_judge


def judge(
    checkpoint: str,
    /,
    *,
    images: str = "",
    count: int = 120,
    report: str = "",
    messages: int = 8,
    json: bool = False,
    workers: int = 1,
    cluster: str = "",
) -> dict:
    """Measure a checkpoint on held-out photos, each score beside its floor.

    With --report the whole photos of --images are measured at their own resolution, and a page and a JSON file are written.

    checkpoint: A run folder, a checkpoint in it, or a released folder.
    images: Folder of photos to use instead of those that the training held out, whether they were trained on or not.
    count: Crops, 20 at least.
    report: Page to write, OUT.html; its numbers go beside it, OUT.json.
    messages: Stamps of each photo in the report.
    json: Print one object on stdout.
    workers: Processes that share the photos of a report.
    cluster: Address of a Dask scheduler whose workers share them instead, e.g. tcp://127.0.0.1:8786.

    Example:
        python -m stegastamp evaluate checkpoints/released/stegastamp/quick
        python -m stegastamp evaluate checkpoints/released/stegastamp/base --images PHOTOS --report OUT.html
    """
    if report:
        spread = {"checkpoint": checkpoint, "workers": workers, "cluster": cluster}
        outcome = native_report.report(stamp.load(checkpoint, "keras"), images, report, messages, **spread)
        printed.show(outcome, json, f"stegastamp {outcome['preset']}, step {outcome['step']}: {outcome['n']} whole photos of {images}")
        return outcome
    if count < 20:
        raise UserError(f"an evaluation needs at least 20 cases, not {count}")
    stamper = stamp.load(checkpoint, "keras")
    data = stamper.config.data
    kind = "held-out photos" if images in ("", data.held_out) else f"photos of {images}"
    photos = photos_to_judge(images, data.images, data.held_out, stamper.size)
    outcome = evaluate(stamper, photos, count)
    names = ", ".join(photos.names[:3]) + (", ..." if len(photos) > 3 else "")
    heading = f"stegastamp {stamper.preset}, step {stamper.step}: {count} crops of {len(photos)} {kind} ({names})"
    carried = ("the message is carried", "no message is carried: this is guessing")
    printed.show(outcome, json, heading, printed.verdict(outcome, "bit_accuracy_png", *carried, words="bit accuracy after 8-bit PNG"))
    return outcome
