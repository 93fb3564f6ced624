"""JPEG inside a training step: encode, quantise and decode as TensorFlow operations through which gradients flow.

Two quantisers are offered. "rounded" follows a real codec integer by integer (libjpeg's colour conversion, 4:2:0
averaging, quality scaling, triangle upsampling), with straight-through gradients where it rounds or clamps. "smooth"
is the substitute of Shin and Song 2017 used by Tancik et al. 2020, sec. 3.3: x^3 in place of rounding for |x| < 1/2,
x elsewhere, and a quality that need not be a whole number.
"""

from typing import Literal

import numpy as np
import tensorflow as tf

Rounding = Literal["rounded", "smooth"]

# ITU-T T.81, tables K.1 and K.2, in image order (not zigzag).
_LUMA_TABLE = (
    [16, 11, 10, 16, 24, 40, 51, 61]
    + [12, 12, 14, 19, 26, 58, 60, 55]
    + [14, 13, 16, 24, 40, 57, 69, 56]
    + [14, 17, 22, 29, 51, 87, 80, 62]
    + [18, 22, 37, 56, 68, 109, 103, 77]
    + [24, 35, 55, 64, 81, 104, 113, 92]
    + [49, 64, 78, 87, 103, 121, 120, 101]
    + [72, 92, 95, 98, 112, 100, 103, 99]
)
_CHROMA_TABLE = (
    [17, 18, 24, 47, 99, 99, 99, 99]
    + [18, 21, 26, 66, 99, 99, 99, 99]
    + [24, 26, 56, 99, 99, 99, 99, 99]
    + [47, 66, 99, 99, 99, 99, 99, 99]
    + [99] * 32
)
_TABLES = np.float32([_LUMA_TABLE, _CHROMA_TABLE])[:, None]


def _dct_matrix() -> np.ndarray:
    position, frequency = np.meshgrid(np.arange(8), np.arange(8), indexing="ij")
    one_axis = np.cos((2 * position + 1) * frequency * np.pi / 16) / 2
    one_axis[:, 0] /= np.sqrt(2)
    return np.kron(one_axis, one_axis).astype(np.float32)


# One 64 x 64 product a block: on GPUs with TF32 the pixels are then exact and only the basis is rounded.
_DCT = _dct_matrix()


def jpeg(images: tf.Tensor, quality: tf.Tensor, rounding: Rounding = "rounded") -> tf.Tensor:
    """Images after JPEG compression with 4:2:0 chroma, (B, H, W, 3) float32 RGB in [0, 1] to the same shape and range.

    `quality` is (B,) float32 in [1, 100], one for each image, on the scale of the Independent JPEG Group; "rounded"
    takes the nearest whole quality. Gradients reach `images` only.
    """
    if rounding not in ("rounded", "smooth"):
        raise ValueError(f"unknown JPEG rounding {rounding!r}: choose 'rounded' or 'smooth'")
    images = tf.convert_to_tensor(images, tf.float32)
    if images.shape.rank != 4 or images.shape[-1] != 3:
        raise ValueError(f"JPEG needs images of shape (batch, height, width, 3), not {images.shape}")
    quality = tf.convert_to_tensor(quality, tf.float32)
    return _rounded(images * 255.0, tf.round(quality)) if rounding == "rounded" else _smooth(images * 255.0, quality)


