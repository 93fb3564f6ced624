"""Speed of a preset's step and of its puzzles, as ratios measured in one run. Each part has a process of its own."""

import json
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace

from hrm.classic.config import ClassicConfig
from hrm.config import Config
from hrm.presets import PRESETS
from longrun.cli import command
from longrun.errors import UserError
from longrun.measure.peer import ask, medians

PEER = Config(width=128, heads=4, inner=256, side=10, puzzle="arc", batch_size=16, prefix=0, puzzle_width=0, positions="rotary", segments=6)
"""The step that peers are measured on: d = 128, sequence 100, batch 16, two cycles of two."""
PARTS = ("eager", "graph", "jit", "shards", "data")
SHARDS = 2
TURNS = 3


def bench(preset: str, steps: int, peer: str) -> None:
    """Print milliseconds of the eager, compiled and XLA step and of preparing a batch, and their ratios.

    preset: "peer", or one of the presets. peer: see longrun.measure.peer.ask. All parts take turns, so that a
    machine that slows down meanwhile slows all of them; the medians of TURNS turns count.
    """
    if preset != "peer" and (preset not in PRESETS or isinstance(PRESETS[preset](), ClassicConfig)):
        raise UserError(f"unknown preset {preset!r}{command.nearest(preset, ['peer', *PRESETS])}")
    if steps < 1:
        raise UserError(f"steps must be at least 1, not {steps}")
    turns = [({part: _in_process(preset, part, steps) for part in PARTS}, ask(peer) if peer else {}) for _ in range(TURNS)]
    found = {part: medians([ours[part] for ours, _ in turns]) for part in PARTS}
    eager, graph, jit, shards, data = (found[part]["milliseconds"] for part in PARTS)
    best = min(graph, jit, shards)
    config = configuration(preset)
    length = config.prefix + config.cells
    print(f"{preset}: {config.width} channels, sequence {length}, batch {config.batch_size}, medians of {TURNS} turns of {steps} steps\n")
    print("| what | ms | ratio |\n|---|---|---|")
    print(f"| step, eager | {eager:.1f} | 1 |")
    print(f"| step, graph | {graph:.1f} | {graph / eager:.2f} x eager |")
    print(f"| step, graph + XLA | {jit:.1f} | {jit / eager:.2f} x eager, first call {found['jit']['first_seconds']:.1f} s |")
    print(f"| the same, the batch in {SHARDS} shards | {shards:.1f} | {shards / eager:.2f} x eager |")
    print(f"| preparing a batch (overlaps with the step) | {data:.2f} | {data / best:.1%} of the faster step |")
    for name, milliseconds in medians([answers for _, answers in turns]).items():
        print(f"| {name} | {milliseconds:.1f} | ours is {best / milliseconds:.2f} x this |")
    print("\npeak memory: " + ", ".join(f"{part} {found[part]['peak_gigabytes']:.2f} GB" for part in PARTS[:-1]))


def configuration(preset: str) -> Config:
    """Of a preset, or of the step that peers are measured on."""
    return PEER if preset == "peer" else PRESETS[preset]()


def measure(preset: str, part: str, steps: int) -> dict:
    """One part in this process: {"milliseconds": median, "first_seconds", "peak_gigabytes"}."""
    from hrm.puzzles.sources import make_source
    from hrm.training.data import least_segments
    from hrm.training.steps import build
    from hrm.training.train import scalars
    from longrun.step import device

    config = configuration(preset)
    config = replace(config, mode="eager" if part == "eager" else "graph", jit_compile=part in ("jit", "shards"))
    config = replace(config, shards=SHARDS if part == "shards" else 1)
    device.configure(seed=config.seed, precision=config.precision)
    source = make_source(config)
    if part == "data":
        return _timed(lambda step: source.batch(0, step, config.batch_size), 20 + 10 * steps, 20)
    parts = build(config, len(source.identifiers))
    batch = {**source.batch(0, 0, config.batch_size).inputs(), "least": least_segments(config, 0, 0)}
    return _timed(lambda step: float(parts.step(batch, scalars(config, step))["loss"]), 2 + steps, 2)


def _timed(work, count, warm):
    times = []
    for index in range(count):
        start = time.perf_counter()
        work(index)
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"milliseconds": 1e3 * statistics.median(times[warm:]), "first_seconds": times[0], "peak_gigabytes": peak}


def _in_process(preset, part, steps):
    call = f"from hrm.measure.bench import measure; import json; print(json.dumps(measure({preset!r}, {part!r}, {steps})))"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the part {part} failed: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
