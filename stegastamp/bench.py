"""Speed and memory of a preset's training step, as ratios measured in one run. Each part has a process of its own."""

import json
import resource
import shlex
import statistics
import subprocess
import sys
import time
from dataclasses import replace

from longrun import command
from stegastamp.presets import PRESETS

PARTS = ("graph", "eager", "data")


def bench(preset: str, steps: int, peer: str, batch_size: int) -> None:
    """Print milliseconds of the compiled and the eager step and of preparing a batch, peak memory, and their ratios.

    peer: a command that prints JSON lines with "median_ms" for the same step elsewhere, e.g. in PyTorch; run beside the others.
    LPIPS is left out (its weights may not be there); everything else of the preset is in.
    """
    if preset not in PRESETS:
        raise command.BadInput(f"unknown preset {preset!r}{command.nearest(preset, list(PRESETS))}")
    found = {part: _in_process(preset, part, steps, batch_size) for part in PARTS}
    graph, eager, data = (found[part]["milliseconds"] for part in PARTS)
    config = PRESETS[preset]()
    print(f"{preset}: {config.size} px, {config.bits} bits, batch {found['graph']['batch_size']}, medians of {steps} steps\n")
    print("| what | ms | ratio |\n|---|---|---|")
    print(f"| step, graph | {graph:.1f} | 1 |")
    print(f"| step, eager | {eager:.1f} | {eager / graph:.2f} x the graph's |")
    print(f"| preparing a batch (overlaps with the step) | {data:.2f} | {data / graph:.1%} of the step |")
    if peer:
        lines = subprocess.run(shlex.split(peer), capture_output=True, text=True, check=True).stdout.splitlines()
        for line in (json.loads(text) for text in lines if text.startswith("{")):
            print(f"| {line['peer']}, {line['step']} | {line['median_ms']:.1f} | graph is {graph / line['median_ms']:.2f} x this |")
    memory = ", ".join(f"{part} {found[part]['peak_gigabytes']:.2f} GB" for part in ("graph", "eager"))
    print(f"\npeak memory of the process: {memory}")


def measure(preset: str, part: str, steps: int, batch_size: int) -> dict:
    """One part in this process: {"milliseconds": median, "peak_gigabytes", "batch_size"}."""
    from longrun import device
    from stegastamp import regimes
    from stegastamp.data import batches
    from stegastamp.photos import training_and_held_out
    from stegastamp.steps import build

    config = replace(PRESETS[preset](), lpips="none", mode="eager" if part == "eager" else "graph")
    config = replace(config, batch_size=batch_size or config.batch_size)
    device.configure(seed=config.seed, precision=config.precision)
    photos, _ = training_and_held_out(config.images, config.held_out, config.size)
    source = batches(photos, config.size, config.batch_size, config.seed, 0, 10**6)
    if part == "data":
        return _timed(lambda _: next(source), 20 + 10 * steps, 20, config)
    import tensorflow as tf

    parts = build(config, tf.distribute.get_strategy())
    # All terms at full weight, as in the late part of a training.
    values = regimes.scalars(config, config.steps - 1, regimes.ClosedLoop())
    return _timed(lambda _: float(parts.full_step(next(source), values)["loss"]), 2 + steps, 2, config)


def _timed(work, count, warm, config):
    times = []
    for index in range(count):
        start = time.perf_counter()
        work(index)
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"milliseconds": 1e3 * statistics.median(times[warm:]), "peak_gigabytes": peak, "batch_size": config.batch_size}


def _in_process(preset, part, steps, batch_size):
    call = f"from stegastamp.bench import measure; import json; print(json.dumps(measure({preset!r}, {part!r}, {steps}, {batch_size})))"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the part {part} failed: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
