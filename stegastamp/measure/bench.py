"""Speed and memory of a preset's training step, as ratios measured in one run; and of pictures."""

import os
import tempfile
from functools import partial
from pathlib import Path

from longrun.cli.training import preset_of
from longrun.config import changed
from longrun.errors import UserError
from longrun.measure.bench import in_process, print_table, timed
from longrun.measure.peer import ask
from stegastamp.presets import PRESETS

PARTS = ("graph", "eager", "data")


def bench(
    preset: str = "quick",
    /,
    *,
    steps: int = 10,
    peer: str = "",
    batch_size: int = 0,
    pictures: bool = False,
    checkpoint: str = "",
    start: bool = False,
    files: int = 500,
    megapixels: tuple[int, ...] = (),
) -> None:
    """Measure milliseconds a step and its parts, memory, and their ratios; or how long a photo takes.

    The time of all processors stands beside that on the clock: other work on the machine changes it less. Nothing of the preset is
    left out; LPIPS has a backbone of the right shape drawn at random, which costs what the official one does and is always there.

    preset: The preset whose step is measured.
    steps: Measured steps, of which the medians are printed.
    peer: Command of another framework's benchmark, run after this one; see longrun.measure.peer.ask.
    batch_size: Images a step; 0, the preset's.
    pictures: Measure encoding and decoding of a photo of 12 megapixels instead.
    checkpoint: Weights for --pictures; empty, the released ones.
    start: Measure whole commands instead, from the start of their process to its end, beside the import of TensorFlow.
    files: Photos in the folders of --start; 0 leaves them out.
    megapixels: Measure whole commands on photos of these sizes instead, time and memory, e.g. 12 50 200.
    """
    if megapixels:
        from stegastamp.measure.starts import bench_sizes

        bench_sizes(megapixels)
        return
    if start:
        from stegastamp.measure.starts import bench_starts

        bench_starts(files=files)
        return
    if pictures:
        bench_pictures(checkpoint)
        return
    config = preset_of(PRESETS, preset)
    if steps < 1 or batch_size < 0:
        raise UserError(f"--steps {steps} must be at least 1 and --batch-size {batch_size} at least 0, which is the preset's")
    found = {part: in_process("stegastamp.measure.bench:measure", preset, part, steps, batch_size) for part in PARTS}
    graph, eager, data = (found[part]["milliseconds"] for part in PARTS)
    cpu = {part: f"{found[part]['processor_milliseconds']:.1f}" for part in PARTS}
    model = config.model
    print(f"{preset}: {model.size} px, {model.bits} bits, batch {batch_size or config.data.batch_size}, medians of {steps} steps\n")
    rows = [
        ("step, graph", f"{graph:.1f}", cpu["graph"], "1"),
        ("step, eager", f"{eager:.1f}", cpu["eager"], f"{eager / graph:.2f} x the graph's"),
        ("preparing a batch (overlaps with the step)", f"{data:.2f}", cpu["data"], f"{data / graph:.1%} of the step"),
    ]
    peers = ask(peer) if peer else {}
    rows += [(name, f"{milliseconds:.1f}", "", f"graph is {graph / milliseconds:.2f} x this") for name, milliseconds in peers.items()]
    print_table(("what", "ms", "processor ms", "ratio"), rows)
    memory = ", ".join(f"{part} {found[part]['peak_gigabytes']:.2f} GB" for part in ("graph", "eager"))
    print(f"\npeak memory of the process: {memory}")


def measure(preset: str, part: str, steps: int, batch_size: int) -> dict[str, float]:
    """One of PARTS in this process; see longrun.measure.bench.timed."""
    from longrun.step import device
    from stegastamp.network.backbones import FOLDER_VARIABLE
    from stegastamp.pictures.photos import training_and_held_out
    from stegastamp.training import regimes
    from stegastamp.training.data import batches
    from stegastamp.training.steps import build

    config = PRESETS[preset]()
    config = changed(config, mode="eager" if part == "eager" else "graph", batch_size=batch_size or config.data.batch_size)
    device.configure(seed=config.run.seed, precision=config.run.precision)
    photos, _ = training_and_held_out(config.data.images, config.data.held_out, config.model.size)
    source = batches(photos, config.model.size, config.data.batch_size, config.run.seed, 0, 10**6)
    if part == "data":
        return timed(lambda: next(source), 10 * steps, warm=20)
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        if config.losses.lpips != "none":
            save_random_backbone(config.losses.lpips, folder)
            os.environ[FOLDER_VARIABLE] = folder
        parts = build(config, tf.distribute.get_strategy())
    # All terms at full weight, as in the late part of a training.
    values = regimes.scalars(config, config.run.steps - 1, regimes.ClosedLoop())
    return timed(lambda: float(parts.full_step(next(source), values)["loss"]), steps)


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
    from stegastamp.pictures.encoding import encode_file
    from stegastamp.pictures.formats import Picture, file_bytes, read_picture

    used = codec.load(checkpoint)
    formats = formats_for(used.stamper.bits)
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    photo = cv2.resize(data.chelsea(), (height * 4 // 3, height), interpolation=cv2.INTER_CUBIC)
    photo = cv2.add(photo, np.random.default_rng(0).normal(0, 3, photo.shape).astype(np.float32), dtype=cv2.CV_8U)
    message = "Stega!!" if formats[0].name == "text7" else "6f1c2b1e-5a3d-4e8f-9b7a-0123456789ab"
    stamped = used.encode(photo, message)
    work = {
        "encode an array, read back": lambda: used.encode(photo, message),
        "decode it": lambda: used.decode(stamped),
        "decode one without a stamp (every try)": lambda: used.decode(photo),
    }
    print(f"{used.stamper.preset}: {photo.shape[1]}x{photo.shape[0]}, medians of {rounds} after one to warm up, networks loaded\n")
    with tempfile.TemporaryDirectory() as scratch:
        for suffix in (".jpg", ".png"):
            source, target = Path(scratch) / f"photo{suffix}", Path(scratch) / f"stamped{suffix}"
            source.write_bytes(file_bytes(Picture(photo), suffix))
            work[f"{suffix[1:]} file: read, encode, write, read back"] = partial(encode_file, used, source, target, message)
            work[f"{suffix[1:]} file: read, decode"] = lambda target=target: used.read_picture(read_picture(target), formats)
        times = {name: timed(one, rounds, warm=1) for name, one in work.items()}
    rows = [(name, f"{found['milliseconds'] / 1e3:.2f}", f"{found['processor_milliseconds'] / 1e3:.2f}") for name, found in times.items()]
    print_table(("what", "seconds", "CPU seconds"), rows)
