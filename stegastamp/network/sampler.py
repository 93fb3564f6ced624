"""Differentiable resampling of images: the last step of a spatial transformer (Jaderberg et al. 2015).

Written in Keras operations alone, for tensors and for the symbols of a Functional model, which then opens without this package.
Coordinates are float32 whatever the policy: in half precision they would be off by pixels.
"""

import numpy as np
from keras import ops


def affine(images, theta):
    """Resample images (B, H, W, C) by affine maps (B, 6) of normalised coordinates, bilinear, zeros outside.

    (a, b, c, d, e, f) maps output (x, y) in [-1, 1] to input (a x + b y + c, d x + e y + f); the corners' centres are at -1 and 1.
    Gradients flow to the images and to the maps (TensorFlow's own projective transform has none for the map).
    """
    a, b, c, d, e, f = (ops.reshape(theta[:, i], (-1, 1, 1)) for i in range(6))
    return bilinear(images, _plane(images, a, b, c), _plane(images, d, e, f))


def projective(images, matrix):
    """Resample images (B, H, W, C) by homographies (B, 3, 3) of normalised coordinates, bilinear, zeros outside.

    The matrix maps output (x, y, 1) to input coordinates, as for `affine`. No gradient reaches it: it is to be learnt from where
    things are and not from what a decoder would like to see.
    """
    elements = ops.reshape(ops.stop_gradient(matrix), (-1, 9))
    a, b, c, d, e, f, g, h, i = (ops.reshape(elements[:, index], (-1, 1, 1)) for index in range(9))
    # A plane seen from behind has no picture; the clip keeps its coordinates finite.
    scale = 1.0 / ops.maximum(_plane(images, g, h, i), 1e-3)
    return bilinear(images, _plane(images, a, b, c) * scale, _plane(images, d, e, f) * scale)


def bilinear(images, x, y):
    """Images (B, H, W, C) at normalised coordinates x, y (B, H, W), the same shape; zero outside."""
    _, height, width, channels = images.shape
    column = (x + 1.0) * (0.5 * (width - 1))
    row = (y + 1.0) * (0.5 * (height - 1))
    left, top = ops.floor(column), ops.floor(row)
    # Whole pixels by their number in the batch: take_along_axis would look up each channel by itself, and back again.
    pixels = ops.reshape(images, (-1, channels))
    first = height * width * (ops.cumsum(ops.cast(ops.ones_like(x[:, :1, :1]), "int32"), axis=0) - 1)
    result = 0.0
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        r, k = top + i, left + j
        weight = (1 - ops.abs(row - r)) * (1 - ops.abs(column - k))
        inside = ops.logical_and(ops.logical_and(r >= 0, r <= height - 1), ops.logical_and(k >= 0, k <= width - 1))
        index = ops.cast(ops.clip(r, 0, height - 1) * width + ops.clip(k, 0, width - 1), "int32")
        weight = ops.cast(ops.where(inside, weight, ops.zeros_like(weight)), images.dtype)
        result = result + ops.take(pixels, first + index, axis=0) * ops.expand_dims(weight, -1)
    return result


def _plane(images, across, down, offset):
    """across x + down y + offset over the pixels of images (B, H, W, C), (B, H, W); coefficients (B, 1, 1)."""
    _, height, width, _ = images.shape
    x, y = (np.linspace(-1, 1, count, dtype=np.float32) for count in (width, height))
    # Subtracted, because Keras takes the sum of (1, 1, W) and (1, W, 1) for that of an image and a bias, and drops a dimension.
    return (across * x[None, None, :] + offset) - (-down) * y[None, :, None]
