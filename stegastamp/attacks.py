"""Single distortions at full strength, for the table of an evaluation: NumPy, OpenCV and a real JPEG codec, nothing of the training.

An attack maps images (N, S, S, 3) uint8 RGB and keys (N, 2) int32, one for each image, to images of the same shape and dtype.
Its strength is the largest of the training at level 1; the key of an image only decides signs, directions and noise.
"""

from collections.abc import Callable

import cv2
import numpy as np

from stegastamp.distortions import LUMA, Distortions

_FULL = Distortions()


def _each(attack):
    """Turn (float32 image in [0, 1], generator) -> image into an attack on a batch of bytes."""

    def on_batch(images: np.ndarray, keys: np.ndarray) -> np.ndarray:
        if images.dtype != np.uint8 or images.ndim != 4:
            raise ValueError(f"an attack needs images (N, H, W, 3) uint8, not {images.shape} {images.dtype}")
        attacked = [attack(np.float32(image) / 255, _generator(key)) for image, key in zip(images, keys, strict=True)]
        return np.stack([np.uint8(np.rint(np.clip(image, 0, 1) * 255)) for image in attacked])

    return on_batch


def _generator(key):
    return np.random.Generator(np.random.Philox(key=np.asarray(key, np.int32).view(np.uint32).astype(np.uint64)))


def _jpeg(quality):
    def attack(image, generator):
        pixels = np.uint8(np.rint(image[..., ::-1] * 255))
        data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.float32(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]) / 255

    return _each(attack)


def _gaussian_blur(image, generator):
    return cv2.GaussianBlur(image, (7, 7), _FULL.gaussian_blur_sigma[1])


def _motion_blur(image, generator):
    angle = generator.uniform(0, np.pi)
    kernel = np.zeros((7, 7), np.float32)
    # Seven points a pixel apart, each shared between its four neighbours.
    for step in range(-3, 4):
        row, column = 3 + step * np.sin(angle), 3 + step * np.cos(angle)
        top, left = min(int(row), 5), min(int(column), 5)
        down, right = row - top, column - left
        kernel[top : top + 2, left : left + 2] += np.outer([1 - down, down], [1 - right, right])
    return cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def _noise(image, generator):
    return image + _FULL.noise * generator.standard_normal(image.shape, np.float32)


def _contrast(image, generator):
    return image * generator.choice(_FULL.contrast)


def _brightness(image, generator):
    return image + _FULL.brightness * generator.choice((-1, 1))


def _hue(image, generator):
    return image + _FULL.hue * generator.choice((-1, 1), 3)


def _desaturation(image, generator):
    grey = image @ np.float32(LUMA)
    return image + _FULL.saturation * (grey[..., None] - image)


def _warp(image, generator):
    height, width = image.shape[:2]
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    moved = corners + np.float32(generator.uniform(-0.05, 0.05, (4, 2)) * (width, height))
    return cv2.warpPerspective(image, cv2.getPerspectiveTransform(corners, moved), (width, height))


def _resize(image, generator):
    height, width = image.shape[:2]
    small = cv2.resize(image, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


Attack = Callable[[np.ndarray, np.ndarray], np.ndarray]

ATTACKS: dict[str, Attack] = {
    # Nothing but the 8 bits of a lossless file.
    "png": _each(lambda image, generator: image),
    "jpeg90": _jpeg(90),
    "jpeg75": _jpeg(75),
    "jpeg50": _jpeg(50),
    "gaussian_blur": _each(_gaussian_blur),
    "motion_blur": _each(_motion_blur),
    "noise": _each(_noise),
    "contrast": _each(_contrast),
    "brightness": _each(_brightness),
    "hue": _each(_hue),
    "desaturation": _each(_desaturation),
    # Every corner of the image off by up to 5 % of the side, with black behind.
    "warp_5_percent": _each(_warp),
    # Half the pixels a side and back.
    "resize_half": _each(_resize),
}
"""Attack by name, in the order of the table."""
