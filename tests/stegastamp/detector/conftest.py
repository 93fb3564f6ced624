"""What the tests of the detector share: pictures, a stamper in plain sight, and a detector that sees bright areas."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from stegastamp.data import resize
from stegastamp.detector.config import DetectorConfig
from stegastamp.detector.search import Detector
from stegastamp.photos import Photos
from tests.stegastamp.conftest import blobs

BITS, SIDE, CELLS = 100, 80, 40


class Spread:
    """A stamper in plain sight: each bit is spread over 16 of 40 x 40 cells, brighter or darker by `strength` after a fixed code."""

    config = SimpleNamespace(bits=BITS, size=SIDE)
    preset, strength = "spread", 0.25

    def __init__(self):
        generator = np.random.default_rng(0)
        self._owner = generator.permutation(np.repeat(np.arange(BITS), 16)).reshape(CELLS, CELLS)
        self._code = generator.choice(np.float32([-1, 1]), (CELLS, CELLS))

    def residuals(self, covers, messages, strength=None):
        cells = self._code * (2 * messages[:, self._owner] - 1) * self.strength
        fine = cells.repeat(SIDE // CELLS, 1).repeat(SIDE // CELLS, 2)
        return np.float32(fine[..., None] * np.ones(3))

    def stamp_image(self, image, message, strength=None):
        residual = cv2.resize(self.residuals(None, message[None])[0], image.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        return np.clip(image + 255 * residual, 0, 255).astype(np.uint8)

    def logits(self, images):
        step = SIDE // CELLS
        cells = images.astype(np.float32).mean(-1).reshape(-1, CELLS, step, CELLS, step).mean((2, 4))
        cells -= cells.mean((1, 2), keepdims=True)
        return np.stack([np.bincount(self._owner.ravel(), (each * self._code).ravel() / 160, BITS) for each in cells]).astype(np.float32)


class Bright(Detector):
    """A detector without a network: pictures are what is brighter than 100 in all channels."""

    def __init__(self):
        super().__init__(object(), DetectorConfig(), "bright")

    def quads(self, frame, second_opinion=False):
        return super().quads(frame, second_opinion)

    def maps(self, frames):
        answers = []
        for frame in frames:
            light = (frame.min(axis=-1) > 100).astype(np.float32)
            # Texture of the stamp leaves holes.
            light = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
            size = (frame.shape[1] // 4, frame.shape[0] // 4)
            picture = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
            core = cv2.erode(picture, np.ones((3, 3), np.uint8), iterations=max(1, int(0.15 * np.sqrt(picture.sum()))), borderValue=0)
            answers.append(np.stack([picture, core], axis=-1))
        return np.stack(answers)


@pytest.fixture(scope="session")
def spread() -> Spread:
    return Spread()


@pytest.fixture(scope="session")
def bright() -> Bright:
    return Bright()


@pytest.fixture(scope="session")
def album_photos() -> Photos:
    """Six smooth pictures of 160 x 200 pixels."""
    return Photos(tuple(f"{seed}.png" for seed in range(6)), tuple(blobs(160, 200, seed) for seed in range(6)))


@pytest.fixture(scope="session")
def grey() -> np.ndarray:
    """A flat picture that holds a mark of `spread` without clipping."""
    return resize(np.full((8, 8, 3), 170, np.uint8), (240, 240))
