"""Batches as functions of (seed, step), prepared by tf.data while the step before them runs."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from longrun.step import seeding
from stegastamp.pictures.crops import random_crop
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
