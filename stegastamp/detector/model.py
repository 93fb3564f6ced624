"""The network: a frame in, two maps at a quarter of its size out."""

import keras
import numpy as np

from stegastamp.detector.config import DetectorConfig

CHANNELS = ("picture", "core")
"""Logits of the maps: share of a cell covered by pictures, and by their cores."""
BLOCKS = (0, 1, 2, 2, 2)
"""Residual blocks at strides 2, 4, 8, 16 and 32."""


def build_detector(config: DetectorConfig, dtype: str | None = None) -> keras.Model:
    """frames (B, H, W, 3) in [0, 1], H and W multiples of 32 -> logits (B, H / 4, W / 4, 2) float32, of CHANNELS.

    dtype: of everything, for a copy to be stored; its weights are zeros.

    Areas rather than corner heat maps: an outline is fitted to all cells that it crosses, so a corner that is cut off, covered or
    round costs little, pictures of any turn need no numbering of corners, and it trains in minutes. No normalisation layers, whose
    answer would depend on the rest of a batch; residual blocks that start as the identity do without.
    """
    layers = keras.layers
    # Pictures cover about a fifth of a frame and cores a third of that: the maps start at their means.
    bias = "zeros" if dtype else keras.initializers.Constant(np.float32([-1.4, -2.6]))
    frame = keras.Input((None, None, 3), name="frame", dtype=dtype)
    x, levels = layers.Rescaling(4.0, -2.0, name="centred", dtype=dtype)(frame), []
    for level, (width, blocks) in enumerate(zip(config.widths, BLOCKS, strict=True)):
        x = _convolution(width, f"down{level}", dtype, strides=2)(x)
        for number in range(blocks):
            x = _block(x, width, f"level{level}_block{number}", dtype)
        levels.append(x)
    for level in (3, 2, 1):
        width = config.widths[level]
        x = layers.Conv2D(width, 1, name=f"up{level}_narrow", kernel_initializer=_initializer(dtype), dtype=dtype)(x)
        x = layers.UpSampling2D(2, interpolation="bilinear", name=f"up{level}", dtype=dtype)(x)
        x = layers.Add(name=f"up{level}_add", dtype=dtype)([x, levels[level]])
        x = _block(x, width, f"up{level}_block", dtype)
    maps = layers.Conv2D(len(CHANNELS), 1, name="maps", kernel_initializer="zeros", bias_initializer=bias, dtype=dtype or "float32")(x)
    return keras.Model(frame, maps, name="detector")


def _convolution(width, name, dtype, strides=1):
    return keras.layers.Conv2D(
        width, 3, strides=strides, padding="same", activation="relu", kernel_initializer=_initializer(dtype), name=name, dtype=dtype
    )


def _initializer(dtype):
    # Drawing numbers in half precision makes TensorFlow complain on many CPUs.
    return "zeros" if dtype else "he_normal"


def _block(x, width, name, dtype):
    inner = _convolution(width, f"{name}_in", dtype)(x)
    # Zeros: every block is the identity at first.
    outer = keras.layers.Conv2D(width, 3, padding="same", kernel_initializer="zeros", name=f"{name}_out", dtype=dtype)(inner)
    return keras.layers.Add(name=f"{name}_add", dtype=dtype)([x, outer])
