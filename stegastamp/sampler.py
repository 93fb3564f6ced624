"""Differentiable resampling of images: the last step of a spatial transformer (Jaderberg et al. 2015)."""

import keras
import tensorflow as tf
from keras import ops

SERIALIZED = keras.saving.register_keras_serializable("stegastamp")


@SERIALIZED
class AffineSampler(keras.layers.Layer):
    """Resample images (B, H, W, C) by affine maps (B, 6) of normalised coordinates, bilinear, zeros outside.

    (a, b, c, d, e, f) maps output (x, y) in [-1, 1] to input (a x + b y + c, d x + e y + f); the corners' centres are at -1 and 1.
    Gradients flow to the images and to the maps (TensorFlow's own projective transform has none for the map).
    """

    def call(self, inputs):
        images, theta = inputs
        x, y = _grid(images, theta.dtype)
        a, b, c, d, e, f = (ops.reshape(theta[:, i], (-1, 1, 1)) for i in range(6))
        return bilinear(images, a * x + b * y + c, d * x + e * y + f)

    def compute_output_shape(self, inputs_shape):
        return inputs_shape[0]


@SERIALIZED
class ProjectiveSampler(keras.layers.Layer):
    """Resample images (B, H, W, C) by homographies (B, 3, 3) of normalised coordinates, bilinear, zeros outside.

    The matrix maps output (x, y, 1) to input coordinates, as for AffineSampler. No gradient reaches it: it is to be learnt from
    where things are and not from what a decoder would like to see.
    """

    def call(self, inputs):
        images, matrix = inputs
        x, y = _grid(images, matrix.dtype)
        a, b, c, d, e, f, g, h, i = (ops.reshape(element, (-1, 1, 1)) for element in tf.unstack(_flat(ops.stop_gradient(matrix)), axis=1))
        # A plane seen from behind has no picture; the clip keeps its coordinates finite.
        scale = 1.0 / ops.maximum(g * x + h * y + i, 1e-3)
        return bilinear(images, (a * x + b * y + c) * scale, (d * x + e * y + f) * scale)

    def compute_output_shape(self, inputs_shape):
        return inputs_shape[0]


def bilinear(images, x, y):
    """Images (B, H, W, C) at normalised coordinates x, y (B, H, W), the same shape; zero outside."""
    _, height, width, channels = images.shape
    column = (x + 1.0) * (0.5 * (width - 1))
    row = (y + 1.0) * (0.5 * (height - 1))
    flat = ops.reshape(images, (-1, height * width, channels))
    left, top = ops.floor(column), ops.floor(row)
    result = 0.0
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        r, k = top + i, left + j
        weight = (1 - ops.abs(row - r)) * (1 - ops.abs(column - k))
        inside = (r >= 0) & (r <= height - 1) & (k >= 0) & (k <= width - 1)
        index = ops.clip(r, 0, height - 1) * width + ops.clip(k, 0, width - 1)
        # Whole pixels by their number: take_along_axis would look up each channel by itself, and back again.
        pixels = tf.gather(flat, ops.cast(index, "int32"), batch_dims=1)
        result = result + pixels * ops.cast(ops.where(inside, weight, 0.0), pixels.dtype)[..., None]
    return result


def _grid(images, dtype):
    _, height, width, _ = images.shape
    return ops.linspace(-1.0, 1.0, width, dtype=dtype)[None, None, :], ops.linspace(-1.0, 1.0, height, dtype=dtype)[None, :, None]


def _flat(matrix):
    return ops.reshape(matrix, (-1, 9))
