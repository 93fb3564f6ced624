"""The network of a detector in Keras: compiled for each size of frames, and restored from a run's checkpoint."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from longrun import ExponentialAverage, restore_variables
from longrun.release.models import Found
from stegastamp.detector.config import DetectorConfig
from stegastamp.detector.model import build_detector


def maps_of(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """Frames (N, H, W, 3) uint8 -> probabilities (N, H / 4, W / 4, 2)."""
    graphs: dict[tuple[int, ...], Callable] = {}

    def maps(frames: np.ndarray) -> np.ndarray:
        shape = frames.shape[1:]
        if shape not in graphs:
            # One graph for a size, whatever the number of frames: Keras' upsampling does not take an unknown height or width.
            signature = [tf.TensorSpec((None, *shape), tf.uint8)]
            answer = lambda frames: tf.sigmoid(model(tf.cast(frames, tf.float32) / 255))  # noqa: E731
            graphs[shape] = tf.function(answer, input_signature=signature, autograph=False)
        return graphs[shape](frames).numpy()

    return maps


def restored(found: Found, config: DetectorConfig) -> tuple[keras.Model, int]:
    """The network with the averaged weights of a checkpoint, and its step. Raises OSError or UserError."""
    model = build_detector(config)
    average = ExponentialAverage(model.trainable_variables, config.optimizer.average_decay)
    step = restore_variables(found.checkpoints, {"model": model.variables, "average": average.variables}, found.kind, found.number)
    average.swap()
    return model, step
