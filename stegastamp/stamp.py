"""Stamping and reading images with trained networks: arrays in, arrays out."""

import json
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from longrun import ExponentialAverage, restore_variables
from longrun.checkpoint import KINDS
from stegastamp.config import Config
from stegastamp.data import resize
from stegastamp.model import build_decoder, build_encoder

BATCH = 32
FORMAT = 1


class Stamper:
    """An encoder and a decoder that belong together.

    config: they were trained with. strength: of the residual unless a call says otherwise. preset, step: where they come from.
    """

    def __init__(self, encoder: keras.Model, decoder: keras.Model, config: Config, preset: str = "custom", step: int = 0):
        self.encoder, self.decoder, self.config = encoder, decoder, config
        self.preset, self.step = preset, step
        self.strength = config.strength if config.head == "normalised" else 1.0
        options = {"reduce_retracing": True, "autograph": False}
        self._residual = tf.function(lambda image, secret, strength: encoder([image, secret, strength]), **options)
        self._logits = tf.function(lambda image: decoder(image), **options)

    def residuals(self, covers: np.ndarray, messages: np.ndarray, strength: float | None = None) -> np.ndarray:
        """Residuals of covers (N, S, S, 3) uint8 at network size for messages (N, bits) of 0 and 1, (N, S, S, 3) float32."""
        strength = self.strength if strength is None else strength
        parts = []
        for image, message in _in_batches(covers, messages):
            image = tf.cast(image, tf.float32) / 255
            parts.append(self._residual(image, tf.cast(message, tf.float32), tf.fill((len(image), 1), float(strength))).numpy())
        return np.concatenate(parts)

    def stamp(self, covers: np.ndarray, messages: np.ndarray, strength: float | None = None) -> np.ndarray:
        """Stamped images of covers at network size, (N, S, S, 3) uint8: clipped and rounded as a file would be."""
        return _eight_bit(covers, self.residuals(covers, messages, strength))

    def stamp_image(self, image: np.ndarray, message: np.ndarray, strength: float | None = None) -> np.ndarray:
        """A stamped image of any size, (H, W, 3) uint8: the residual is computed at network size, resized and added."""
        side = self.config.size
        residual = self.residuals(resize(image, (side, side))[None], message[None], strength)[0]
        return _eight_bit(image, resize(residual, image.shape[:2]))

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Logits (N, bits) of images (N, S, S, 3) uint8 at network size; a bit is 1 where its logit is positive."""
        parts = [self._logits(tf.cast(image, tf.float32) / 255).numpy() for (image,) in _in_batches(images)]
        return np.concatenate(parts)

    def read_image(self, image: np.ndarray) -> np.ndarray:
        """Logits (bits,) of an image of any size, (H, W, 3) uint8."""
        side = self.config.size
        return self.logits(resize(image, (side, side))[None])[0]


def load(path: Path | str) -> Stamper:
    """A Stamper from a released or exported folder, a run folder (its last checkpoint), or a checkpoint in it (averaged weights).

    path: a folder, or a file in one; of a checkpoint also its prefix, RUN/checkpoints/every/ckpt-10000.
    Raises FileNotFoundError, OSError or ValueError with one line; a folder of another project is refused by name.
    """
    path = Path(path)
    if not path.exists() and not path.with_name(f"{path.name}.index").exists():
        raise FileNotFoundError(f"checkpoint {path} does not exist")
    folder = (path if path.is_dir() else path.parent).absolute()
    if (folder / "encoder.keras").exists():
        return _load_export(folder)
    # A run before its export: the run may have gone on since that was written.
    for run in (folder, folder.parent, folder.parent.parent):
        if (run / "config.json").exists() and (run / "checkpoints").is_dir():
            return _load_run(run, *_named_checkpoint(path.absolute().relative_to(run)))
    if (folder / "export" / "encoder.keras").exists():
        return _load_export(folder / "export")
    for name in ("config.json", "manifest.json"):
        if (folder / name).exists():
            values = _read_json(folder / name)
            _expect_project(values.get("project") or values.get("config", {}).get("project", "another project"), path)
    raise ValueError(f"{path} is no stegastamp run, checkpoint or released folder")


def save(folder: Path | str, stamper: Stamper, outcome: dict) -> None:
    """Write encoder.keras, decoder.keras and manifest.json; `keras.saving.load_model` opens the models by itself."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stamper.encoder.save(folder / "encoder.keras")
    stamper.decoder.save(folder / "decoder.keras")
    manifest = {"format": FORMAT, "project": "stegastamp", "preset": stamper.preset, "step": stamper.step}
    manifest |= {"config": _json(stamper.config), "result": outcome}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def config_of(values: dict) -> Config:
    """A Config from a JSON object; keys it does not know are refused."""
    known = Config.__dataclass_fields__
    unknown = [key for key in values if key not in known and key not in ("project", "preset")]
    if unknown:
        raise ValueError(f"the configuration has unknown fields: {', '.join(unknown)}")
    return Config(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items() if key in known})


def _load_export(folder):
    manifest = _read_json(folder / "manifest.json")
    _expect_project(manifest.get("project"), folder)
    if manifest.get("format") != FORMAT:
        raise ValueError(f"{folder} has format {manifest.get('format')!r}; this version reads format {FORMAT}")
    encoder, decoder = _load_model(folder / "encoder.keras"), _load_model(folder / "decoder.keras")
    return Stamper(encoder, decoder, config_of(manifest["config"]), manifest["preset"], manifest["step"])


def _load_model(path):
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(f"{path} cannot be opened: {reason}") from error


def _named_checkpoint(path):
    """Kind and step of a path within a run folder: every/ckpt-10000 -> ("every", 10000)."""
    kind = next((part for part in path.parts if part in KINDS), "last")
    number = re.fullmatch(r"ckpt-(\d+)(\..*)?", path.name)
    return kind, int(number[1]) if number else None


def _load_run(folder, kind, number):
    values = _read_json(folder / "config.json")
    _expect_project(values.get("project"), folder)
    config = config_of(values)
    encoder, decoder = build_encoder(config), build_decoder(config)
    average = ExponentialAverage(encoder.trainable_variables + decoder.trainable_variables, config.average_decay)
    groups = {"encoder": encoder.variables, "decoder": decoder.variables, "average": average.variables}
    step = restore_variables(folder / "checkpoints", groups, kind, number)
    average.swap()
    return Stamper(encoder, decoder, config, values.get("preset", "custom"), step)


def _read_json(path):
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _expect_project(project, folder):
    if project != "stegastamp":
        raise ValueError(f"{folder} is a checkpoint of {project}, not of stegastamp")


def _eight_bit(image, residual):
    return np.clip(np.round(image.astype(np.float32) + 255 * residual), 0, 255).astype(np.uint8)


def _in_batches(*arrays):
    for first in range(0, len(arrays[0]), BATCH):
        yield tuple(array[first : first + BATCH] for array in arrays)


def _json(config):
    return {name: getattr(config, name) for name in Config.__dataclass_fields__}
