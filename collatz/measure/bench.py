"""Speed of the data path and of a preset's step, as ratios measured in one run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import tensorflow as tf

from collatz.numbers.features import feature_batch, reference_features
from collatz.numbers.limbs import to_integers
from collatz.numbers.syracuse import syracuse_step
from collatz.presets import PRESETS
from collatz.training import schedules
from collatz.training.sampler import Sampler
from collatz.training.steps import build
from longrun.cli import command
from longrun.errors import UserError
from longrun.measure.peer import ask, medians
from longrun.step import device

DATA_BATCH = 4096
REFERENCE_ROWS = 1024
ROUNDS = 3


def bench(preset: str, steps: int = 20, batch_size: int = 0, peer: str = "") -> None:
    """Print samples/s of the data path against the same features number by number in Python, and ms of the compiled and eager step.

    The data path runs on one core and is timed by that core's own time, which a busy machine does not change; steps by the clock.
    peer: see longrun.measure.peer.ask. It takes turns with ours; the medians of ROUNDS turns count.
    """
    if preset not in PRESETS:
        raise UserError(f"unknown preset {preset!r}{command.nearest(preset, list(PRESETS))}")
    if steps < 1:
        raise UserError(f"steps must be at least 1, not {steps}")
    config = PRESETS[preset]()
    config = replace(config, batch_size=batch_size or config.batch_size)
    device.configure(seed=config.seed)
    print(f"{preset}: lookahead {config.lookahead}, layers {config.layers}, batch {config.batch_size}")
    print(f"medians of {steps}, of the steps' the median of {ROUNDS} turns\n")
    print("| what | result | ratio |\n|---|---|---|")
    features, draws, python = (1 / seconds for seconds in _data_path(config, steps))
    print(f"| features of n and T(n), batch {DATA_BATCH} | {features / 1e6:.2f} M samples/s a core | {features / python:.0f} x Python's |")
    print(f"| the same with drawing n | {draws / 1e6:.2f} M samples/s a core | {draws / python:.0f} x Python's |")
    print(f"| number by number in Python | {python / 1e3:.1f} k samples/s a core | 1 |")
    # Turn about, so that a machine that slows down meanwhile slows all of them.
    variants = {"graph": {"mode": "graph"}, "eager": {"mode": "eager"}}
    if config.recipe == "original":
        variants["bfloat16"] = {"mode": "graph", "precision": "bfloat16"}
    runs = {name: _step(replace(config, **changes)) for name, changes in variants.items()}
    rounds = [({name: _median(run, steps) for name, run in runs.items()}, ask(peer) if peer else {}) for _ in range(ROUNDS)]
    ours, theirs = (medians(turns) for turns in zip(*rounds, strict=True))
    print(f"| step, graph | {1e3 * ours['graph']:.1f} ms | 1 |")
    for name in list(variants)[1:]:
        print(f"| step, {name} | {1e3 * ours[name]:.1f} ms | {ours[name] / ours['graph']:.2f} x the graph's |")
    for name, milliseconds in theirs.items():
        compared = ", ".join(f"{each} is {1e3 * ours[each] / milliseconds:.2f} x" for each in variants if each != "eager")
        print(f"| {name} | {milliseconds:.1f} ms | {compared} this |")


def _data_path(config, steps):
    """Seconds a sample: features alone, with drawing, and in Python."""
    sampler = Sampler(replace(config.batches, batch_size=DATA_BATCH), config.lookahead)
    numbers, _ = sampler.draw(0, 0)
    integers = to_integers(numbers[:, :: DATA_BATCH // REFERENCE_ROWS])

    def in_python():
        for number in integers:
            reference_features(number, config.lookahead)
            reference_features(syracuse_step(number)[0], config.lookahead)

    features = _median(lambda _: feature_batch(numbers, config.lookahead), steps, time.process_time)
    draws = _median(lambda step: sampler.batch(0, step), steps, time.process_time)
    return features / DATA_BATCH, draws / DATA_BATCH, _median(lambda _: in_python(), 5, time.process_time) / len(integers)


def _step(config):
    parts = build(config)
    batch = Sampler(config.batches, config.lookahead).batch(0, 0, shifts=config.shifts)
    batch = {name: tf.constant(array) for name, array in batch.items()}
    scalars = schedules.scalars(config, 0, schedules.plateau(config))
    return lambda _: float(parts.step(batch, scalars)["loss"])


def _median(work: Callable[[int], object], count: int, now: Callable[[], float] = time.perf_counter) -> float:
    work(0)
    work(0)
    times = []
    for index in range(count):
        start = now()
        work(index)
        times.append(now() - start)
    return statistics.median(times)
