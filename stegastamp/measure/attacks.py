"""What happens to a stamp on its way, one thing at a time: NumPy, OpenCV and real codecs, nothing of the training.

An attack changes one image (H, W, 3) uint8 RGB; its key, (2,) int32, alone decides signs, directions and noise. `ATTACKS` is the
table of a training's evaluations, at network size and at the training's largest strengths; `NATIVE_ATTACKS` is that of the report, at the
image's own resolution, where lengths are fractions of the short side, so that a large photo is attacked as hard as a small one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from longrun.step.seeding import name_code
from stegastamp.distort.distortions import Distortions
from stegastamp.measure.camera import print_and_camera
from stegastamp.pictures.crops import LUMA

_FULL = Distortions()


@dataclass(frozen=True)
class Attack:
    """A row of a table: `function(image, generator, **parameters)` on floats in [0, 1], which may leave that range.

    text: what it does, for readers. turned: whether the result may stand on its side, so that a reader has to try four rotations.
    """

    name: str
    text: str
    function: Callable[..., np.ndarray]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    turned: bool = False

    def apply(self, image: np.ndarray, key: np.ndarray) -> np.ndarray:
        """The attacked image, uint8, of whatever size the attack leaves. Raises ValueError for anything but (H, W, 3) uint8."""
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[-1] != 3:
            raise ValueError(f"an attack needs an image (H, W, 3) uint8, not {image.shape} {image.dtype}")
        # uint32, then uint64: a negative number must not fill the upper half with ones.
        words = np.asarray(key, np.int32).view(np.uint32).astype(np.uint64)
        attacked = self.function(np.float32(image) / 255, np.random.Generator(np.random.Philox(key=words)), **self.parameters)
        return _bytes(attacked)

    def __call__(self, images: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """A batch of images (N, H, W, 3) with a key each, (N, 2), where the attack keeps the size."""
        return np.stack([self.apply(image, key) for image, key in zip(images, keys, strict=True)])


def attack_key(seed: int, image: str, attack: str) -> np.ndarray:
    """The key of one attack on one image, (2,) int32: a function of the seed and the two names."""
    return np.int32([seed, name_code(f"{attack} of {image}")])


def _bytes(image):
    return np.uint8(np.rint(np.clip(image, 0, 1) * 255))


def _nothing(image, generator):
    return image


def _file(image, generator, suffix, setting, quality):
    data = cv2.imencode(suffix, _bytes(image)[..., ::-1], [setting, quality])[1]
    return np.float32(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]) / 255


def _gaussian_blur(image, generator, sigma, size=0):
    return cv2.GaussianBlur(image, (size, size), sigma)


def _motion_blur(image, generator, length):
    angle = generator.uniform(0, np.pi)
    reach = length // 2
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    # Points a pixel apart, each shared between its four neighbours.
    for step in range(-reach, reach + 1):
        row, column = reach + step * np.sin(angle), reach + step * np.cos(angle)
        top, left = min(int(row), 2 * reach - 1), min(int(column), 2 * reach - 1)
        down, right = row - top, column - left
        kernel[top : top + 2, left : left + 2] += np.outer([1 - down, down], [1 - right, right])
    return cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def _noise(image, generator, deviation):
    return image + deviation * generator.standard_normal(image.shape, np.float32)


def _contrast(image, generator, factors):
    return image * generator.choice(factors)


def _brightness(image, generator, amount):
    return image + amount * generator.choice((-1, 1))


def _colour_shift(image, generator, amount):
    return image + amount * generator.choice((-1, 1), 3)


def _saturation(image, generator, factors):
    grey = image @ np.float32(LUMA)
    return grey[..., None] + generator.choice(factors) * (image - grey[..., None])


def _perspective(image, generator, share):
    height, width = image.shape[:2]
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    moved = corners + np.float32(generator.uniform(-share, share, (4, 2)) * (width, height))
    return cv2.warpPerspective(image, cv2.getPerspectiveTransform(corners, moved), (width, height))


def _resize(image, generator, factor):
    height, width = image.shape[:2]
    small = cv2.resize(image, (max(1, width // factor), max(1, height // factor)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def _relative_blur(image, generator, share):
    return cv2.GaussianBlur(image, (0, 0), share * min(image.shape[:2]))


def _relative_motion_blur(image, generator, share):
    return _motion_blur(image, generator, max(3, round(share * min(image.shape[:2]))))


def _crop(image, generator, kept):
    height, width = image.shape[:2]
    rows, columns = max(1, round(kept * height)), max(1, round(kept * width))
    top, left = (height - rows) // 2, (width - columns) // 2
    return image[top : top + rows, left : left + columns]


def _cut(image, generator, kept):
    height, width = image.shape[:2]
    left, top, right, bottom = np.rint(np.float64(kept) * (width, height, width, height)).astype(int)
    return image[top : max(bottom, top + 1), left : max(right, left + 1)]


def _to_aspect(image, generator, aspect, place):
    height, width = image.shape[:2]
    across, down = min(1.0, aspect * height / width), min(1.0, width / height / aspect)
    left, top = place * (1 - across), place * (1 - down)
    return _cut(image, generator, (left, top, left + across, top + down))


def _rotation(image, generator, degrees, expanded=False):
    height, width = image.shape[:2]
    angle = generator.uniform(*degrees) if isinstance(degrees, tuple) else degrees
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle * generator.choice((-1.0, 1.0)), 1)
    size = (width, height)
    if expanded:
        size = tuple(np.rint(np.abs(turn[:, :2]) @ size).astype(int).tolist())
        turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return cv2.warpAffine(image, turn, size)


def _quarter_turn(image, generator):
    return np.rot90(image, generator.choice((1, 3)))


def _hue(image, generator, degrees):
    colours = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    colours[..., 0] = (colours[..., 0] + degrees * generator.choice((-1, 1))) % 360
    return cv2.cvtColor(colours, cv2.COLOR_HSV2RGB)


def _gamma(image, generator, exponents):
    return cv2.pow(image, float(generator.choice(exponents)))


def _screenshot(image, generator, scales, qualities):
    height, width = image.shape[:2]
    scale = generator.uniform(*scales)
    shown = cv2.resize(image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    return _file(shown, generator, ".jpg", cv2.IMWRITE_JPEG_QUALITY, int(generator.integers(qualities[0], qualities[1] + 1)))


def _jpeg(quality):
    setting = {"suffix": ".jpg", "setting": cv2.IMWRITE_JPEG_QUALITY, "quality": quality}
    return Attack(f"jpeg{quality}", f"JPEG file of quality {quality}", _file, setting)


def _table(*rows: Attack) -> dict[str, Attack]:
    return {row.name: row for row in rows}


ATTACKS: dict[str, Attack] = _table(
    Attack("png", "the 8 bits of a lossless file", _nothing),
    _jpeg(90),
    _jpeg(75),
    _jpeg(50),
    Attack("gaussian_blur", "", _gaussian_blur, {"sigma": _FULL.gaussian_blur_sigma[1], "size": 7}),
    Attack("motion_blur", "", _motion_blur, {"length": 7}),
    Attack("noise", "", _noise, {"deviation": _FULL.noise}),
    Attack("contrast", "", _contrast, {"factors": _FULL.contrast}),
    Attack("brightness", "", _brightness, {"amount": _FULL.brightness}),
    Attack("hue", "", _colour_shift, {"amount": _FULL.hue}),
    Attack("desaturation", "", _saturation, {"factors": (1 - _FULL.saturation,)}),
    Attack("warp_5_percent", "every corner off by up to 5 % of the side", _perspective, {"share": 0.05}),
    Attack("resize_half", "half the pixels a side, and back", _resize, {"factor": 2}),
)
"""Attack by name, in the order of a training's lines; strengths are the largest of the training at level 1."""

