"""Held-out frames, and how well pictures are found and stamps are read in them, beside one who does not look."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from longrun import Score, binomial_score
from longrun.step import seeding
from stegastamp.detector.finding import geometry
from stegastamp.detector.finding.fit import Candidate
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.reading import Reader, Reading, read_all
from stegastamp.detector.training.album import cut_picture
from stegastamp.detector.training.scenes import Layout, Scene, compose
from stegastamp.measure.readers import draw_message
from stegastamp.message.formats import formats_for
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.photos import Photos

FOUND = 0.8
"""Intersection over union above which a quad counts as found."""
COVERAGE = (0.08, 0.5)
TILT = 35.0


@dataclass(frozen=True)
class Case:
    """A held-out frame. Its first picture is stamped and says `text`; where text is None no picture is."""

    scene: Scene
    text: str | None


@dataclass(frozen=True)
class Answer:
    """What was found and read in a case, whose frame is gone: its size (width, height), its quads, its text."""

    size: np.ndarray
    quads: np.ndarray
    text: str | None
    found: Sequence[Candidate]
    said: Sequence[Reading] = ()
    said_at_true_corners: str | None = None

    @property
    def best(self) -> np.ndarray | None:
        """Of the quads found, the one that overlaps the first picture most."""
        return max((each.quad for each in self.found), key=lambda quad: geometry.overlap(quad, self.quads[0]), default=None)


def draw(photos: Photos, stamper: Stamper | None, count: int, height: int, width: int, seed: int = 9) -> Iterator[Case]:
    """`count` frames of photos that training never saw, with one picture and up to two more, always the same.

    The first picture covers 8 to 50 % of the frame and is tilted by up to 35 degrees. It is stamped with a random message
    where a stamper is given; without one no frame holds a stamp. The others, background and clutter never are.
    """
    layout = Layout(height, width, COVERAGE, TILT, blur=max(height, width) / 1000)
    for number in range(count):
        generator = np.random.default_rng([seed, number, seeding.name_code("stamped" if stamper else "plain")])
        chosen = [photos.images[generator.integers(0, len(photos))] for _ in range(9)]
        pictures = [cut_picture(photo, generator, max(height, width)) for photo in chosen[: 1 + int(generator.integers(0, 3))]]
        text = None
        if stamper is not None:
            form = formats_for(stamper.bits)[0]
            message = draw_message(form, generator)
            text = str(message)
            pictures[0] = stamper.stamp_image(pictures[0], form.encode(message).astype(np.float32))
        textures = chosen[3 : 3 + int(generator.integers(0, 5))]
        yield Case(compose(chosen[-1], pictures, textures, layout, generator), text)


def examine(detector: Detector, cases: Iterable[Case], reader: Reader | None = None) -> Iterator[Answer]:
    """Search each case and, with a reader, read what is found and, for comparison, the first picture at its true corners.

    Without one the network's own quads are examined, without contours and edges: what a training is to be judged by.
    """
    for case in cases:
        frame, quads = case.scene.frame, case.scene.quads
        said, known = [], None
        found = detector.seen(frame) if reader is None else detector.quads(frame)
        if reader is not None:
            said, _ = read_all(reader, frame, found)
            # The true quad begins with the picture's own corner: the orientation is known as well.
            known = reader.read(frame, quads[0]) if case.text is not None else None
        yield Answer(np.float32(frame.shape[1::-1]), quads, case.text, found, said, known.text if known else None)


def localisation(answers: Sequence[Answer]) -> dict[str, Score | float]:
    """How many of the first pictures are found, how exactly, and how many of the quads found are pictures at all.

    quad_recall: an answer overlaps the picture by more than .8; its floor is the better of two that do not look: the whole frame,
    and the mean of all true quads. corner_error: mean over the found, as a share of the root of the picture's area.
    """
    truth = [answer.quads[0] for answer in answers]
    hits = [answer.best is not None and geometry.overlap(answer.best, true) > FOUND for answer, true in zip(answers, truth, strict=True)]
    errors = [geometry.corner_error(answer.best, true) for answer, true, hit in zip(answers, truth, hits, strict=True) if hit]
    blind = blind_answers(answers)
    floor = float(max(np.mean([geometry.overlap(a, b) > FOUND for a, b in zip(quads, truth, strict=True)]) for quads in blind))
    scores: dict[str, Score | float] = {"quad_recall": binomial_score(sum(hits), len(hits), floor)}
    found = [(each.quad, answer.quads) for answer in answers for each in answer.found]
    if found:
        real = sum(any(geometry.overlap(quad, true) > FOUND for true in quads) for quad, quads in found)
        scores["quad_precision"] = binomial_score(real, len(found), floor)
    if errors:
        scores["corner_error"] = float(np.mean(errors))
    scores["corner_error_of_mean_quad"] = float(np.mean([geometry.corner_error(a, b) for a, b in zip(blind[1], truth, strict=True)]))
    return scores


def reading_scores(stamped: Sequence[Answer], plain: Sequence[Answer]) -> dict[str, Score | float]:
    """Share of stamps read, and of frames without one that are left alone.

    read: some quad says the stamp's text; one who does not look guesses a random message, so its floor is 0. read_at_true_corners: the
    same with the corners given, which no detector can be blamed for. left_alone: nothing is read where there is nothing; its floor
    is 0 for one who always finds something. false_readings_per_1000 counts the opposite.
    """
    right = sum(any(said.text == answer.text for said in answer.said) for answer in stamped)
    known = sum(answer.said_at_true_corners == answer.text for answer in stamped)
    wrong = sum(any(said.text != answer.text for said in answer.said) for answer in stamped)
    silent = sum(not answer.said for answer in plain)
    return {
        "read": binomial_score(right, len(stamped), 0.0),
        "read_at_true_corners": binomial_score(known, len(stamped), 0.0),
        "frames_with_a_wrong_text": float(wrong),
        "left_alone": binomial_score(silent, len(plain), 0.0),
        "false_readings_per_1000": 1000 * (len(plain) - silent) / len(plain),
    }


def blind_answers(answers: Sequence[Answer]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What two who never look would answer to each case: the whole frame, and the mean of all true quads in shares of a frame."""
    mean = np.mean([geometry.order(answer.quads[0]) / answer.size for answer in answers], axis=0)
    whole = np.float32([[0, 0], [1, 0], [1, 1], [0, 1]])
    return [whole * answer.size for answer in answers], [np.float32(mean * answer.size) for answer in answers]
