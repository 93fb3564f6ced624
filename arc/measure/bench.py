"""Speed of the data path and of a preset's step, as ratios measured in one run."""

import itertools

import tensorflow as tf

from arc.config import Config
from arc.presets import PRESETS
from arc.training import schedules
from arc.training.data import batch
from arc.training.steps import build
from longrun.cli.training import preset_of
from longrun.config import changed
from longrun.errors import UserError
from longrun.measure.bench import print_table, timed
from longrun.measure.peer import ask
from longrun.step import device

SHARDS = 2


def bench(
    preset: str = "quick", /, *, steps: int = 10, side: int = 0, batch_size: int = 0, jit_compile: bool = False, peer: str = ""
) -> None:
    """Measure milliseconds of a batch and of the step as a graph, as ratios of one run.

    preset: The preset whose step is measured.
    steps: Steps to time; the median counts.
    side: Side of the canvas in place of the preset's; 30 with --batch-size 8 is the encoder-decoder with 900 tokens.
    batch_size: Samples in a batch, in place of the preset's.
    jit_compile: Measure the step under XLA too, whole and in shards.
    peer: A command that times the same step in another framework, run after the rest.

    Example:
        python -m arc bench plain --side 30 --batch-size 8 --jit-compile
    """
    config = preset_of(PRESETS, preset)
    if not isinstance(config, Config):
        raise UserError(f"{preset} is a training of the original run; its step is not measured here")
    if steps < 1:
        raise UserError(f"steps must be at least 1, not {steps}")
    config = changed(config, jit_compile=False, shards=1)
    config = changed(config, side=side or config.network.side, batch_size=batch_size or config.data.batch_size)
    under_xla = [changed(config, jit_compile=True, shards=count) for count in (1, SHARDS)] if jit_compile else []
    device.configure(seed=config.run.seed)
    print(f"{preset}: {config.network.model}, {config.network.cells} cells, batch {config.data.batch_size}, medians of {steps}\n")
    step = itertools.count()
    drawn = timed(lambda: batch(config, 0, next(step)), steps)["milliseconds"]
    graph = _step(config, steps)
    rows = [["batch", f"{drawn:.1f} ms", f"{drawn / graph:.3f} x the step"], ["step, graph", f"{graph:.1f} ms", "1"]]
    for each in under_xla:
        compiled = _step(each, steps)
        shards = f", the batch in {each.run.shards} shards" if each.run.shards > 1 else ""
        rows.append([f"step, XLA{shards}", f"{compiled:.1f} ms", f"{compiled / graph:.2f} x the graph's"])
    for name, milliseconds in (ask(peer) if peer else {}).items():
        rows.append([name, f"{milliseconds:.1f} ms", f"graph is {graph / milliseconds:.2f} x this"])
    print_table(("what", "result", "ratio"), rows)


def _step(config: Config, steps: int) -> float:
    parts, scalars = build(config), schedules.scalars(config, 0)
    rows = {name: tf.constant(value) for name, value in batch(config, 0, 0).items()}
    return timed(lambda: float(parts.step(rows, scalars)["loss"]), steps)["milliseconds"]
