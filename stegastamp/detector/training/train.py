"""One training of the detector, from top to bottom."""

from dataclasses import asdict
from pathlib import Path

import numpy as np

from longrun import AtFloor, Checkpointer, Health, Interrupted, Metrics, NonFinite, Run, Spike, Unhealthy, every, result, write_report
from longrun.step import device
from longrun.step.seeding import name_code
from stegastamp.detector.config import FREE, PROJECT, DetectorConfig
from stegastamp.detector.finding import search
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.measure import exam, pictures
from stegastamp.detector.training import steps
from stegastamp.detector.training.album import Album, batches
from stegastamp.network import stamp
from stegastamp.pictures.codec import released
from stegastamp.pictures.photos import training_and_held_out

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


def guards(config: DetectorConfig) -> list:
    """The guards of a run: numbers that are none, maps that say no more than a constant, gradients that jump."""
    cause = "the maps say no more than their mean: nothing is found"
    floor = AtFloor("knowledge", cause, tolerance=0.01, after=config.guard_after)
    return [NonFinite(), floor, Spike("gradient_norm", factor=1e4)]


def train(config: DetectorConfig, folder: Path | str, preset: str = "custom") -> dict:
    """Train to `config.steps`, or go on with the run in `folder`; returns its result (see longrun.run.report.result).

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and ValueError or OSError for bad input.
    """
    folder = Path(folder)
    device.configure(seed=config.seed, precision=config.precision)
    photos, held_out = training_and_held_out(config.images, config.held_out, SHORTEST)
    stamper = stamp.load(config.stamps or released())
    album = Album(photos, stamper, config.seed)
    cases = list(exam.draw(held_out, None, CASES, *FRAME))
    parts = steps.build(config)
    checks = Health(guards(config), config.on_unhealthy)
    identity = {"project": PROJECT, **asdict(config)}
    with Run(folder, project=PROJECT, preset=preset, config=asdict(config), total_steps=config.steps) as run:
        checkpointer = Checkpointer(folder / "checkpoints", parts.groups, identity, free=FREE, best=("quad_recall", "max"))
        done, state = checkpointer.restore() or (0, {})
        if state:
            checks.load(state["health"])
        metrics = Metrics(folder, start=done, total=config.steps, shown=("knowledge", "excess", "quad_recall", "corner_error"))
        metrics.load(state.get("metrics", []))
        if done:
            print(f"going on at step {done} of {config.steps} in {folder}", flush=True)
        detector = Detector(parts.model, config, preset)

        def save(step, values=None, *, provisional):
            metrics.sync()
            checkpointer.save(step, {"health": checks.state(), "metrics": metrics.state()}, values, provisional=provisional)

        def data(start):
            # Other frames after a rollback, or it would end where it did.
            return batches(album, config, (config.seed ^ name_code("frames")) + 1000 * checks.attempt, start, config.steps)

        try:
            with metrics:
                source = data(done)
                for step in run.steps(done):
                    values = steps.scalars(config, step)
                    metrics.add(step + 1, parts.step(next(source), values))
                    done = step + 1
                    if every(done, config.log_every, config.steps):
                        evaluated = every(done, config.evaluate_every, config.steps)
                        if evaluated:
                            parts.average.swap()
                            values |= plain(exam.localisation(list(exam.examine(detector, cases))))
                            metrics.images(done, "found", picture(detector, cases[:4]) / 255)
                            parts.average.swap()
                        logged = metrics.flush(done, values)
                        if checks.check(done, logged):
                            done = roll_back(checkpointer, checks)
                            run.go_back(done)
                            metrics.go_back(done)
                            source = data(done)
                            continue
                        if evaluated:
                            report(folder, preset, checks, draw=False)
                    if every(done, config.save_every, config.steps):
                        save(done, logged, provisional=checks.counting)
                if run.interrupted:
                    save(done, provisional=True)
            run.raise_if_interrupted(done)
        except (Unhealthy, Interrupted) as end:
            if checks.sick:
                checkpointer.drop_provisional()
            report(folder, preset, checks, end)
            raise
        parts.average.swap()
        detector.step = done
        cases = list(exam.draw(held_out, None, config.test_count, *FRAME))
        outcome = result(PROJECT, preset, done, exam.localisation(list(exam.examine(detector, cases))))
        search.save(folder / "export", detector, outcome)
        pictures.write_sheet(folder / "found.png", picture(detector, cases[:8]), across=4)
        parts.average.swap()
        run.finish(outcome)
        report(folder, preset, checks)
    return outcome


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


def roll_back(checkpointer: Checkpointer, checks: Health) -> int:
    """Back to the last good checkpoint, whose step is returned; without one the run ends."""
    checkpointer.drop_provisional()
    saved = checkpointer.restore()
    if saved is None:
        raise Unhealthy(checks.findings)
    step, state = saved
    checks.rolled_back(state["health"])
    print(f"rolled back to step {step}, attempt {checks.attempt}", flush=True)
    return step


def report(folder: Path, preset: str, checks: Health, end: Exception | None = None, draw: bool = True) -> None:
    """REPORT.md: on the way, and whatever the end was."""
    shown = {"true quads green, found magenta": "found.png"} if (folder / "found.png").exists() else {}
    write_report(
        folder, title=f"{PROJECT} {preset}", columns=COLUMNS, floors={"knowledge": 0.0, "excess": 0.0},
        findings=checks.findings, pictures=shown, end=end, draw=draw,
    )  # fmt: skip