NATIVE_ATTACKS: dict[str, Attack] = _table(
    Attack("none", "a lossless file", _nothing),
    _jpeg(90),
    _jpeg(75),
    _jpeg(50),
    _jpeg(30),
    Attack("webp50", "WebP file of quality 50", _file, {"suffix": ".webp", "setting": cv2.IMWRITE_WEBP_QUALITY, "quality": 50}),
    Attack("resize_half", "half the pixels a side, and back", _resize, {"factor": 2}),
    Attack("resize_quarter", "a quarter of the pixels a side, and back", _resize, {"factor": 4}),
    Attack("crop_90_percent", "the central 90 % of each side", _crop, {"kept": 0.9}),
    Attack("crop_75_percent", "the central 75 % of each side", _crop, {"kept": 0.75}),
    Attack("square", "the middle square", _to_aspect, {"aspect": 1, "place": 0.5}),
    Attack("4_to_5", "4:5, off the middle", _to_aspect, {"aspect": 4 / 5, "place": 0.7}),
    Attack("16_to_9", "16:9, middle", _to_aspect, {"aspect": 16 / 9, "place": 0.5}),
    Attack("9_to_16", "9:16, middle", _to_aspect, {"aspect": 9 / 16, "place": 0.5}),
    Attack("strip_left", "without 15 % at the left", _cut, {"kept": (0.15, 0, 1, 1)}),
    Attack("strip_right", "without 10 % at the right", _cut, {"kept": (0, 0, 0.9, 1)}),
    Attack("strip_above", "without 15 % above", _cut, {"kept": (0, 0.15, 1, 1)}),
    Attack("strip_below", "without 5 % below", _cut, {"kept": (0, 0, 1, 0.95)}),
    Attack("rotation_5", "5 degrees either way, black corners", _rotation, {"degrees": 5}),
    Attack("rotation_15", "15 degrees either way, black corners", _rotation, {"degrees": 15}),
    Attack("rotation_45", "45 degrees either way, black corners", _rotation, {"degrees": 45}),
    Attack("rotation_any", "3 to 177 degrees either way, all of it on black", _rotation, {"degrees": (3, 177), "expanded": True}),
    Attack("rotation_90", "a quarter turn either way, read in four rotations", _quarter_turn, turned=True),
    Attack("perspective_5_percent", "every corner off by up to 5 % of the side, black behind", _perspective, {"share": 0.05}),
    Attack("perspective_10_percent", "every corner off by up to 10 % of the side, black behind", _perspective, {"share": 0.1}),
    Attack("gaussian_blur", "standard deviation 0.5 % of the short side", _relative_blur, {"share": 0.005}),
    Attack("motion_blur", "a line of 2 % of the short side, any direction", _relative_motion_blur, {"share": 0.02}),
    Attack("noise", "Gaussian, standard deviation 0.05 of full scale", _noise, {"deviation": 0.05}),
    Attack("brightness", "0.2 of full scale up or down", _brightness, {"amount": 0.2}),
    Attack("contrast", "values times 0.6 or 1.4", _contrast, {"factors": (0.6, 1.4)}),
    Attack("hue", "all colours turned by 18 of 360 degrees either way", _hue, {"degrees": 18}),
    Attack("saturation", "grey, or colours twice as strong", _saturation, {"factors": (0.0, 2.0)}),
    Attack("gamma", "exponent 0.6 or 1.6", _gamma, {"exponents": (0.6, 1.6)}),
    Attack("screenshot", "shown at 50 to 100 % of its size, then JPEG 60 to 85", _screenshot, {"scales": (0.5, 1), "qualities": (60, 85)}),
    Attack("print_and_camera", "printed, photographed by hand, roughly cut out (camera.py)", print_and_camera),
)
"""Attack by name, in the order of the report."""
