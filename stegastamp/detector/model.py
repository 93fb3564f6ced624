"""The network: a frame in, two maps at a quarter of its size out."""

import keras
import numpy as np

from stegastamp.detector.config import DetectorConfig

CHANNELS = ("picture", "core")
"""Logits of the maps: share of a cell covered by pictures, and by their cores."""
BLOCKS = (0, 1, 2, 2, 2)
"""Residual blocks at strides 2, 4, 8, 16 and 32."""


def build_detector(config: DetectorConfig) -> keras.Model:
    """frames (B, H, W, 3) in [0, 1], H and W multiples of 32 -> logits (B, H / 4, W / 4, 2) float32, of CHANNELS.

    Areas rather than corner heat maps: an outline is fitted to all cells that it crosses, so a corner that is cut off, covered or
    round costs little, pictures of any turn need no numbering of corners, and it trains in minutes. No normalisation layers, whose
    answer would depend on the rest of a batch; residual blocks that start as the identity do without.
    """
    layers = keras.layers
    # Pictures cover about a fifth of a frame and cores a third of that: the maps start at their means.
    bias = keras.initializers.Constant(np.float32([-1.4, -2.6]))
    frame = keras.Input((None, None, 3), name="frame")
    x, levels = layers.Rescaling(4.0, -2.0, name="centred")(frame), []
    for level, (width, blocks) in enumerate(zip(config.network.widths, BLOCKS, strict=True)):
        x = _convolution(width, f"down{level}", strides=2)(x)
        for number in range(blocks):
            x = _block(x, width, f"level{level}_block{number}")
        levels.append(x)
    for level in (3, 2, 1):
        width = config.network.widths[level]
        x = layers.Conv2D(width, 1, name=f"up{level}_narrow", kernel_initializer="he_normal")(x)
        x = layers.UpSampling2D(2, interpolation="bilinear", name=f"up{level}")(x)
        x = layers.Add(name=f"up{level}_add")([x, levels[level]])
        x = _block(x, width, f"up{level}_block")
    maps = layers.Conv2D(len(CHANNELS), 1, name="maps", kernel_initializer="zeros", bias_initializer=bias, dtype="float32")(x)
    return keras.Model(frame, maps, name="detector")


def _convolution(width, name, strides=1):
    return keras.layers.Conv2D(width, 3, strides=strides, padding="same", activation="relu", kernel_initializer="he_normal", name=name)


def _block(x, width, name):
    inner = _convolution(width, f"{name}_in")(x)
    # Zeros: every block is the identity at first.
    outer = keras.layers.Conv2D(width, 3, padding="same", kernel_initializer="zeros", name=f"{name}_out")(inner)
    return keras.layers.Add(name=f"{name}_add")([x, outer])
