"""Speed and memory of a preset's training step, as ratios measured in one run, each part in a process of its own; and of pictures."""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from longrun.cli import command
from longrun.errors import UserError
from longrun.measure.peer import ask
from stegastamp.presets import PRESETS

PARTS = ("graph", "eager", "data")


def bench(preset: str, steps: int, peer: str, batch_size: int) -> None:
    """Print milliseconds of the compiled and the eager step and of preparing a batch, peak memory, and their ratios.

    Beside the time on the clock stands that of all processors, which other work on the machine hardly changes.
    peer: see longrun.measure.peer.ask; run after ours. Nothing of the preset is left out; LPIPS has a backbone of the right shape drawn at
    random, which costs what the official one does and is always there.
    """
    if preset not in PRESETS:
        raise UserError(f"unknown preset {preset!r}{command.nearest(preset, list(PRESETS))}")
    if steps < 1 or batch_size < 0:
        raise UserError(f"--steps {steps} must be at least 1 and --batch-size {batch_size} at least 0, which is the preset's")
    found = {part: _in_process(preset, part, steps, batch_size) for part in PARTS}
    graph, eager, data = (found[part]["milliseconds"] for part in PARTS)
    cpu = {part: f"{found[part]['processor_milliseconds']:.1f}" for part in PARTS}
    config = PRESETS[preset]()
    print(f"{preset}: {config.size} px, {config.bits} bits, batch {found['graph']['batch_size']}, medians of {steps} steps\n")
    print("| what | ms | processor ms | ratio |\n|---|---|---|---|")
    print(f"| step, graph | {graph:.1f} | {cpu['graph']} | 1 |")
    print(f"| step, eager | {eager:.1f} | {cpu['eager']} | {eager / graph:.2f} x the graph's |")
    print(f"| preparing a batch (overlaps with the step) | {data:.2f} | {cpu['data']} | {data / graph:.1%} of the step |")
    if peer:
        for name, milliseconds in ask(peer).items():
            print(f"| {name} | {milliseconds:.1f} | | graph is {graph / milliseconds:.2f} x this |")
    memory = ", ".join(f"{part} {found[part]['peak_gigabytes']:.2f} GB" for part in ("graph", "eager"))
    print(f"\npeak memory of the process: {memory}")


def measure(preset: str, part: str, steps: int, batch_size: int) -> dict:
    """One part in this process: {"milliseconds" and "processor_milliseconds": medians, "peak_gigabytes", "batch_size"}."""
    from longrun.step import device
    from stegastamp.network.backbones import FOLDER_VARIABLE
    from stegastamp.pictures.photos import training_and_held_out
    from stegastamp.training import regimes
    from stegastamp.training.data import batches
    from stegastamp.training.steps import build

    config = replace(PRESETS[preset](), mode="eager" if part == "eager" else "graph")
    config = replace(config, batch_size=batch_size or config.batch_size)
    device.configure(seed=config.seed, precision=config.precision)
    photos, _ = training_and_held_out(config.images, config.held_out, config.size)
    source = batches(photos, config.size, config.batch_size, config.seed, 0, 10**6)
    if part == "data":
        return _timed(lambda: next(source), 20 + 10 * steps, 20, config)
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        if config.lpips != "none":
            save_random_backbone(config.lpips, folder)
            os.environ[FOLDER_VARIABLE] = folder
        parts = build(config, tf.distribute.get_strategy())
    # All terms at full weight, as in the late part of a training.
    values = regimes.scalars(config, config.steps - 1, regimes.ClosedLoop())
    return _timed(lambda: float(parts.full_step(next(source), values)["loss"]), 2 + steps, 2, config)


def save_random_backbone(net: str, folder: str) -> None:
    """Weights of the shape of LPIPS' backbone `net`, where `stegastamp.network.lpips.load` looks for them."""
    import keras
    import numpy as np

    from stegastamp.network.backbones import weights_path
    from stegastamp.network.lpips import lpips_model

    backbone = next(layer for layer in lpips_model(net).layers if isinstance(layer, keras.Model))
    arrays = {f"{layer.name}.{weight.name}": weight.numpy() for layer in backbone.layers for weight in layer.weights}
    np.savez(weights_path(net, folder), **arrays)


def bench_pictures(checkpoint: str = "", megapixels: float = 12.0, rounds: int = 5) -> None:
    """Print how long a photo takes to encode and decode once the networks are loaded, as array and as file: medians, and CPU time.

    The photo is one of scikit-image's, enlarged, with fine noise so that files have the size of a camera's.
    """
    import cv2
    import numpy as np
    from skimage import data

    from stegastamp.message.formats import formats_for
    from stegastamp.pictures import codec
    from stegastamp.pictures.files import encode_file
    from stegastamp.pictures.formats import Picture, file_bytes, read_picture

    used = codec.load(checkpoint)
    formats = formats_for(used.stamper.config.bits)
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    photo = cv2.resize(data.chelsea(), (height * 4 // 3, height), interpolation=cv2.INTER_CUBIC)
    photo = cv2.add(photo, np.random.default_rng(0).normal(0, 3, photo.shape).astype(np.float32), dtype=cv2.CV_8U)
    message = "Stega!!" if formats[0].name == "text7" else "6f1c2b1e-5a3d-4e8f-9b7a-0123456789ab"
    stamped = used.encode(photo, message)
    rows = {
        "encode an array, read back": lambda: used.encode(photo, message),
        "decode it": lambda: used.decode(stamped),
        "decode one without a stamp (every try)": lambda: used.decode(photo),
    }
    print(f"{used.stamper.preset}: {photo.shape[1]}x{photo.shape[0]}, medians of {rounds} after one to warm up, networks loaded\n")
    print("| what | seconds | CPU seconds |\n|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for suffix in (".jpg", ".png"):
            source, target = Path(scratch) / f"photo{suffix}", Path(scratch) / f"stamped{suffix}"
            source.write_bytes(file_bytes(Picture(photo), suffix))
            rows[f"{suffix[1:]} file: read, encode, write, read back"] = partial(encode_file, used, source, target, message)
            rows[f"{suffix[1:]} file: read, decode"] = lambda target=target: used.read_picture(read_picture(target), formats)
        for name, work in rows.items():
            times = [_clocked(work) for _ in range(rounds + 1)][1:]
            wall, processor = (statistics.median(kind) for kind in zip(*times, strict=True))
            print(f"| {name} | {wall:.2f} | {processor:.2f} |", flush=True)


def _clocked(work):
    start, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - processor


def _timed(work, count, warm, config):
    wall, processor = (statistics.median(times[warm:]) for times in zip(*(_clocked(work) for _ in range(count)), strict=True))
    found = {"milliseconds": 1e3 * wall, "processor_milliseconds": 1e3 * processor}
    return found | {"peak_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, "batch_size": config.batch_size}


def _in_process(preset, part, steps, batch_size):
    call = "from stegastamp.measure.bench import measure; import json; "
    call += f"print(json.dumps(measure({preset!r}, {part!r}, {steps}, {batch_size})))"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        raise UserError(f"the part {part} of {preset} ended with exit code {done.returncode}: {said}")
    return json.loads(done.stdout.strip().splitlines()[-1])
