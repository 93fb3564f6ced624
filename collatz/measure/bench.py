"""Speed of the data path and of a preset's step, as ratios measured in one run."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import tensorflow as tf

from collatz.config import Config
from collatz.numbers.features import feature_batch, reference_features
from collatz.numbers.limbs import to_integers
from collatz.numbers.syracuse import syracuse_step
from collatz.presets import PRESETS
from collatz.training import schedules
from collatz.training.sampler import Sampler
from collatz.training.steps import build
from longrun.cli.training import preset_of
from longrun.config import changed
from longrun.errors import UserError
from longrun.measure.bench import print_table, timed
from longrun.measure.peer import ask, medians
from longrun.step import device

DATA_BATCH = 4096
REFERENCE_ROWS = 1024
ROUNDS = 3


def bench(preset: str = "quick", /, *, steps: int = 20, batch_size: int = 0, peer: str = "") -> None:
    """Measure samples/s of the data path against plain Python, and milliseconds of a step, as ratios of one run.

    The data path runs on one core and is timed by that core's own time, which a busy machine does not change; steps by the clock.

    preset: The preset whose step is measured.
    steps: Batches and steps to time; the medians count.
    batch_size: Numbers in a batch of the step, in place of the preset's.
    peer: A command that times the same step in another framework (see longrun.measure.peer). It takes turns with the steps here,
        three each; the medians of the turns count.

    Example:
        python -m collatz bench run6 --peer "python torch_steps.py collatz"
    """
    config = preset_of(PRESETS, preset)
    if steps < 1:
        raise UserError(f"steps must be at least 1, not {steps}")
    config = changed(config, batch_size=batch_size or config.data.batch_size)
    device.configure(seed=config.run.seed)
    print(f"{preset}: lookahead {config.model.lookahead}, layers {config.model.layers}, batch {config.data.batch_size}")
    print(f"medians of {steps}, of the steps' the median of {ROUNDS} turns\n")
    features, draws, python = (1 / seconds for seconds in _data_path(config, steps))
    rows = [
        [f"features of n and T(n), batch {DATA_BATCH}", f"{features / 1e6:.2f} M samples/s a core", f"{features / python:.0f} x Python's"],
        ["the same with drawing n", f"{draws / 1e6:.2f} M samples/s a core", f"{draws / python:.0f} x Python's"],
        ["number by number in Python", f"{python / 1e3:.1f} k samples/s a core", "1"],
    ]
    variants = {"graph": {"mode": "graph"}, "eager": {"mode": "eager"}}
    if config.model.recipe == "original":
        variants["bfloat16"] = {"mode": "graph", "precision": "bfloat16"}
    # Turn about, so that a machine that slows down meanwhile slows all of them.
    runs = {name: _step(changed(config, **changes)) for name, changes in variants.items()}
    turns = [({name: timed(run, steps)["milliseconds"] for name, run in runs.items()}, ask(peer) if peer else {}) for _ in range(ROUNDS)]
    here, there = (medians(turn) for turn in zip(*turns, strict=True))
    rows.append(["step, graph", f"{here['graph']:.1f} ms", "1"])
    rows += [[f"step, {name}", f"{here[name]:.1f} ms", f"{here[name] / here['graph']:.2f} x the graph's"] for name in list(variants)[1:]]
    for name, milliseconds in there.items():
        compared = ", ".join(f"{each} is {here[each] / milliseconds:.2f} x" for each in variants if each != "eager")
        rows.append([name, f"{milliseconds:.1f} ms", f"{compared} this"])
    print_table(("what", "result", "ratio"), rows)


def _data_path(config: Config, steps: int) -> tuple[float, float, float]:
    """Seconds a sample: features alone, with drawing, and in Python."""
    lookahead = config.model.lookahead
    sampler = Sampler(replace(config.batches, batch_size=DATA_BATCH), lookahead)
    numbers, _ = sampler.draw(0, 0)
    integers = to_integers(numbers[:, :: DATA_BATCH // REFERENCE_ROWS])

    def in_python():
        for number in integers:
            reference_features(number, lookahead)
            reference_features(syracuse_step(number)[0], lookahead)

    step = itertools.count()
    works = ((lambda: feature_batch(numbers, lookahead), steps), (lambda: sampler.batch(0, next(step)), steps), (in_python, 5))
    features, draws, python = (timed(work, count)["processor_milliseconds"] / 1e3 for work, count in works)
    return features / DATA_BATCH, draws / DATA_BATCH, python / len(integers)


def _step(config: Config) -> Callable[[], float]:
    parts = build(config)
    batch = Sampler(config.batches, config.model.lookahead).batch(0, 0, shifts=config.loss.shifts)
    batch = {name: tf.constant(array) for name, array in batch.items()}
    scalars = schedules.scalars(config, 0, schedules.plateau(config))
    return lambda: float(parts.step(batch, scalars)["loss"])
