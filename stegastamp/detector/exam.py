"""Held-out frames, and how well quads are found in them, beside the floor of one who does not look."""

from dataclasses import dataclass

import numpy as np

from longrun import Score, binomial_score, seeding
from stegastamp import message
from stegastamp.detector import geometry
from stegastamp.detector.album import cut_picture
from stegastamp.detector.scenes import Layout, Scene, compose
from stegastamp.detector.search import Detector
from stegastamp.photos import Photos
from stegastamp.stamp import Stamper

FOUND = 0.8
"""Intersection over union above which a quad counts as found."""
COVERAGE = (0.08, 0.5)
TILT = 35.0
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"


@dataclass(frozen=True)
class Case:
    """A held-out frame. Its first picture is stamped and says `text`; where text is None no picture is."""

    scene: Scene
    text: str | None


def draw(photos: Photos, stamper: Stamper | None, count: int, height: int, width: int, seed: int = 9) -> list[Case]:
    """`count` frames of photos that training never saw, with one picture and up to two more, always the same.

    The first picture covers 8 to 50 % of the frame and is tilted by up to 35 degrees. It is stamped with a text of seven characters
    where a stamper is given; without one no frame holds a stamp. The others, background and clutter never are.
    """
    layout = Layout(height, width, COVERAGE, TILT, blur=max(height, width) / 1000)
    cases = []
    for number in range(count):
        generator = np.random.default_rng([seed, number, seeding.name_code("stamped" if stamper else "plain")])
        chosen = [photos.images[generator.integers(0, len(photos))] for _ in range(9)]
        pictures = [cut_picture(photo, generator, max(height, width)) for photo in chosen[: 1 + int(generator.integers(0, 3))]]
        text = None
        if stamper is not None:
            text = "".join(generator.choice(list(LETTERS), message.TEXT_BYTES))
            bits = message.encode_text(text, stamper.config.bits).astype(np.float32)
            pictures[0] = stamper.stamp_image(pictures[0], bits)
        textures = chosen[3 : 3 + int(generator.integers(0, 5))]
        cases.append(Case(compose(chosen[-1], pictures, textures, layout, generator), text))
    return cases


def localisation(detector: Detector, cases: list[Case]) -> dict[str, Score | float]:
    """How many of the first pictures are found, how exactly, and how many of the quads found are pictures at all.

    quad_recall: an answer overlaps the picture by more than .8; its floor is the better of two that do not look: the whole frame,
    and the mean of all true quads. corner_error: mean over the found, as a share of the root of the picture's area.
    """
    truth = [case.scene.quads[0] for case in cases]
    found = [[each.quad for each in detector.quads(case.scene.frame)] for case in cases]
    best = [max((q for q in quads), key=lambda q: geometry.overlap(q, true), default=None) for quads, true in zip(found, truth, strict=True)]
    hits = [quad is not None and geometry.overlap(quad, true) > FOUND for quad, true in zip(best, truth, strict=True)]
    errors = [geometry.corner_error(quad, true) for quad, true, hit in zip(best, truth, hits, strict=True) if hit]
    blind = blind_answers(cases)
    floor = max(np.mean([geometry.overlap(a, b) > FOUND for a, b in zip(answer, truth, strict=True)]) for answer in blind)
    answers = [(quad, case) for quads, case in zip(found, cases, strict=True) for quad in quads]
    real = sum(any(geometry.overlap(quad, true) > FOUND for true in case.scene.quads) for quad, case in answers)
    scores: dict[str, Score | float] = {"quad_recall": binomial_score(sum(hits), len(cases), float(floor))}
    if answers:
        scores["quad_precision"] = binomial_score(real, len(answers), float(floor))
    scores["corner_error"] = float(np.mean(errors)) if errors else float("nan")
    scores["corner_error_of_mean_quad"] = float(np.mean([geometry.corner_error(a, b) for a, b in zip(blind[1], truth, strict=True)]))
    return scores


def blind_answers(cases: list[Case]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What two who never look would answer to each case: the whole frame, and the mean of all true quads in shares of a frame."""
    sizes = [np.float32(case.scene.frame.shape[1::-1]) for case in cases]
    mean = np.mean([geometry.order(case.scene.quads[0]) / size for case, size in zip(cases, sizes, strict=True)], axis=0)
    whole = np.float32([[0, 0], [1, 0], [1, 1], [0, 1]])
    return [whole * size for size in sizes], [np.float32(mean * size) for size in sizes]
