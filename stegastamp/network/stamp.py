"""Stamping and reading images with trained networks: arrays in, arrays out."""

from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf

from longrun import ExponentialAverage, config_of, restore_variables
from longrun.release import models
from stegastamp.config import Config
from stegastamp.distort.distortions import LUMA
from stegastamp.network.model import build_decoder, build_encoder
from stegastamp.pictures.crops import resize

BATCH = 32
FILES = ("encoder.keras", "decoder.keras")


class Stamper:
    """An encoder and a decoder that belong together.

    config: they were trained with. strength: of the residual unless a call says otherwise. preset, step: where they come from.
    """

    def __init__(self, encoder: keras.Model, decoder: keras.Model, config: Config, preset: str = "custom", step: int = 0):
        self.encoder, self.decoder, self.config = encoder, decoder, config
        self.preset, self.step = preset, step
        self.strength = config.mark.strength if config.mark.head == "normalised" else 1.0
        options = {"reduce_retracing": True, "autograph": False}
        self._residual = tf.function(lambda image, secret, strength: encoder([image, secret, strength]), **options)
        self._logits = tf.function(lambda image: decoder(image), **options)

    @property
    def size(self) -> int:
        """Side in pixels of what the networks see."""
        return self.config.model.size

    @property
    def bits(self) -> int:
        """Bits of a message."""
        return self.config.model.bits

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
        return np.stack([_rounded(*pair) for pair in zip(covers, self.residuals(covers, messages, strength), strict=True)])

    def stamp_image(self, image: np.ndarray, message: np.ndarray, strength: float | None = None) -> np.ndarray:
        """A stamped image of any size, (H, W, 3) or grey (H, W, 1), uint8 or uint16, of the same shape and depth.

        The residual is computed at network size, resized and added at full size.
        """
        residual = self.residuals(network_view(image, self.size)[None], message[None], strength)[0]
        if image.shape[2] == 1:
            residual = residual @ np.float32(LUMA)[:, None]
        return _rounded(image, residual)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Logits (N, bits) of images (N, S, S, 3) uint8 at network size; a bit is 1 where its logit is positive."""
        parts = [self._logits(tf.cast(image, tf.float32) / 255).numpy() for (image,) in _in_batches(images)]
        return np.concatenate(parts)

    def read_image(self, image: np.ndarray) -> np.ndarray:
        """Logits (bits,) of an image of any size, (H, W, 3) or grey (H, W, 1), uint8 or uint16."""
        return self.logits(network_view(image, self.size)[None])[0]


def load(path: Path | str) -> Stamper:
    """A Stamper from a released or exported folder, a run folder (its last checkpoint), or a checkpoint in it (averaged weights).

    path: see longrun.release.models.find. Raises OSError or UserError.
    """
    found = models.find(path, Config.PROJECT, FILES)
    config = config_of(Config, found.config)
    if found.models:
        return Stamper(*found.models, config, found.preset, found.step)
    encoder, decoder = build_encoder(config), build_decoder(config)
    average = ExponentialAverage(encoder.trainable_variables + decoder.trainable_variables, config.optimizer.average_decay)
    groups = {"encoder": encoder.variables, "decoder": decoder.variables, "average": average.variables}
    step = restore_variables(found.checkpoints, groups, found.kind, found.number)
    average.swap()
    return Stamper(encoder, decoder, config, found.preset, step)


def take_over(path: Path | str, encoder: keras.Model, decoder: keras.Model) -> list[str]:
    """Give both networks the trained weights of the ones at `path` wherever names and shapes agree; returns the names of the others.

    Errors as `load`.
    """
    source, left = load(path), []
    for target, origin in ((encoder, source.encoder), (decoder, source.decoder)):
        weights = {weight.path: weight for weight in origin.trainable_weights}
        for weight in target.trainable_weights:
            found = weights.get(weight.path)
            if found is None or found.shape != weight.shape:
                left.append(weight.path)
            else:
                weight.assign(found)
    return left


def save(folder: Path | str, stamper: Stamper, outcome: dict, half: bool = False) -> None:
    """Write encoder.keras, decoder.keras and manifest.json; `keras.saving.load_model` opens the models by itself.

    half: in half precision, as released.
    """
    networks = dict(zip(FILES, (stamper.encoder, stamper.decoder), strict=True))
    origin = {"project": Config.PROJECT, "preset": stamper.preset, "step": stamper.step, "config": stamper.config}
    models.save(folder, networks, outcome=outcome, half=half, **origin)


def network_view(image: np.ndarray, side: int) -> np.ndarray:
    """What a network sees of an image of any size, (H, W, 3) or grey (H, W, 1), uint8 or uint16: (side, side, 3) uint8."""
    seen = resize(image, (side, side)).reshape(side, side, image.shape[2])
    if seen.dtype == np.uint16:
        seen = np.uint8(np.rint(seen / 257))
    return seen if seen.shape[2] == 3 else np.repeat(seen, 3, axis=-1)


def _rounded(image, residual):
    """Image + residual, clipped and rounded to the image's depth. Scaled while it is small, added without copies in floating point."""
    deep = image.dtype == np.uint16
    residual = resize(residual * np.float32(65535 if deep else 255), image.shape[:2])
    return cv2.add(image, residual, dtype=cv2.CV_16U if deep else cv2.CV_8U).reshape(image.shape)


def _in_batches(*arrays):
    for first in range(0, len(arrays[0]), BATCH):
        yield tuple(array[first : first + BATCH] for array in arrays)
