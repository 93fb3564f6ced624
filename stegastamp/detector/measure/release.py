"""Releasing a finished detector."""

from pathlib import Path

import cv2

from longrun import changed
from longrun.release.publish import publish
from stegastamp.detector.finding import search
from stegastamp.detector.measure.judge import judge_on
from stegastamp.detector.training.train import SHORTEST
from stegastamp.pictures.photos import photos_to_judge

QUALITY = 85


def release(run: str, folder: str, /, *, stamps: str = "", count: int = 100, plain: int = 200) -> None:
    """Copy a finished detector in half precision, manifest and evaluation to a folder of released weights.

    EVALUATION.md holds what `evaluate-detector` measures of the copied file on the photos that the run held out.

    run: The run's folder.
    folder: Where it goes.
    stamps: Checkpoint of the network that marks and reads in the evaluation; empty: the released one.
    count: Frames with a stamp in the evaluation.
    plain: Frames without one.

    Raises UserError for an unfinished run.
    """
    source, target = Path(run), Path(folder)
    detector = search.load(source)

    def save(target: Path, outcome: dict) -> None:
        # Where photos and stamps lay is of no use elsewhere; without them the held-out photos are those inside scikit-image.
        config = changed(detector.config, images="", held_out="", stamps="")
        search.save(target, search.Detector(detector.model, config, detector.preset, detector.step), outcome)
        # As PNG it would take more room than the network.
        cv2.imwrite(str(target / "found.jpg"), cv2.imread(str(source / "found.png")), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])

    def measured() -> None:
        scene = detector.config.scene
        judge_on(photos_to_judge("", scene.images, scene.held_out, SHORTEST), search.load(target), stamps, count, plain)

    command = f"python -m stegastamp evaluate-detector {target} --count {count} --plain {plain}"
    command += " --images HELD_OUT" if detector.config.scene.images else ""
    publish(
        source,
        target,
        title=f"{detector.preset}, step {detector.step}",
        save=save,
        shows={command: measured},
        pictures={"true quads green, found magenta": "found.jpg"},
    )
