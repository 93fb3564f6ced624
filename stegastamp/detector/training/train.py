"""One training of the detector, from top to bottom."""

import hashlib
from pathlib import Path

import numpy as np

from longrun import AtFloor, Health, NonFinite, Report, Run, Spike, loop, result
from longrun.step import device
from longrun.step.seeding import name_code
from stegastamp.detector.config import DetectorConfig
from stegastamp.detector.finding import search
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.measure import exam, pictures
from stegastamp.detector.training import steps
from stegastamp.detector.training.album import Album, batches
from stegastamp.network import stamp
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.codec import released
from stegastamp.pictures.photos import fingerprint, training_and_held_out

SHORTEST = 128
"""Short side of the smallest photo that is used."""
CASES = 24
"""Held-out frames in the evaluations during training."""
FRAME = (480, 640)
"""Their height and width."""
COLUMNS = (
    *("quad_recall", "quad_precision", "corner_error", "excess", "knowledge", "picture_error", "loss"),
    *("gradient_norm", "learning_rate", "steps_per_second"),
)
SHOWN = ("knowledge", "excess", "quad_recall", "corner_error")
REPORT = Report(COLUMNS, {"knowledge": 0.0, "excess": 0.0}, pictures={"true quads green, found magenta": "found.png"})


def guards(config: DetectorConfig) -> list:
    """The guards of a run: numbers that are none, maps that say no more than a constant, gradients that jump."""
    cause = "the maps say no more than their mean: nothing is found"
    floor = AtFloor("knowledge", cause, tolerance=0.01, after=config.run.guard_after)
    return [NonFinite(), floor, Spike("gradient_norm", factor=1e4)]


def train(config: DetectorConfig, folder: Path | str, preset: str = "custom") -> dict:
    """Train to the last step, or go on with the run in `folder`; returns its result (see longrun.run.report.result).

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and UserError or OSError for bad input.
    """
    folder, settings = Path(folder), config.run
    device.configure(seed=settings.seed, precision=settings.precision, deterministic=settings.deterministic)
    photos, held_out = training_and_held_out(config.scene.images, config.scene.held_out, SHORTEST)
    stamper = stamp.load(config.scene.stamps or released(), "keras")
    album = Album(photos, stamper, settings.seed)
    cases = list(exam.draw(held_out, None, CASES, *FRAME))
    parts = steps.build(config)
    detector = Detector(parts.model, config, preset)

    def data(start: int, attempt: int):
        # Other frames after a rollback, or it would end where it did.
        return batches(album, config, (settings.seed ^ name_code("frames")) + 1000 * attempt, start, settings.steps)

    identity = {"photos": fingerprint(photos), "stamper": weights_of(stamper)}
    best = ("quad_recall", "max")
    with Run(folder, config, preset=preset, report=REPORT) as run:
        health = Health(guards(config), settings.on_unhealthy)
        for tick in loop(run, parts.groups, health, data=data, identity=identity, best=best, shown=SHOWN):
            values = steps.scalars(config, tick.step)
            tick.did(parts.step(tick.batch, values), values)
            if tick.evaluating:
                with parts.average.used():
                    tick.log(plain(exam.localisation(list(exam.examine(detector, cases)))))
                    tick.images("found", picture(detector, cases[:4]) / 255)
        detector.step = run.total
        cases = list(exam.draw(held_out, None, settings.test_count, *FRAME))
        with parts.average.used():
            outcome = result(config.PROJECT, preset, run.total, exam.localisation(list(exam.examine(detector, cases))))
            search.save(folder / "export", detector, outcome)
            pictures.write_sheet(folder / "found.png", picture(detector, cases[:8]), across=4)
        run.finish(outcome)
    return outcome


def weights_of(stamper: Stamper) -> str:
    """What identifies the network that marks the photos, wherever it lies."""
    digest = hashlib.blake2b(digest_size=16)
    for weight in stamper.encoder.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


def plain(scores: dict) -> dict[str, float]:
    """Scores as the plain numbers of a line of metrics."""
    return {name: score if isinstance(score, float) else score.value for name, score in scores.items()}


def picture(detector: Detector, cases: list[exam.Case]) -> np.ndarray:
    """Frames with the true quads in green and the found ones in magenta, (N, 480, 640, 3) uint8."""
    drawn = []
    for case in cases:
        found = [each.quad for each in detector.seen(case.scene.frame)]
        colours = [(0, 255, 0)] * len(case.scene.quads) + [(255, 0, 255)] * len(found)
        drawn.append(pictures.draw(case.scene.frame, [*case.scene.quads, *found], colours))
    return np.stack(drawn)
