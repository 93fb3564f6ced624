"""`evaluate-detector`: found and read in composed frames of photos that training never saw."""

import json
import sys

import cv2
from rich.console import Console
from rich.progress import Progress

from longrun import UserError, result, result_table
from stegastamp.detector.config import PROJECT
from stegastamp.detector.detect import annotate
from stegastamp.detector.finding import search
from stegastamp.detector.measure import exam, pictures
from stegastamp.detector.reading import Reader
from stegastamp.detector.training.train import SHORTEST
from stegastamp.network import stamp
from stegastamp.pictures.codec import released
from stegastamp.pictures.photos import folder_photos, training_and_held_out

FRAME = (960, 1280)
"""Height and width of the frames: less than any camera of today gives."""
SHOWN = 12
"""Most frames on the sheet of those that were not read."""


def judge(checkpoint: str, images: str, stamps: str, count: int, plain: int, as_json: bool, sheet: str = "") -> dict:
    """Evaluate a detector with a Stamper; print and return the result (see longrun.run.report.result).

    images: folder of photos instead of the held-out part of the training's own. stamps: checkpoint of the Stamper, empty for the
    released one. count, plain: frames with a stamp and without. sheet: file for a sheet of frames that were not read.
    """
    if min(count, plain) < 10:
        raise UserError(f"an evaluation needs at least 10 frames of either kind, not {min(count, plain)}")
    detector = search.load(checkpoint)
    reader = Reader(stamp.load(stamps or released()))
    config = detector.config
    photos = folder_photos(images, SHORTEST) if images else training_and_held_out(config.images, config.held_out, SHORTEST)[1]
    unread = []

    def kept(cases):
        """The cases one by one; those whose frame is to be shown stay in `unread` until they are read."""
        for case in cases:
            unread.append(case)
            yield case

    stamped, unmarked = [], []
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("frames", total=count + plain)
        for answer in exam.examine(detector, kept(exam.draw(photos, reader.stamper, count, *FRAME)), reader):
            if any(said.text == answer.text for said in answer.said) or len(unread) > SHOWN:
                unread.pop()
            stamped.append(answer)
            progress.advance(task)
        for answer in exam.examine(detector, exam.draw(photos, None, plain, *FRAME), reader):
            unmarked.append(answer)
            progress.advance(task)
    scores = exam.localisation(stamped) | exam.reading_scores(stamped, unmarked)
    outcome = result(PROJECT, detector.preset, detector.step, scores)
    if sheet and unread:
        pictures.write_sheet(sheet, [_unread(case, detector) for case in unread[:SHOWN]], across=3)
    if as_json:
        print(json.dumps(outcome))
        return outcome
    print(f"{PROJECT} {detector.preset}, step {detector.step}, with {PROJECT.split('-')[0]} {reader.stamper.preset}: {count} frames with a")
    print(f"stamp and {plain} without, {FRAME[1]}x{FRAME[0]}, of {len(photos)} held-out photos\n")
    print(result_table(outcome))
    return outcome


def _unread(case, detector):
    """A frame that was not read, with the true quad in green and those found in orange, at a third of its size."""
    drawn = annotate(case.scene.frame, [], [each.quad for each in detector.quads(case.scene.frame)])
    drawn = pictures.draw(drawn, case.scene.quads[:1], [(0, 220, 0)])
    return cv2.resize(drawn, (FRAME[1] // 3, FRAME[0] // 3), interpolation=cv2.INTER_AREA)
