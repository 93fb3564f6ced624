"""`evaluate-detector`: found and read in composed frames of photos that training never saw."""

import sys

import cv2
from rich.console import Console
from rich.progress import Progress

from longrun import UserError, result
from longrun.measure.judge import show
from longrun.run.output import check_output
from stegastamp.detector.config import DetectorConfig
from stegastamp.detector.drawing import annotate
from stegastamp.detector.finding import search
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.measure import exam, pictures
from stegastamp.detector.reading import Reader
from stegastamp.detector.training.train import SHORTEST
from stegastamp.network import stamp
from stegastamp.pictures.codec import released
from stegastamp.pictures.photos import Photos, photos_to_judge

FRAME = (960, 1280)
"""Height and width of the frames: less than any camera of today gives."""
SHOWN = 12
"""Most frames on the sheet of those that were not read."""


def judge(
    checkpoint: str,
    /,
    *,
    images: str = "",
    stamps: str = "",
    count: int = 100,
    plain: int = 200,
    seed: int = 9,
    json: bool = False,
    sheet: str = "",
) -> dict:
    """Measure a detector: found and read in composed frames of photos that training never saw.

    checkpoint: A run folder, a checkpoint in it, a released folder, or "contours" for a detector without a network.
    images: Folder of photos to use instead of those that the training held out.
    stamps: Checkpoint of the network that marks and reads; empty: the released one.
    count: Frames with a stamp, 10 at least.
    plain: Frames without one, 10 at least.
    seed: Draws the frames; another seed gives others of the same photos.
    json: Print one object on stdout.
    sheet: File for a sheet of frames that were not read.

    Example:
        python -m stegastamp evaluate-detector checkpoints/released/stegastamp/detector --sheet unread.png
    """
    if sheet:
        check_output(sheet, makes_folder=True)
    detector = search.load(checkpoint)
    scene = detector.config.scene
    photos = photos_to_judge(images, scene.images, scene.held_out, SHORTEST)
    return judge_on(photos, detector, stamps, count, plain, seed=seed, as_json=json, sheet=sheet)


def judge_on(
    photos: Photos, detector: Detector, stamps: str, count: int, plain: int, *, seed: int = 9, as_json: bool = False, sheet: str = ""
) -> dict:
    """Evaluate a detector with a Stamper on photos; print and return the result (see longrun.run.report.result).

    stamps: checkpoint of the Stamper, empty for the released one. count, plain: frames with a stamp and without. sheet: file for a
    sheet of frames that were not read. seed: draws the frames.
    """
    if min(count, plain) < 10:
        raise UserError(f"an evaluation needs at least 10 frames of either kind, not {min(count, plain)}")
    reader = Reader(stamp.load(stamps or released()))
    unread = []

    def kept(cases):
        """The cases one by one; those whose frame is to be shown stay in `unread` until they are read."""
        for case in cases:
            unread.append(case)
            yield case

    stamped, unmarked = [], []
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("frames", total=count + plain)
        for answer in exam.examine(detector, kept(exam.draw(photos, reader.stamper, count, *FRAME, seed)), reader):
            if any(said.text == answer.text for said in answer.said) or len(unread) > SHOWN:
                unread.pop()
            stamped.append(answer)
            progress.advance(task)
        for answer in exam.examine(detector, exam.draw(photos, None, plain, *FRAME, seed), reader):
            unmarked.append(answer)
            progress.advance(task)
    scores = exam.localisation(stamped) | exam.reading_scores(stamped, unmarked)
    outcome = result(DetectorConfig.PROJECT, detector.preset, detector.step, scores)
    if sheet and unread:
        pictures.write_sheet(sheet, [_unread(case, detector) for case in unread[:SHOWN]], across=3)
    what = f"{DetectorConfig.PROJECT} {detector.preset}, step {detector.step}, with stegastamp {reader.stamper.preset}"
    frames = f"{count} frames with a stamp and {plain} without, {FRAME[1]}x{FRAME[0]}, of {len(photos)} held-out photos"
    show(outcome, as_json, f"{what}:\n{frames}")
    return outcome


def _unread(case, detector):
    """A frame that was not read, with the true quad in green and those found in orange, at a third of its size."""
    drawn = annotate(case.scene.frame, [], [each.quad for each in detector.quads(case.scene.frame)])
    drawn = pictures.draw(drawn, case.scene.quads[:1], [(0, 220, 0)])
    return cv2.resize(drawn, (FRAME[1] // 3, FRAME[0] // 3), interpolation=cv2.INTER_AREA)
