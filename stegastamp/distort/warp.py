"""Perspective resampling of batches, and the warp-encode-unwarp that makes a mark survive a badly aligned detector.

A homography is held as tensorflow-addons did: the eight numbers a0..a7 that take an OUTPUT pixel (x, y) to the INPUT
pixel ((a0 x + a1 y + a2) / k, (a3 x + a4 y + a5) / k) with k = a6 x + a7 y + 1. Pixel centres lie at whole numbers, x
to the right, y down.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import tensorflow as tf

from longrun.step import seeding

Border = Literal["no_edge", "black", "white", "random", "randomrgb", "image"]
BORDERS: tuple[Border, ...] = ("no_edge", "black", "white", "random", "randomrgb", "image")


class WarpedStamp(NamedTuple):
    """What one warp-encode-unwarp yields: images of (B, S, S, 3) float32, not clipped. (cover, stamped) is for a critic."""

    aligned: tf.Tensor
    """The stamped image brought back: only the mark is distorted, the border filled. For the losses and the decoder."""
    cover: tf.Tensor
    """What the encoder saw; with border "no_edge" the images themselves, as published."""
    stamped: tf.Tensor
    """That plus the residual; with border "no_edge" the same as `aligned`, as published."""
    residual: tf.Tensor
    """The encoder's answer, in the warped frame."""
    homographies: tf.Tensor
    """(B, 8), pixel of `aligned` -> pixel of the warped frame: where the decoder's input finds its mark."""


def transform(images: tf.Tensor, homographies: tf.Tensor, fill: float = 0.0) -> tf.Tensor:
    """Bilinear projective resampling of (B, H, W, C) float32 images, one homography of (B, 8) each, to the same shape.

    Outside of the input lies `fill`, blended over the last pixel. Gradients reach the images but not the
    homographies, and are TensorFlow's own approximation: the incoming gradient resampled by the inverse homography.
    The same bits as `tfa.image.transform`.
    """
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=homographies,
        output_shape=images.shape[1:3],
        fill_value=fill,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )


def homography(source_corners: tf.Tensor, target_corners: tf.Tensor) -> tf.Tensor:
    """The (B, 8) homographies that take each of four (B, 4, 2) source corners (x, y) to its target corner.

    Exactly the identity where source equals target. Raises InvalidArgumentError when three of the source corners lie
    on a line.
    """
    source = tf.cast(source_corners, tf.float64)
    target = tf.cast(target_corners, tf.float64)
    # In units of the largest coordinate all equations have a like weight; solving in pixels would lose digits.
    unit = tf.reduce_max(tf.abs(tf.concat([source, target], axis=1)), axis=(1, 2))
    x, y = tf.unstack(source / unit[:, None, None], axis=-1)
    u, v = tf.unstack(target / unit[:, None, None], axis=-1)
    one, zero = tf.ones_like(x), tf.zeros_like(x)
    across = tf.stack([x, y, one, zero, zero, zero, -u * x, -u * y], axis=-1)
    down = tf.stack([zero, zero, zero, x, y, one, -v * x, -v * y], axis=-1)
    # Solved for the departure from the identity: corners that do not move then give exactly the identity.
    departure = tf.linalg.solve(tf.concat([across, down], axis=1), tf.concat([u - x, v - y], axis=1)[..., None])[..., 0]
    departure *= unit[:, None] ** np.float64([0, 0, 1, 0, 0, 1, -1, -1])
    return tf.cast(np.float64([1, 0, 0, 0, 1, 0, 0, 0]) + departure, tf.float32)


def invert(homographies: tf.Tensor) -> tf.Tensor:
    """The (B, 8) homographies of the opposite direction; exactly the identity for the identity."""
    a, b, c, d, e, f, g, h = tf.unstack(tf.cast(homographies, tf.float64), axis=-1)
    # The adjugate, divided by its last element to bring the constant of the denominator back to 1.
    adjugate = [e - f * h, c * h - b, b * f - c * e, f * g - d, a - c * g, c * d - a * f, d * h - e * g, b * g - a * h]
    return tf.cast(tf.stack(adjugate, axis=-1) / (a * e - b * d)[:, None], tf.float32)


def image_corners(count: int, size: int) -> tf.Tensor:
    """Corners of `count` square images of `size` pixels, (count, 4, 2) float32 as (x, y), clockwise from the top left.

    They lie at 0 and `size`, as published; the true outline of the pixels is half a pixel to the left and up.
    """
    return tf.tile(tf.constant([[[0, 0], [size, 0], [size, size], [0, size]]], tf.float32), (count, 1, 1))


