"""Encoder and decoder in Keras: compiled for use, and restored from a run's checkpoint."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from longrun import ExponentialAverage, restore_variables
from longrun.release.models import Found
from stegastamp.config import Config
from stegastamp.network.model import build_decoder, build_encoder

_OPTIONS = {"reduce_retracing": True, "autograph": False}


def residual_of(encoder: keras.Model) -> Callable[..., np.ndarray]:
    """(image, secret, strength) -> residual, float32 arrays in and out, whatever their number."""
    compiled = tf.function(lambda image, secret, strength: encoder([image, secret, strength]), **_OPTIONS)
    return lambda image, secret, strength: compiled(*map(tf.constant, (image, secret, strength))).numpy()


def logits_of(decoder: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """image -> logits, float32 arrays in and out, whatever their number."""
    compiled = tf.function(lambda image: decoder(image), **_OPTIONS)
    return lambda image: compiled(tf.constant(image)).numpy()


def learnt(config: Config, encoder: keras.Model, decoder: keras.Model) -> list[keras.Variable]:
    """The weights that a training changes, in the order of its moving average."""
    fixed = config.optimizer.trained == "decoder"
    return [*(() if fixed else encoder.trainable_variables), *decoder.trainable_variables]


def restored(found: Found, config: Config) -> tuple[keras.Model, keras.Model, int]:
    """Encoder and decoder with the averaged weights of a checkpoint, and its step. Raises OSError or UserError."""
    encoder, decoder = build_encoder(config), build_decoder(config)
    average = ExponentialAverage(learnt(config, encoder, decoder), config.optimizer.average_decay)
    groups = {"encoder": encoder.variables, "decoder": decoder.variables, "average": average.variables}
    step = restore_variables(found.checkpoints, groups, found.kind, found.number)
    average.swap()
    return encoder, decoder, step
