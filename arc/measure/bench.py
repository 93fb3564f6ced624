"""Speed of the data path and of a preset's step, as ratios measured in one run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import tensorflow as tf

from arc.config import Config
from arc.presets import PRESETS
from arc.training import schedules
from arc.training.data import batch
from arc.training.steps import build
from longrun.cli import command
from longrun.errors import UserError
from longrun.measure.peer import ask
from longrun.step import device

SHARDS = 2


def bench(preset: str, steps: int = 10, side: int = 0, batch_size: int = 0, jit_compile: bool = False, peer: str = "") -> None:
    """Print ms of a batch and of the step as a graph and, with --jit-compile, under XLA, whole and in shards; then those of a peer.

    side 30 with batch_size 8 is the encoder-decoder with 900 tokens. peer: see longrun.measure.peer.ask; run after ours.
    """
    if preset not in PRESETS:
        raise UserError(f"unknown preset {preset!r}{command.nearest(preset, list(PRESETS))}")
    if steps < 1:
        raise UserError(f"steps must be at least 1, not {steps}")
    config = replace(PRESETS[preset](), jit_compile=False, shards=1)
    config = replace(config, side=side or config.side, batch_size=batch_size or config.batch_size)
    under_xla = [replace(config, jit_compile=True, shards=count) for count in (1, SHARDS)] if jit_compile else []
    device.configure(seed=config.seed)
    print(f"{preset}: {config.model}, {config.cells} cells, batch {config.batch_size}, medians of {steps}\n")
    print("| what | result | ratio |\n|---|---|---|")
    drawn = _median(lambda step: batch(config, 0, step), steps)
    graph = _step(config, steps)
    print(f"| batch | {1e3 * drawn:.1f} ms | {drawn / graph:.3f} x the step |")
    print(f"| step, graph | {1e3 * graph:.1f} ms | 1 |")
    for each in under_xla:
        compiled = _step(each, steps)
        shards = f", the batch in {each.shards} shards" if each.shards > 1 else ""
        print(f"| step, XLA{shards} | {1e3 * compiled:.1f} ms | {compiled / graph:.2f} x the graph's |")
    if peer:
        for name, milliseconds in ask(peer).items():
            print(f"| {name} | {milliseconds:.1f} ms | graph is {1e3 * graph / milliseconds:.2f} x this |")


def _step(config: Config, steps: int) -> float:
    parts, scalars = build(config), schedules.scalars(config, 0)
    rows = {name: tf.constant(value) for name, value in batch(config, 0, 0).items()}
    return _median(lambda _: float(parts.step(rows, scalars)["loss"]), steps)


def _median(work: Callable[[int], object], count: int) -> float:
    work(0)
    work(1)
    times = []
    for index in range(count):
        start = time.perf_counter()
        work(index)
        times.append(time.perf_counter() - start)
    return statistics.median(times)
