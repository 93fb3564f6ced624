"""Parts of pictures, as a decoder is shown a picture that was cut: where it lies in the mark, with its mean colour around it."""

import tensorflow as tf

from longrun.step import seeding

SMALLEST = 0.34
"""Least that is left along the axis that is cut: 9:16 out of the middle of 3:2 leaves 0.37."""
SMALLEST_OTHER = 0.7
"""Least that is left along the other one, where that is cut too."""
BOTH = 0.4
"""Share of the cut samples that are cut along both axes."""
AT_END = 0.25
"""Places are drawn so far beyond both ends and brought back, so that one cut in three is off one side alone."""


def boxes(keys: tf.Tensor, share: float) -> tf.Tensor:
    """What is left of each sample, (B, 4) float32: left, top, right, bottom in sides; 0, 0, 1, 1 where nothing is cut.

    keys: (B, 2) int32. share: of the samples that are cut.
    """
    cut, axis, both, along, other = tf.unstack(seeding.uniform(keys, "crop", (5,)), axis=-1)
    kept = SMALLEST + (1 - SMALLEST) * along
    beside = tf.where(both < BOTH, SMALLEST_OTHER + (1 - SMALLEST_OTHER) * other, 1.0)
    kept = tf.where(axis[:, None] < 0.5, tf.stack([kept, beside], -1), tf.stack([beside, kept], -1))
    kept = tf.where(cut[:, None] < share, kept, 1.0)
    place = tf.clip_by_value(seeding.uniform(keys, "crop place", (2,), -AT_END, 1 + AT_END), 0.0, 1.0)
    first = place * (1 - kept)
    return tf.concat([first, first + kept], axis=-1)


def is_cut(parts: tf.Tensor) -> tf.Tensor:
    """Which samples (B,) have lost something, of `boxes` (B, 4)."""
    return tf.reduce_any(parts[:, 2:] - parts[:, :2] < 1.0, axis=-1)


def cropped(images: tf.Tensor, parts: tf.Tensor) -> tf.Tensor:
    """Images (B, S, S, C) of which `boxes` (B, 4) are left where they are, with their mean colour around them."""
    size = images.shape[1]
    pixel = tf.range(size, dtype=tf.float32)
    # A pixel at an edge shows as much of the part as lies in it.
    low, high = (parts[:, first : first + 2, None] * size for first in (0, 2))
    across, down = tf.unstack(tf.clip_by_value(tf.minimum(high, pixel + 1) - tf.maximum(low, pixel), 0.0, 1.0), axis=1)
    inside = (down[:, :, None] * across[:, None, :])[..., None]
    colour = tf.reduce_sum(images * inside, axis=(1, 2), keepdims=True) / tf.reduce_sum(inside, axis=(1, 2), keepdims=True)
    return colour + inside * (images - colour)
