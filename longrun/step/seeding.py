"""Randomness as a pure function of (seed, step): nothing to save, nothing to restore, the same on one device and on many.

A batch carries one key per sample, `keys` of shape (B, 2) int32. Whatever a training step draws, it draws from a sample's own key
and the name of the quantity, so that the numbers do not depend on how a batch is split over devices, on the order of the draws, or
on eager against graph execution.
"""

import tensorflow as tf

from longrun.step.names import name_code

_PHILOX = tf.random.Algorithm.PHILOX.value


def key(seed, step, name: str) -> tf.Tensor:
    """Key of one quantity of one step, (2,) int32. `seed` and `step` are integers or integer tensors."""
    base = tf.stack([tf.cast(seed, tf.int32), tf.cast(step, tf.int32)])
    return tf.random.experimental.stateless_fold_in(base, name_code(name))


def sample_keys(seed, step, count: int, name: str = "sample") -> tf.Tensor:
    """One key per sample of the global batch of `step`, (count, 2) int32. A worker takes its rows of it."""
    return tf.random.stateless_uniform((count, 2), key(seed, step, name), minval=None, maxval=None, dtype=tf.int32)


def uniform(keys: tf.Tensor, name: str, shape=(), low=0.0, high=1.0) -> tf.Tensor:
    """Uniform numbers in [low, high), (B, *shape) float32, each row from its own sample's key; `low` and `high` may be tensors."""
    unit = _per_sample(tf.raw_ops.StatelessRandomUniformV2, keys, name, shape)
    return low + (high - low) * unit


def normal(keys: tf.Tensor, name: str, shape=()) -> tf.Tensor:
    """Standard normal numbers, (B, *shape) float32, each row from its own sample's key."""
    return _per_sample(tf.raw_ops.StatelessRandomNormalV2, keys, name, shape)


def shuffled_index(position, size: int, seed) -> tf.Tensor:
    """Index of the example at `position` (0, 1, 2, ... without end) when every epoch is a fresh permutation of range(size).

    Within each run of `size` positions every example comes once. Shape of `position`, int64.
    """
    position = tf.convert_to_tensor(position, tf.int64)
    flat = tf.reshape(position, (-1,))
    epoch, offset = flat // size, flat % size
    golden = tf.constant(0x9E3779B97F4A7C15, tf.uint64)  # SplitMix64's increment
    epoch_seed = _mix(_mix(tf.cast(seed, tf.uint64) + golden) + tf.cast(epoch, tf.uint64))
    words = tf.stack([_mix(epoch_seed + tf.constant(word, tf.uint64) * golden) for word in (1, 2, 3)], axis=1)
    # The raw op: tf.random.experimental.index_shuffle (2.21) pads a batch of seeds along the wrong axis.
    largest = tf.constant(size - 1, tf.int64)
    index = tf.raw_ops.RandomIndexShuffle(index=offset, seed=tf.bitcast(words, tf.int64), max_index=largest, rounds=8)
    return tf.reshape(index, tf.shape(position))


def _mix(x):
    # Finaliser of SplitMix64 (Steele, Lea and Flood 2014). index_shuffle with seeds 0, 1, 2, ... as they are has favourite orders.
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = _xor_shifted(x, shift) * tf.constant(factor, tf.uint64)
    return _xor_shifted(x, 31)


def _xor_shifted(x, shift):
    return tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(shift, tf.uint64)))


def _per_sample(draw, keys, name, shape):
    # One op per sample and no loop in the graph: a training's batch size is static (a varying one would retrace). The raw op takes
    # a Philox key as it is; tf.random.stateless_uniform derives one first, which makes tracing and drawing several times slower.
    folded = tf.bitwise.bitwise_xor(keys, tf.constant([0, name_code(name)], tf.int32))
    philox_keys = tf.unstack(tf.reshape(tf.bitcast(folded, tf.uint64), (-1, 1)), num=keys.shape[0])
    counter = tf.zeros((2,), tf.uint64)
    return tf.stack([draw(shape=tuple(shape), key=key, counter=counter, alg=_PHILOX) for key in philox_keys])
