"""Batches as functions of (seed, step), drawn by NumPy in tf.data while the step before them runs."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from hrm.config import Config
from hrm.network.carry import data_shapes
from hrm.puzzles.examples import Source, generator


def batches(config: Config, source: Source, seed: int, start: int) -> Iterator[dict[str, tf.Tensor]]:
    """The batches of steps `start` to steps - 1.

    {"tokens", "labels" (B, N), "identifier", "least" (B,)}, and where they are shown "demonstrations" (B, K, 2, N), all int32. A slot of
    the carry takes its row where its last sample has halted; `least` is the number of segments that exploration demands of the sample
    there now, drawn anew at every step, as published. "start_seed" (2,) int32, where states start from noise, is its seed.
    """
    count = config.data.batch_size
    shapes = {name: (count, *shape) for name, shape in {**data_shapes(config), "least": ()}.items()}
    if config.model.start_noise:
        shapes["start_seed"] = (2,)

    def draw(step: np.ndarray) -> list[np.ndarray]:
        arrays = {**source.batch(seed, int(step), count).inputs(), "least": least_segments(config, seed, int(step))}
        arrays["start_seed"] = start_seed(seed, int(step))
        return [arrays[name] for name in shapes]

    def batch(step):
        arrays = tf.numpy_function(draw, [step], [tf.int32] * len(shapes), stateful=False)
        return {name: tf.ensure_shape(array, shape) for array, (name, shape) in zip(arrays, shapes.items(), strict=True)}

    return iter(tf.data.Dataset.range(start, config.run.steps).map(batch, num_parallel_calls=1).prefetch(4))


def least_segments(config: Config, seed: int, step: int) -> np.ndarray:
    """(B,) int32: 1, or for a share `exploration` of the samples a number from 2 to the most segments there are."""
    numbers = generator(seed, step, "exploration")
    explores = numbers.random(config.data.batch_size) < config.learning.exploration
    demanded = numbers.integers(min(2, config.model.segments), config.model.segments + 1, config.data.batch_size)
    return np.where(explores, demanded, 1).astype(np.int32)


def start_seed(seed: int, step: int) -> np.ndarray:
    """(2,) int32: seed of the noise that the states of a step's new samples start from."""
    return generator(seed, step, "start noise").integers(0, 2**31, 2).astype(np.int32)
