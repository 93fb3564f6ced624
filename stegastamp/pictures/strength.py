"""How strong a mark has to be, picture by picture: just so strong that it would survive what it must, and a margin on top.

What a picture has to survive is tried on a small copy of it, on which everything costs milliseconds: there is more of a mark in the
picture itself, so what the copy survives it survives too. The residual is computed once and only scaled. Most of the time goes into
looking at copies, so each look says by how much it was read or missed, and with that where to look next.
"""

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import cv2
import numpy as np

from stegastamp.network.stamp import Stamper, added, network_view
from stegastamp.pictures.texture import weights
from stegastamp.pictures.tries import shrunk

Survive = Literal["", "file", "messenger", "print"]
COPY = 512
"""Longest side in pixels of the copy that is tried."""
FACTORS = np.geomspace(1 / 4, 2, 19)
"""Of the network's own strength, 12 % apart, 1 dB: those among which the least is looked for."""
MARGIN = 1.25
"""By how much the mark is made stronger than what was just read: no two cameras, and no two messages, are alike."""
EXPONENT = 0.45
"""Of the weights that take the mark back where a picture is even, see texture.py."""
STEP = 2.0
"""Decades of probability that a step of FACTORS brings, about: what is to spare of them tells how many steps the least is away."""
SURE = 2.0
"""Decades to spare after a print from which on a messenger is survived too: by all of 1,604 marks on 60 photos and 7 drawn scenes."""
PRINTED_SIDE = 440
"""Short side in pixels of the picture in the surrogate's photo of a print."""
NOISE = 6.0
"""Standard deviation of the noise in it, in levels of 255."""

INK = np.uint8(np.rint(255 * (0.06 + 0.94 * np.linspace(0, 1, 256) ** 2.2) ** (1 / 2.2)))
"""Tones on paper: black ink gives back some of the light, so that what lies in the dark all but vanishes."""


class Needed(NamedTuple):
    """How strong a mark has to be."""

    factor: float
    """Of the network's own strength."""
    weights: np.ndarray
    """(S, S, 1), of the residual."""
    survives: bool
    """Whether that is enough: not where the largest factor that is allowed is below the least that was read."""


def needed(
    stamper: Stamper, copy: np.ndarray, residual: np.ndarray, spare: Callable[[np.ndarray], float], survive: Survive, most: float = np.inf
) -> Needed | None:
    """How strong a residual has to be for a picture to survive; None where the largest of FACTORS does not do.

    copy: of the picture, see `copy_of`. residual: float32 at the network's size, of as many channels. spare: by how many decades of
    probability logits (bits,) are read better than they have to be as what was stamped; negative where they are not read. most: no
    factor above it is answered. The least that is read gets a MARGIN. As far as half of that allows, the mark is then taken back where
    the picture is even.
    """

    def look(way, factor, mark):
        stamped = added(copy, mark * np.float32(factor))
        return spare(stamper.logits(network_view(way(stamped), stamper.size)[None])[0])

    def least(ways, place, left):
        """From a place in FACTORS on, the first where every way is read, what is left to spare there, and the ways, hardest first."""
        ordered = []
        for way in ways:
            found, to_spare = _first(lambda one, way=way: look(way, FACTORS[one], residual), place)
            ordered.insert(0 if found > place else len(ordered), way)
            place, left = found, min(left, to_spare)
            if place == len(FACTORS):
                break
        return place, left, ordered

    place, left, ways = least(WAYS[survive], 0, np.inf)
    if place == len(FACTORS):
        return None
    factor, weight, to_spare = min(MARGIN * float(FACTORS[place]), most), weights(copy, stamper.size, EXPONENT), np.inf
    for way in (*ways, *MILDER[survive]):
        if way in MILDER[survive] and to_spare >= SURE:
            continue
        to_spare = min(to_spare, look(way, factor / MARGIN**0.5, residual * weight))
        if to_spare < 0:
            break
    else:
        return Needed(factor, weight, True)
    if left < SURE:
        place, _, _ = least(MILDER[survive], place, left)
        if place == len(FACTORS):
            return None
        factor = min(MARGIN * float(FACTORS[place]), most)
    return Needed(factor, np.ones_like(weight), bool(FACTORS[place] <= factor))


def _first(spare_at: Callable[[int], float], start: int) -> tuple[int, float]:
    """The first place in FACTORS, from `start` on, at which there is something to spare, and how much; their number where there is none."""
    missed, read, left, place = start - 1, len(FACTORS), -np.inf, start
    while read - missed > 1:
        found = spare_at(place)
        if found < 0:
            missed = place
        else:
            read, left = place, found
            if found < STEP:  # One step less would be too little.
                break
        # Between two that are known no farther than the middle, so that a wrong idea of a step costs little.
        middle = len(FACTORS) - 1 if read == len(FACTORS) else (missed + read) // 2
        aim = place - math.floor(found / STEP)
        place = max(aim, middle, missed + 1) if found >= 0 else max(min(aim, middle), missed + 1)
    return read, left


def copy_of(pixels: np.ndarray) -> np.ndarray:
    """The copy of a picture (H, W, 3) or (H, W, 1), uint8 or uint16, that is tried: in 8 bits, at most COPY pixels a side."""
    small = shrunk(pixels, COPY)
    return np.uint8(np.rint(small / 257)) if small.dtype == np.uint16 else small


def compressed(image: np.ndarray, quality: int) -> np.ndarray:
    """An image (H, W, 1) or (H, W, 3) uint8 after JPEG."""
    grey = image.shape[2] == 1
    # Each turned round in memory: what NumPy reads backwards takes OpenCV three times as long.
    data = cv2.imencode(".jpg", image if grey else cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR_RGB).reshape(image.shape)


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
    seen = cv2.warpPerspective(cv2.LUT(print_, INK), turn, (across, down), borderValue=(110, 110, 110))
    lamp, noise = _room((down, across, channels), light, seed)
    seen = cv2.multiply(cv2.GaussianBlur(seen, (0, 0), 1.2).reshape(lamp.shape), lamp, dtype=cv2.CV_32F)
    return compressed(cv2.add(seen, noise, dtype=cv2.CV_8U).reshape(lamp.shape), 75)


@functools.lru_cache(maxsize=4)
def _room(shape, light, seed):
    """What the light leaves of each pixel of a photo, and the noise in it: the same for all photos of a shape."""
    down, across, _ = shape
    # No lamp stands straight above.
    lamp = np.broadcast_to(np.linspace(*light, across, dtype=np.float32)[:, None], shape)
    noise = np.float32(NOISE) * np.random.default_rng(seed).standard_normal((down, across, 1), np.float32)
    return np.ascontiguousarray(lamp), np.ascontiguousarray(np.broadcast_to(noise, shape))


WAYS: Mapping[str, tuple[Callable[[np.ndarray], np.ndarray], ...]] = {
    "file": (lambda image: image,),
    "messenger": (halved, lambda image: compressed(image, 50)),
    "print": (
        lambda image: photographed(image, ((-0.03, 0.03), (-0.02, -0.02), (0.03, -0.03), (-0.02, 0.03)), (0.75, 1.06), 2),
        lambda image: photographed(image, ((0.03, -0.02), (0.01, 0.03), (-0.03, 0.02), (0.02, -0.03)), (0.95, 0.65), 1),
    ),
}
"""What must survive -> what is done to the copy."""
MILDER: Mapping[str, tuple[Callable[[np.ndarray], np.ndarray], ...]] = {"file": (), "messenger": (), "print": WAYS["messenger"]}
"""What must survive -> what is done as well, and is looked at only where little is to spare after WAYS."""
