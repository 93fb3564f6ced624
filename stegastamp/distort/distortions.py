"""What happens to a stamp on its way to the decoder, differentiable: the perturbations of Tancik et al. 2020, sec. 3.3.

Every operation has the form (images, keys, levels, settings) -> images. A new one is a function of that form and a row in
CHAIN. Levels come in as tensors, so that a compiled step follows their ramps; at level 0 an operation changes no image in
[0, 1].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import tensorflow as tf

from longrun.step import seeding
from stegastamp.distort.jpeg import Rounding, jpeg
from stegastamp.pictures.crops import LUMA

KERNEL_SIZE = 7
"""Side of the blur kernels in pixels."""
_ROW, _COLUMN = np.float32(np.mgrid[:KERNEL_SIZE, :KERNEL_SIZE] - KERNEL_SIZE // 2)
_UNTOUCHED = np.float32((_ROW == 0) & (_COLUMN == 0))


@dataclass(frozen=True)
class Distortions:
    """Largest parameters, reached at level 1. The defaults are those of the published training (base.sh)."""

    gaussian_blur: float = 0.25
    """Probability of a Gaussian blur."""
    gaussian_blur_sigma: tuple[float, float] = (1.0, 3.0)
    """Its standard deviation in pixels, uniform between the two."""
    line_blur: float = 0.25
    """Probability of a motion blur along a line of any direction; what remains to 1 is left sharp."""
    line_blur_sigma: tuple[float, float] = (0.25, 1.0)
    """Standard deviation across the line in pixels, uniform between the two."""
    line_blur_length: tuple[float, float] = (3.0, 3.1)
    """Half-length of the line in pixels, as a distance |x| + |y|, uniform between the two."""
    noise: float = 0.02
    """Largest standard deviation of Gaussian noise."""
    contrast: tuple[float, float] = (0.5, 1.5)
    """Factor of all values, uniform between the two."""
    brightness: float = 0.3
    """Largest offset of all channels together."""
    hue: float = 0.1
    """Largest offset of each channel by itself."""
    saturation: float = 1.0
    """Largest share of grey in the blend of image and grey."""
    jpeg_quality: float = 50.0
    """Lowest JPEG quality."""
    jpeg: Rounding = "rounded"
    """Quantiser of the JPEG, "rounded" (new here, as a real codec) or "smooth" (as published)."""
    clip: Literal["straight_through", "hard"] = "straight_through"
    """Gradient of clipping to [0, 1]: of the identity (new here), or zero where a value was clipped (as published)."""
    shared_parameters: bool = False
    """Draw blur, deviation of the noise, share of grey and JPEG quality once for a batch (as published)."""

    def __post_init__(self):
        if min(self.gaussian_blur, self.line_blur) < 0 or self.gaussian_blur + self.line_blur > 1:
            raise ValueError(f"gaussian_blur ({self.gaussian_blur}) and line_blur ({self.line_blur}) must be probabilities")
        if not 1 <= self.jpeg_quality <= 100:
            raise ValueError(f"jpeg_quality must lie in 1..100, not {self.jpeg_quality}")
        if self.jpeg not in ("rounded", "smooth"):
            raise ValueError(f"jpeg must be 'rounded' or 'smooth', not {self.jpeg!r}")
        if self.clip not in ("straight_through", "hard"):
            raise ValueError(f"clip must be 'straight_through' or 'hard', not {self.clip!r}")


Levels = Mapping[str, tf.Tensor]
Distortion = Callable[[tf.Tensor, tf.Tensor, Levels, Distortions], tf.Tensor]


def distort(images: tf.Tensor, keys: tf.Tensor, levels: Levels, settings: Distortions) -> tf.Tensor:
    """Images (B, H, W, 3) float32 RGB after the whole chain, same shape, in [0, 1].

    `keys` (B, 2) int32 seeds each sample; `levels` holds a float32 scalar in [0, 1] for each name in LEVELS. All
    parameters are drawn for each sample, so that a part of a batch comes out as it does within the batch (except with
    `settings.shared_parameters`).
    """
    missing = [name for name in LEVELS if name not in levels]
    if missing:
        raise ValueError(f"no level given for the distortion {', '.join(missing)}")
    for distortion in CHAIN:
        images = distortion(images, keys, levels, settings)
    return images


def blur(images: tf.Tensor, keys: tf.Tensor, levels: Levels, settings: Distortions) -> tf.Tensor:
    """Gaussian blur, motion blur or none. The level blends a kernel with the one that changes nothing."""
    choice, angle, sigma, length = tf.unstack(seeding.uniform(_parameter_keys(keys, settings), "blur", (4,)), axis=-1)
    gaussian = gaussian_kernels(_between(settings.gaussian_blur_sigma, sigma))
    thickness, half_length = _between(settings.line_blur_sigma, sigma), _between(settings.line_blur_length, length)
    line = line_kernels(2.0 * np.pi * angle, thickness, half_length)
    choice = choice[:, None, None]
    kernels = tf.where(choice < settings.gaussian_blur, gaussian, line)
    blurred = tf.cast(choice < settings.gaussian_blur + settings.line_blur, tf.float32)
    return convolve(images, _UNTOUCHED + levels["blur"] * blurred * (kernels - _UNTOUCHED))


def noise(images: tf.Tensor, keys: tf.Tensor, levels: Levels, settings: Distortions) -> tf.Tensor:
    """Gaussian noise of standard deviation U(0, level * noise), clipped to [0, 1]."""
    deviation = seeding.uniform(_parameter_keys(keys, settings), "noise deviation", (1, 1, 1), 0.0, settings.noise * levels["noise"])
    field = seeding.normal(keys, "noise", images.shape[1:])
    return _clip(images + deviation * field, settings)


def colour(images: tf.Tensor, keys: tf.Tensor, levels: Levels, settings: Distortions) -> tf.Tensor:
    """Contrast factor, then offsets of brightness (all channels) and hue (each channel), clipped to [0, 1]."""
    low, high = (1.0 + levels["contrast"] * (end - 1.0) for end in settings.contrast)
    factor = seeding.uniform(keys, "contrast", (1, 1, 1), low, high)
    brightness, hue = settings.brightness * levels["brightness"], settings.hue * levels["hue"]
    offset = seeding.uniform(keys, "brightness", (1, 1, 1), -brightness, brightness)
    offset += seeding.uniform(keys, "hue", (1, 1, 3), -hue, hue)
    return _clip(images * factor + offset, settings)


def desaturate(images: tf.Tensor, keys: tf.Tensor, levels: Levels, settings: Distortions) -> tf.Tensor:
    """Blend with grey, the share of grey being U(0, level * saturation)."""
    most = settings.saturation * levels["saturation"]
    share = seeding.uniform(_parameter_keys(keys, settings), "saturation", (1, 1, 1), 0.0, most)
    # As a product: a sum over an axis of three is several times slower on CPUs.
    grey = tf.matmul(images, tf.constant([[weight] * 3 for weight in LUMA]))
    return images + share * (grey - images)


def compress(images: tf.Tensor, keys: tf.Tensor, levels: Levels, settings: Distortions) -> tf.Tensor:
    """JPEG of quality 100 - U(0, level * (100 - jpeg_quality)); at level 0 none at all, since even quality 100 halves the chroma."""
    level = levels["jpeg"]
    loss = seeding.uniform(_parameter_keys(keys, settings), "jpeg quality", (), 0.0, level * (100.0 - settings.jpeg_quality))
    compressed = jpeg(images, 100.0 - loss, settings.jpeg)
    # The older Select knows that a scalar condition takes one tensor or the other; tf.where goes through the pixels.
    return tf.raw_ops.Select(condition=level > 0.0, x=compressed, y=images)


CHAIN: tuple[Distortion, ...] = (blur, noise, colour, desaturate, compress)
"""The operations in the order of the publication."""
LEVELS = ("blur", "noise", "contrast", "brightness", "hue", "saturation", "jpeg")
"""Names of the levels that the chain reads."""


@tf.custom_gradient
def clip(images: tf.Tensor) -> tf.Tensor:
    """Values clipped to [0, 1], with the gradient of the identity."""
    return tf.clip_by_value(images, 0.0, 1.0), lambda gradient: gradient


@tf.custom_gradient
def eight_bit(images: tf.Tensor) -> tf.Tensor:
    """Images clipped to [0, 1] and rounded to whole 255ths, as files hold them, with the gradient of the identity."""
    return tf.round(tf.clip_by_value(images, 0.0, 1.0) * 255.0) / 255.0, lambda gradient: gradient


def convolve(images: tf.Tensor, kernels: tf.Tensor) -> tf.Tensor:
    """Each image of (B, H, W, C) correlated with its own kernel of (B, K, K), K odd; beyond the edges the image is mirrored."""
    count, height, width, channels = images.shape
    reach = kernels.shape[1] // 2
    padded = tf.pad(images, ((0, 0), (reach, reach), (reach, reach), (0, 0)), "SYMMETRIC")
    # One depthwise convolution over batch x channels takes half the time of one for each image.
    stacked = tf.reshape(tf.transpose(padded, (1, 2, 0, 3)), (1, height + 2 * reach, width + 2 * reach, count * channels))
    filters = tf.repeat(tf.transpose(kernels, (1, 2, 0)), channels, axis=-1)[..., None]
    stacked = tf.nn.depthwise_conv2d(stacked, filters, (1, 1, 1, 1), "VALID")
    return tf.transpose(tf.reshape(stacked, (height, width, count, channels)), (2, 0, 1, 3))


def gaussian_kernels(sigma: tf.Tensor) -> tf.Tensor:
    """Normalised Gaussian kernels (B, 7, 7) of standard deviations (B,) in pixels."""
    return _normalised(tf.exp(-(_ROW**2 + _COLUMN**2) / (2.0 * sigma[:, None, None] ** 2)))


def line_kernels(angle: tf.Tensor, sigma: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    """Normalised motion blur kernels (B, 7, 7).

    `angle` is the direction across the line in radians, 0 being downwards, `sigma` the standard deviation across the line and
    `length` its half-length |x| + |y| in pixels, each (B,).
    """
    angle, sigma, length = (values[:, None, None] for values in (angle, sigma, length))
    across = _ROW * tf.cos(angle) + _COLUMN * tf.sin(angle)
    on_line = tf.cast(np.abs(_ROW) + np.abs(_COLUMN) < length, tf.float32)
    return _normalised(tf.exp(-(across**2) / (2.0 * sigma**2)) * on_line)


def _between(ends, share):
    return ends[0] + (ends[1] - ends[0]) * share


def _normalised(kernels):
    return kernels / tf.reduce_sum(kernels, axis=(1, 2), keepdims=True)


def _clip(images, settings):
    return clip(images) if settings.clip == "straight_through" else tf.clip_by_value(images, 0.0, 1.0)


def _parameter_keys(keys, settings):
    return tf.broadcast_to(keys[:1], keys.shape) if settings.shared_parameters else keys
