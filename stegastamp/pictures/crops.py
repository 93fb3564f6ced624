"""Squares cut from photos: what a network sees of a picture, at random by a key or the same on every call."""

import cv2
import numpy as np

from stegastamp.pictures.photos import Photos

LUMA = (0.3, 0.6, 0.1)
"""Weights of red, green and blue in grey."""


def random_crop(image: np.ndarray, size: int, key: np.ndarray) -> np.ndarray:
    """A square crop, (size, size, 3) uint8: its side log-uniform from `size` to 4 x `size` (or the image's), then resized; flipped.

    An image smaller than `size` is enlarged. `key` (2,) int32 decides everything.
    """
    generator = np.random.Generator(np.random.Philox(key=np.asarray(key, np.int32).view(np.uint32).astype(np.uint64)))
    height, width = image.shape[:2]
    largest = min(height, width, 4 * size)
    side = int(np.exp(generator.uniform(np.log(min(size, largest)), np.log(largest + 0.5))))
    top, left = generator.integers(0, height - side + 1), generator.integers(0, width - side + 1)
    crop = resize(image[top : top + side, left : left + side], (size, size))
    vertical, horizontal = generator.random(2) < 0.5
    return crop[:: -1 if vertical else 1, :: -1 if horizontal else 1]


def held_out_crops(photos: Photos, size: int, count: int, seed: int = 7) -> np.ndarray:
    """`count` crops for evaluation, taking turns over the photos, (count, size, size, 3) uint8; always the same."""
    keys = np.random.default_rng(seed).integers(-(2**31), 2**31, (count, 2), dtype=np.int64).astype(np.int32)
    return np.stack([random_crop(photos.images[i % len(photos)], size, key) for i, key in enumerate(keys)])


def evaluation_messages(count: int, bits: int, seed: int = 8) -> np.ndarray:
    """Messages for evaluation, (count, bits) float32 of 0 and 1; always the same."""
    return np.random.default_rng(seed).integers(0, 2, (count, bits)).astype(np.float32)


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize to (height, width): averaging when it shrinks, bicubic when it grows."""
    height, width = size
    if image.shape[:2] == (height, width):
        return image
    shrinks = height < image.shape[0]
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
