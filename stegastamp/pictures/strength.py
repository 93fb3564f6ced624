"""How strong a mark has to be, picture by picture: just so strong that it would survive what it must, and a margin on top.

What a picture has to survive is tried on a small copy of it, on which everything costs milliseconds: there is more of a mark in the
picture itself, so what the copy survives it survives too. The residual is computed once and only scaled.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import cv2
import numpy as np

from stegastamp.network.stamp import Stamper, added, network_view
from stegastamp.pictures.texture import weights
from stegastamp.pictures.tries import shrunk

Survive = Literal["", "file", "messenger", "print"]
COPY = 512
"""Longest side in pixels of the copy that is tried."""
LEAST, MOST = 1 / 4, 2.0
"""Factors of the network's own strength between which it is looked for."""
HALVINGS = 5
"""Of that range on a logarithmic scale: the last is 7 %, .6 dB."""
MARGIN = 1.25
"""By how much the mark is made stronger than what was just read: no two cameras, and no two messages, are alike."""
EXPONENTS = (0.6, 0.3)
"""Of the weights that take the mark back where a picture is even, see texture.py; the first one that survives."""
PRINTED_SIDE = 440
"""Short side in pixels of the picture in the surrogate's photo of a print."""
NOISE = 6.0
"""Standard deviation of the noise in it, in levels of 255."""

INK = np.uint8(np.rint(255 * (0.06 + 0.94 * np.linspace(0, 1, 256) ** 2.2) ** (1 / 2.2)))
"""Tones on paper: black ink gives back some of the light, so that what lies in the dark all but vanishes."""


def needed(
    stamper: Stamper, copy: np.ndarray, residual: np.ndarray, reads: Callable[[np.ndarray], bool], survive: Survive
) -> tuple[float, np.ndarray] | None:
    """The factor of a residual with which a picture survives, and weights (S, S, 1) of it; None where the largest does not do.

    copy: of the picture, see `copy_of`. residual: float32 at the network's size, of as many channels. reads: whether logits (bits,)
    are read as what was stamped. The strength that is just read gets a MARGIN. As far as half of that allows, the mark is then taken
    back where the picture is even.
    """

    def survives(factor, mark):
        stamped = added(copy, mark * np.float32(factor))
        # The likeliest to fail comes first, and alone: most that fail cost one look.
        return all(reads(stamper.logits(network_view(way(stamped), stamper.size)[None])[0]) for way in reversed(WAYS[survive]))

    low, high, found = np.log(LEAST), np.log(MOST), False
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if survives(np.exp(middle), residual):
            high, found = middle, True
        else:
            low = middle
    if not found and not survives(MOST, residual):
        return None
    factor = float(np.exp(high))
    for exponent in EXPONENTS:
        weight = weights(copy, stamper.size, exponent)
        if survives(MARGIN**0.5 * factor, residual * weight):
            return MARGIN * factor, weight
    return MARGIN * factor, np.ones((stamper.size, stamper.size, 1), np.float32)


def copy_of(pixels: np.ndarray) -> np.ndarray:
    """The copy of a picture (H, W, 3) or (H, W, 1), uint8 or uint16, that is tried: in 8 bits, at most COPY pixels a side."""
    small = shrunk(pixels, COPY)
    return np.uint8(np.rint(small / 257)) if small.dtype == np.uint16 else small


def compressed(image: np.ndarray, quality: int) -> np.ndarray:
    """An image (H, W, 1) or (H, W, 3) uint8 after JPEG."""
    data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    grey = image.shape[2] == 1
    found = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR)
    return found.reshape(image.shape)[..., ::-1]


def halved(image: np.ndarray) -> np.ndarray:
    """An image at half the pixels a side, as JPEG of quality 70."""
    height, width, channels = image.shape
    small = cv2.resize(image, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    return compressed(small.reshape(*small.shape[:2], channels), 70)


def photographed(image: np.ndarray, corners: Sequence[tuple[float, float]], light: tuple[float, float], seed: int) -> np.ndarray:
    """What a camera makes of a print, in milliseconds: out of place, flatter, darker to one side, blurred, noisy, compressed.

    corners: offsets of the four in fractions of the sides, clockwise from the top left. light: at the left and at the right.
    """
    height, width, channels = image.shape
    scale = PRINTED_SIDE / min(height, width)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    source = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    target = np.float32([[0, 0], [across, 0], [across, down], [0, down]]) + np.float32(corners) * (across, down)
    turn = cv2.getPerspectiveTransform(source, np.float32(target))
    print_ = cv2.GaussianBlur(image, (0, 0), 0.5 / scale) if scale < 1 else image
    seen = cv2.warpPerspective(cv2.LUT(print_, INK), turn, (across, down), borderValue=(110, 110, 110)).reshape(down, across, channels)
    seen = cv2.GaussianBlur(np.float32(seen), (0, 0), 1.2).reshape(seen.shape)
    # No lamp stands straight above.
    seen *= np.linspace(*light, across, dtype=np.float32)[:, None]
    seen += np.float32(NOISE) * np.random.default_rng(seed).standard_normal((down, across, 1), np.float32)
    return compressed(np.uint8(np.clip(np.rint(seen), 0, 255)), 75)


WAYS: Mapping[str, tuple[Callable[[np.ndarray], np.ndarray], ...]] = {
    "file": (lambda image: image,),
    "messenger": (halved, lambda image: compressed(image, 50)),
}
WAYS = WAYS | {
    "print": (
        *WAYS["messenger"],
        lambda image: photographed(image, ((0.03, -0.02), (0.01, 0.03), (-0.03, 0.02), (0.02, -0.03)), (0.95, 0.65), 1),
        lambda image: photographed(image, ((-0.03, 0.03), (-0.02, -0.02), (0.03, -0.03), (-0.02, 0.03)), (0.75, 1.06), 2),
    )
}
"""What must survive -> what is done to the copy, the harmless first."""
