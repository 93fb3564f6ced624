"""Batches as functions of (seed, step), drawn by NumPy in tf.data while the step before them runs."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from collatz.config import Config
from collatz.numbers.orbits import Orbits
from collatz.training.sampler import Sampler
from collatz.training.schedules import active_seeds

ROW_KINDS = {"log_n": tf.float32, "drift": tf.float32, "weight": tf.float32, "growth": tf.bool, "hard": tf.bool}


def batches(config: Config, sampler: Sampler, seed: int, start: int, mined: Orbits | None = None) -> Iterator[dict[str, tf.Tensor]]:
    """The batches of steps `start` to epochs - 1, as dicts of tensors (see sampler.Sampler.batch).

    `mined` must not change while the iterator is used: ask for a new one after a mining.
    """
    kinds = {f"features_{shift}": tf.float32 for shift in config.loss.shifts} | ROW_KINDS

    def draw(step: np.ndarray) -> list[np.ndarray]:
        batch = sampler.batch(seed, int(step), active_seeds(config, int(step)), mined, config.loss.shifts)
        return [batch[name] for name in kinds]

    def batch(step):
        arrays = tf.numpy_function(draw, [step], list(kinds.values()), stateful=False)
        return {name: tf.ensure_shape(array, shape_of(name)) for name, array in zip(kinds, arrays, strict=True)}

    def shape_of(name):
        return (config.data.batch_size, 6 + config.model.lookahead) if name.startswith("features_") else (config.data.batch_size,)

    return iter(tf.data.Dataset.range(start, config.run.steps).map(batch, num_parallel_calls=1).prefetch(4))
