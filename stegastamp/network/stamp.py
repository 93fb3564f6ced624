"""Stamping and reading images with trained networks: arrays in, arrays out.

The networks are Keras models, or ONNX files in onnxruntime, which need no TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from longrun.config import config_of
from longrun.release import models
from longrun.release.models import Runtime
from longrun.release.portable import Network
from stegastamp.config import Config
from stegastamp.pictures.crops import LUMA, resize

if TYPE_CHECKING:
    import keras

BATCH = 32
"""Images that Keras is given at a time."""
SMALL_BATCH = 8
"""The same for onnxruntime, which is no faster with more and takes more memory."""
FILES = ("encoder.keras", "decoder.keras")


class Stamper:
    """An encoder and a decoder that belong together.

    config: they were trained with. strength: of the residual unless a call says otherwise. preset, step: where they come from.
    Raises UserError for networks in ONNX files that do not fit the configuration.
    """

    def __init__(
        self, encoder: keras.Model | Network, decoder: keras.Model | Network, config: Config, preset: str = "custom", step: int = 0
    ):
        self.encoder, self.decoder, self.config = encoder, decoder, config
        self.preset, self.step = preset, step
        self.strength = config.mark.strength if config.mark.head == "normalised" else 1.0
        if isinstance(encoder, Network):
            image = (None, self.size, self.size, 3)
            encoder.require(image=image, secret=(None, self.bits), strength=(None, 1))
            decoder.require(image=image)
            self._residual = lambda image, secret, strength: encoder(image=image, secret=secret, strength=strength)["residual"]
            self._logits = lambda image: decoder(image=image)["logits"]
            self._batch = SMALL_BATCH
        else:
            from stegastamp.network import with_keras

            self._residual, self._logits = with_keras.residual_of(encoder), with_keras.logits_of(decoder)
            self._batch = BATCH

    @property
    def runtime(self) -> str:
        """What computes the networks, "keras" or "onnx"."""
        return "onnx" if isinstance(self.encoder, Network) else "keras"

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
        for image, message in self._in_batches(covers, messages):
            strengths = np.full((len(image), 1), strength, np.float32)
            parts.append(self._residual(image.astype(np.float32) / 255, message.astype(np.float32), strengths))
        return np.concatenate(parts)

    def stamp(self, covers: np.ndarray, messages: np.ndarray, strength: float | None = None) -> np.ndarray:
        """Stamped images of covers at network size, (N, S, S, 3) uint8: clipped and rounded as a file would be."""
        return np.stack([added(*pair) for pair in zip(covers, self.residuals(covers, messages, strength), strict=True)])

    def stamp_image(self, image: np.ndarray, message: np.ndarray, strength: float | None = None) -> np.ndarray:
        """A stamped image of any size, (H, W, 3) or grey (H, W, 1), uint8 or uint16, of the same shape and depth.

        The residual is computed at network size, resized and added at full size.
        """
        residual = self.residuals(network_view(image, self.size)[None], message[None], strength)[0]
        if image.shape[2] == 1:
            residual = residual @ np.float32(LUMA)[:, None]
        return added(image, residual)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Logits (N, bits) of images (N, S, S, 3) uint8 at network size; a bit is 1 where its logit is positive."""
        parts = [self._logits(image.astype(np.float32) / 255) for (image,) in self._in_batches(images)]
        return np.concatenate(parts)

    def read_image(self, image: np.ndarray) -> np.ndarray:
        """Logits (bits,) of an image of any size, (H, W, 3) or grey (H, W, 1), uint8 or uint16."""
        return self.logits(network_view(image, self.size)[None])[0]

    def _in_batches(self, *arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        for first in range(0, len(arrays[0]), self._batch):
            yield tuple(array[first : first + self._batch] for array in arrays)


def load(path: Path | str, runtime: Runtime = "") -> Stamper:
    """A Stamper from a released or exported folder, a run folder (its last checkpoint), or a checkpoint in it (averaged weights).

    path, runtime: see longrun.release.models.find. Raises OSError or UserError.
    """
    found = models.find(path, Config.PROJECT, FILES, runtime)
    config = config_of(Config, found.config, found.place)
    if found.models:
        return Stamper(*found.models, config, found.preset, found.step)
    from stegastamp.network import with_keras

    encoder, decoder, step = with_keras.restored(found, config)
    return Stamper(encoder, decoder, config, found.preset, step)


def take_over(path: Path | str, encoder: keras.Model, decoder: keras.Model) -> list[str]:
    """Give both networks the trained weights of the ones at `path` wherever names and shapes agree; returns the names of the others.

    Errors as `load`.
    """
    source = load(path, "keras")
    pairs = (encoder, source.encoder), (decoder, source.decoder)
    return [name for target, origin in pairs for name in models.take_over(target.trainable_weights, origin.trainable_weights)]


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


def added(image, residual):
    """An image (H, W, C) with a residual of any size and as many channels, clipped and rounded to the image's depth.

    The residual is scaled while it is small, and added without copies in floating point.
    """
    deep = image.dtype == np.uint16
    residual = resize(residual * np.float32(65535 if deep else 255), image.shape[:2])
    return cv2.add(image, residual, dtype=cv2.CV_16U if deep else cv2.CV_8U).reshape(image.shape)
