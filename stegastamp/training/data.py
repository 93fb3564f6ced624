"""Batches as functions of (seed, step), prepared by tf.data while the step before them runs."""

from collections.abc import Iterator

import cv2
import numpy as np
import tensorflow as tf

from longrun.step import seeding
from stegastamp.pictures.photos import Photos


def batches(photos: Photos, size: int, batch_size: int, seed: int, start: int, total: int) -> Iterator[dict[str, tf.Tensor]]:
    """The batches of steps `start` to `total` - 1: {"image": (B, S, S, 3) uint8, "keys": (B, 2) int32}.

    Every epoch takes each photo once, in an order of its own; a sample's crop, flips and later its message and distortions come
    from its key. No iterator state: the batch of a step is the same in whatever process it is made.
    """
    images, count = photos.images, len(photos)

    def crops(indices, keys):
        return np.stack([random_crop(images[i], size, key) for i, key in zip(indices, keys, strict=True)])

    def batch(step):
        keys = seeding.sample_keys(seed, step, batch_size)
        indices = seeding.shuffled_index(step * batch_size + tf.range(batch_size, dtype=tf.int64), count, seed)
        image = tf.numpy_function(crops, (indices, keys), tf.uint8, stateful=False)
        return {"image": tf.ensure_shape(image, (batch_size, size, size, 3)), "keys": keys}

    dataset = tf.data.Dataset.range(start, total).map(batch, num_parallel_calls=2, deterministic=True).prefetch(4)
    return iter(dataset)


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