class Motion(NamedTuple):
    """Largest movements of a picture as a whole, scalars or tensors; they come on top of the jitter of its corners (new here)."""

    rotation: tf.Tensor | float
    """In radians."""
    scale: tf.Tensor | float
    """The factor lies in 1 - scale .. 1 + scale."""
    shift: tf.Tensor | float
    """In fractions of the side."""
    stretch: tf.Tensor | float = 0.0
    """The factor along each axis by itself lies in 1 - stretch .. 1, the further one of the mark being as large as it was."""


def random_corners(keys: tf.Tensor, size: int, amount: tf.Tensor, shared: bool = False, motion: Motion | None = None) -> tf.Tensor:
    """Image corners after a random jitter, (B, 4, 2) float32 in pixels, clockwise from the top left.

    Every coordinate moves by U(-reach, reach) with reach = size * amount * U(0, 1); `amount` is a fraction of the
    side (0.1 in Tancik et al. 2020, sec. 3.3). Each sample draws its own reach (new here); `shared` draws one whole
    number of pixels for the batch, as published.
    """
    count = keys.shape[0]
    reach = seeding.uniform(_first_key(keys) if shared else keys, "corner reach", (1, 1)) * amount * size
    if shared:
        reach = tf.floor(reach)
    corners = image_corners(count, size) + reach * seeding.uniform(keys, "corner jitter", (4, 2), -1.0, 1.0)
    if motion is None:
        return corners
    angle = motion.rotation * seeding.uniform(keys, "rotation", (1, 1), -1.0, 1.0)
    factor = 1.0 + motion.scale * seeding.uniform(keys, "scale", (1, 1), -1.0, 1.0)
    factor *= 1.0 - motion.stretch * seeding.uniform(keys, "stretch", (1, 2))
    shift = size * motion.shift * seeding.uniform(keys, "shift", (1, 2), -1.0, 1.0)
    x, y = tf.split(corners - size / 2, 2, axis=-1)
    turned = tf.concat([tf.cos(angle) * x - tf.sin(angle) * y, tf.sin(angle) * x + tf.cos(angle) * y], axis=-1)
    return size / 2 + factor * turned + shift


def warp_encode_unwarp(
    encoder: Callable[[tf.Tensor], tf.Tensor],
    images: tf.Tensor,
    keys: tf.Tensor,
    amount: tf.Tensor,
    border: Border = "white",
    shared: bool = False,
    motion: Motion | None = None,
) -> WarpedStamp:
    """Stamp warped images and bring them back: only the mark ends up distorted (Tancik et al. 2020, sec. 3.3).

    `encoder` maps the warped images to a residual of the same shape, `images` is (B, S, S, 3) float32, `keys` (B, 2)
    int32 seeds each sample, `amount` is the corner jitter of `random_corners` and `motion` comes on top; at 0 the aligned image is exactly
    images + encoder(images). `border` says what shows where the way there and back loses pixels: the image itself
    without a mark ("no_edge"), black, white, one "random" grey, one random colour ("randomrgb"), or the next "image"
    of the batch. `shared` draws reach, grey and colour once for the batch, as published, instead of once for each
    sample (new here).
    """
    if border not in BORDERS:
        raise ValueError(f"unknown border {border!r}: choose one of {', '.join(BORDERS)}")
    count, size, width, _ = images.shape
    if size != width:
        raise ValueError(f"the random warp needs square images, not {size} x {width}")
    squeeze = homography(random_corners(keys, size, amount, shared, motion), image_corners(count, size))
    unsqueeze = invert(squeeze)
    inside = tf.ones((count, size, size, 1))

    warped = transform(images, squeeze) + (1.0 - transform(inside, squeeze)) * images
    residual = encoder(warped)
    if border == "no_edge":
        aligned = images + transform(residual, unsqueeze)
        return WarpedStamp(aligned, images, aligned, residual, unsqueeze)

    stamped = warped + residual
    if border in ("black", "white"):
        aligned = transform(stamped, unsqueeze, fill=float(border == "white"))
    else:
        filling = tf.roll(images, 1, axis=0) if border == "image" else _border_colour(keys, border, shared)
        aligned = transform(stamped, unsqueeze) + (1.0 - transform(inside, unsqueeze)) * filling
    return WarpedStamp(aligned, warped, stamped, residual, unsqueeze)


def _border_colour(keys, border, shared):
    channels = 1 if border == "random" else 3
    return seeding.uniform(_first_key(keys) if shared else keys, "border colour", (1, 1, channels))


def _first_key(keys):
    return tf.broadcast_to(keys[:1], keys.shape)
