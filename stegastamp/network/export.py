"""Networks for other runtimes: a SavedModel and two ONNX files, with the proof that they read the bits that Keras reads."""

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from longrun.errors import UserError
from longrun.extras import required
from longrun.release import convert
from longrun.release.portable import Network
from longrun.run.output import check_folder
from stegastamp.network import lean, stamp
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.crops import evaluation_messages, held_out_crops
from stegastamp.pictures.photos import photos_to_judge

BESIDE = ("encoder.onnx.gz", "decoder.onnx.gz")
"""Written beside released models, packed, for use without TensorFlow."""

Engine = tuple[Callable[..., np.ndarray], Callable[[np.ndarray], np.ndarray]]
"""(image, secret, strength) -> residual and image -> logits, arrays in and out."""


def export(checkpoint: str, folder: str = "", /, *, images: str = "", count: int = 100) -> int:
    """Write the networks for other runtimes and compare them with Keras; exit code 1 where a bit differs.

    Into FOLDER go saved_model (signatures "encode" and "decode"), encoder.onnx, decoder.onnx and export.json. Images are (N, S, S, 3)
    float32 in [0, 1], secrets (N, bits) 0 or 1, strengths (N, 1); residual and logits come back.

    checkpoint: A run folder, a checkpoint in it, or a released folder.
    folder: A new folder, or an empty one; left out: encoder.onnx.gz and decoder.onnx.gz beside released models, and nothing else.
    images: Folder of photos to compare on instead of those that the training held out.
    count: Crops to compare on.

    Raises UserError where the extra is missing or the folder is not empty.

    Example:
        python -m stegastamp export checkpoints/released/stegastamp/quick exported
    """
    target = Path(folder or checkpoint)
    check_folder(target)
    required("tf2onnx")
    if folder and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UserError(f"{target} exists and is not an empty folder")
    if not folder and not (target / stamp.FILES[0]).is_file():
        raise UserError(f"{target} is no folder of released models; name a folder to write into")
    stamper = stamp.load(checkpoint, "keras")
    data = stamper.config.data
    photos = photos_to_judge(images, data.images, data.held_out, stamper.size)
    target.mkdir(parents=True, exist_ok=True)
    engines = {"Keras": _keras(stamper)}
    if folder:
        engines["SavedModel"] = saved_model(stamper, target / "saved_model")
        facts = {"preset": stamper.preset, "step": stamper.step, "size": stamper.size, "bits": stamper.bits, "strength": stamper.strength}
        (target / "export.json").write_text(json.dumps(facts, indent=1) + "\n")
    engines["ONNX"] = onnx(stamper, target, ("encoder.onnx", "decoder.onnx") if folder else BESIDE)
    covers, messages = held_out_crops(photos, stamper.size, count), evaluation_messages(count, stamper.bits)
    rows = compare(engines, covers, messages, stamper.strength)
    print(f"{target}: stegastamp {stamper.preset}, step {stamper.step}; {count} images of {stamper.bits} bits each\n")
    print("| runtime | bits unlike Keras | largest difference of a logit | pixels unlike Keras | read right |\n|---|---|---|---|---|")
    for name, row in rows.items():
        print(f"| {name} | {row['bits']} | {row['logits']:.1e} | {row['pixels']} by {row['levels']} of 255 | {row['accuracy']:.4f} |")
    return 1 if any(row["bits"] for row in rows.values()) else 0


def compare(engines: dict[str, Engine], covers: np.ndarray, messages: np.ndarray, strength: float) -> dict[str, dict]:
    """Each engine stamps and reads; against the first one: bits that differ, logits, pixels, and how many bits are read right.

    covers: (N, S, S, 3) uint8. messages: (N, bits) of 0 and 1. All engines read what the first one stamped, and their own.
    """
    images, strengths = covers.astype(np.float32) / 255, np.full((len(covers), 1), strength, np.float32)
    rows, reference = {}, None
    for name, (encode, decode) in engines.items():
        stamped = np.uint8(np.clip(np.rint(covers + 255 * encode(images, messages, strengths)), 0, 255))
        first = stamped if reference is None else reference[0]
        logits, own = decode(first.astype(np.float32) / 255), decode(stamped.astype(np.float32) / 255)
        reference = reference or (stamped, logits)
        apart = np.abs(stamped.astype(int) - reference[0])
        rows[name] = {
            "bits": int(((logits > 0) != (reference[1] > 0)).sum() + ((own > 0) != (reference[1] > 0)).sum()),
            "logits": float(np.abs(logits - reference[1]).max()),
            "pixels": int((apart > 0).sum()),
            "levels": int(apart.max()),
            "accuracy": float(((own > 0) == (messages > 0.5)).mean()),
        }
    return rows


def saved_model(stamper: Stamper, folder: Path) -> Engine:
    """Write a SavedModel and open it again."""
    archive = keras.export.ExportArchive()
    archive.track(stamper.encoder)
    archive.track(stamper.decoder)
    encode, decode = _functions(stamper)
    archive.add_endpoint("encode", encode, _encoder_inputs(stamper))
    archive.add_endpoint("decode", decode, _decoder_inputs(stamper))
    archive.write_out(str(folder), verbose=False)
    signatures = tf.saved_model.load(str(folder))
    return (
        lambda image, secret, strength: signatures.encode(image, secret, strength)["residual"].numpy(),
        lambda image: signatures.decode(image)["logits"].numpy(),
    )


def onnx(stamper: Stamper, folder: Path, names: tuple[str, str]) -> Engine:
    """Write encoder and decoder as ONNX files and open them with onnxruntime. Raises MissingPackage."""
    inputs = (_encoder_inputs(stamper), _decoder_inputs(stamper))
    encode, decode = _functions(stamper)
    if stamper.config.model.transformer == "localiser":
        decoder = lean.decoder_of(stamper.decoder, stamper.config.model.localiser_passes, stamper.config.model.tiles)
        decode = lambda image: {"logits": decoder(image)}  # noqa: E731
    for name, function, signature in zip(names, (encode, decode), inputs, strict=True):
        convert.write(folder / name, function, signature, handlers=lean.HANDLERS, rework=lean.rework)
    encoder, decoder = (Network(folder / name) for name in names)
    return (
        lambda image, secret, strength: encoder(image=image, secret=secret, strength=strength)["residual"],
        lambda image: decoder(image=image)["logits"],
    )


def _keras(stamper) -> Engine:
    encode, decode = (tf.function(function) for function in _functions(stamper))
    return lambda *inputs: encode(*inputs)["residual"].numpy(), lambda image: decode(image)["logits"].numpy()


def _functions(stamper):
    def encode(image, secret, strength):
        return {"residual": stamper.encoder([image, secret, strength])}

    def decode(image):
        return {"logits": stamper.decoder(image)}

    return encode, decode


def _encoder_inputs(stamper):
    return (*_decoder_inputs(stamper), tf.TensorSpec((None, stamper.bits), name="secret"), tf.TensorSpec((None, 1), name="strength"))


def _decoder_inputs(stamper):
    return (tf.TensorSpec((None, stamper.size, stamper.size, 3), name="image"),)