def _rounded(images, quality):
    _, height, width, _ = images.shape
    luma, chroma = _from_rgb(_pad_to_blocks(_byte(images)))
    # libjpeg breaks ties downwards and upwards in turn from column to column, so that the mean stays.
    chroma = _floor(_halve(_byte(chroma)) + np.resize(np.float32([1 / 4, 2 / 4]), chroma.shape[-1] // 2))
    luma_table, chroma_table = _whole_tables(quality)
    luma = _rounded_codec(_byte(luma), luma_table)
    # The decoder knows nothing of the padding when it interpolates the chroma, so it goes first.
    chroma = _double(_rounded_codec(chroma, chroma_table)[:, :, : (height + 1) // 2, : (width + 1) // 2])
    chroma = _floor(chroma + np.resize(np.float32([8 / 16, 7 / 16]), chroma.shape[-1]))
    return _byte(_to_rgb(luma[:, :, :height, :width], chroma[:, :, :height, :width])) / 255.0


def _smooth(images, quality):
    _, height, width, _ = images.shape
    luma, chroma = _from_rgb(_pad_to_blocks(images))
    luma_table, chroma_table = _fractional_tables(quality)
    luma = _codec(luma, luma_table, _quantise_smoothly)
    chroma = _double(_codec(_halve(chroma), chroma_table, _quantise_smoothly))
    return tf.clip_by_value(_to_rgb(luma, chroma)[:, :height, :width] / 255.0, 0.0, 1.0)


# A rounding's own gradient is zero everywhere; these two pass the gradient on as if they were the identity.
_byte = tf.grad_pass_through(lambda values: tf.clip_by_value(tf.floor(values + 0.5), 0.0, 255.0))
_floor = tf.grad_pass_through(tf.floor)


def _pad_to_blocks(images):
    # Encoders repeat the last row and column to fill the last block of 16 (8 after the chroma is halved).
    for axis in (1, 2):
        size = images.shape[axis]
        if size % 16:
            images = tf.gather(images, np.minimum(np.arange(size + -size % 16), size - 1), axis=axis)
    return images


def _from_rgb(images):
    """Luma (B, 1, H, W) and chroma (B, 2, H, W) in [0, 255], full-range BT.601 as in JFIF."""
    red, green, blue = tf.split(tf.transpose(images, (0, 3, 1, 2)), 3, axis=1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return luma, tf.concat([(blue - luma) * (0.5 / 0.886), (red - luma) * (0.5 / 0.701)], axis=1) + 128.0


def _to_rgb(luma, chroma):
    blue_difference, red_difference = tf.split(chroma - 128.0, 2, axis=1)
    red = luma + 1.402 * red_difference
    green = luma - 0.344136 * blue_difference - 0.714136 * red_difference
    blue = luma + 1.772 * blue_difference
    return tf.transpose(tf.concat([red, green, blue], axis=1), (0, 2, 3, 1))


def _halve(planes):
    batch, count, height, width = planes.shape
    halved = tf.nn.avg_pool2d(tf.reshape(planes, (batch * count, height, width, 1)), 2, 2, "VALID")
    return tf.reshape(halved, (batch, count, height // 2, width // 2))


def _double(planes):
    # Half-pixel bilinear doubling is libjpeg's "fancy" triangle filter: weights 3/4 and 1/4 along each axis, edges repeated.
    batch, count, height, width = planes.shape
    flat = tf.reshape(planes, (batch * count, height, width, 1))
    doubled = tf.image.resize(flat, (2 * height, 2 * width), method="bilinear")
    return tf.reshape(doubled, (batch, count, 2 * height, 2 * width))


def _whole_tables(quality):
    """Quantisation steps of luma and chroma as libjpeg computes them in integers, each (B, 64)."""
    percent = tf.where(quality < 50.0, tf.floor(5000.0 / tf.maximum(quality, 1.0)), 200.0 - 2.0 * quality)
    return tf.unstack(tf.clip_by_value(tf.floor((_TABLES * percent[:, None] + 50.0) / 100.0), 1.0, 255.0))


def _fractional_tables(quality):
    percent = tf.where(quality < 50.0, 5000.0 / tf.maximum(quality, 1.0), 200.0 - 2.0 * quality)
    # The small constant keeps the steps of quality 100 from being zero.
    return tf.unstack(_TABLES * (percent[:, None] / 100.0 + 1e-4))


def _codec(planes, table, quantise):
    """Planes (B, P, H, W) after their 8 x 8 blocks went through the transform, the quantiser and back."""
    batch, count, height, width = planes.shape
    blocks = tf.reshape(planes - 128.0, (batch * count * height // 8, 8, width // 8, 8))
    blocks = tf.reshape(tf.transpose(blocks, (0, 2, 1, 3)), (-1, 64))
    coefficients = tf.reshape(tf.matmul(blocks, _DCT), (batch, -1, 64))
    coefficients = quantise(coefficients, table[:, None])
    blocks = tf.matmul(tf.reshape(coefficients, (-1, 64)), _DCT, transpose_b=True)
    blocks = tf.reshape(blocks, (batch * count * height // 8, width // 8, 8, 8))
    return tf.reshape(tf.transpose(blocks, (0, 2, 1, 3)), planes.shape) + 128.0


def _rounded_codec(planes, table):
    # The transform is orthonormal, so a straight-through gradient at every coefficient is one through the whole codec.
    return tf.grad_pass_through(lambda values: _byte(_codec(values, table, _quantise_as_libjpeg)))(planes)


def _quantise_as_libjpeg(coefficients, steps):
    # libjpeg's transform ends in whole eighths; without that, many of its ties would fall to the other side here.
    coefficients = tf.floor(coefficients * 8.0 + 0.5) / 8.0 / steps
    return tf.sign(coefficients) * tf.floor(tf.abs(coefficients) + 0.5) * steps


def _quantise_smoothly(coefficients, steps):
    levels = coefficients / steps
    return tf.where(tf.abs(levels) < 0.5, levels * levels * levels, levels) * steps
