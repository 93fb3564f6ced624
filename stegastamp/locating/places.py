"""Where the mark may lie in a picture that is a part of what was stamped, best first, by the waves that every mark carries.

Three waves run along each of the mark's sides and two across. Where a picture shows a part of the mark, their frequencies tell its sides
and their phases where the part was cut and which way up it is held. For either axis by itself all sides and shifts are tried against
three waves; the best of one axis and the best of the other are then judged together, by all eight waves.
"""

from typing import NamedTuple

import cv2
import numpy as np

from stegastamp.locating.spectrum import Spectrum
from stegastamp.network.waves import PHASE, WAVES

SIDES = np.geomspace(0.95, 3.0, 100)
"""Sides of a mark that are tried, in sides of the picture."""
SHIFTS = np.arange(96) / 96
"""Places of the mark, in its sides, that may lie in the middle of the picture; the waves repeat after one side."""
NUMBERS = np.array([12, 16, 21])
"""Cycles per side of the three waves along an axis."""
WEIGHTS = np.array([0.9, 1.8, 2.7])
"""How far each of them stands out in the released `base`, in units of what is usual around it: what it counts for."""
DIAGONAL = 2.2
"""The same for the two waves across."""
WHOLE = 1.5
"""What a mark gains that is seen whole along an axis: most pictures are cut along one."""
BEYOND = 0.03
"""By how much a picture may reach beyond the mark, in the mark's sides."""
KEPT = 80
"""Best sides and shifts of an axis that are judged together with those of the other."""
APART = 0.03
"""Distance in the mark's sides from which two places are two: a decoder finds the rest by itself."""
SMALLEST = 1 / 8
"""Shorter side, in longer ones, below which a picture is not looked at."""
# The network's pixel centres: what is pixel 0 of 128 in a wave lies half a pixel inside the mark.
_CENTRE = 0.5 / 128


class Place(NamedTuple):
    """Where a picture lies in the mark."""

    corners: np.ndarray
    """(4, 2) float64: the picture's corners, from its top left clockwise, as (x, y) in the mark, which spans 0 to 1."""
    score: float
    """Sum of what each wave contributes, at most a few times the sum of the weights."""


def places(pixels: np.ndarray, most: int) -> list[Place]:
    """At most `most` places of a picture (H, W, 1) or (H, W, 3), uint8 or uint16, in the mark, best first. Upright crops, either axis."""
    if min(pixels.shape[:2]) < max(1, SMALLEST * max(pixels.shape[:2])):
        return []
    spectrum = Spectrum(pixels)
    extents = np.array([spectrum.width, spectrum.height]) / spectrum.longer
    axes = {(ray, axis, flipped): _along(spectrum, extents, ray, axis, flipped) for ray in (0, 1) for axis in (0, 1) for flipped in (0, 1)}
    found = []
    for swapped in (0, 1):
        for flips in ((0, 0), (0, 1), (1, 0), (1, 1)):
            parts = [axes[ray, ray ^ swapped, flips[ray]] for ray in (0, 1)]
            score = parts[0].score[:, None] + parts[1].score + _across(spectrum, parts, flips, swapped)
            best = np.argpartition(-score.ravel(), min(2 * most, score.size - 1))[: 2 * most]
            for first, second in zip(*np.unravel_index(best, score.shape), strict=True):
                chosen = [(part.sides[index], part.shifts[index]) for part, index in zip(parts, (first, second), strict=True)]
                found.append(Place(_corners(extents, chosen, flips, swapped), float(score[first, second])))
    kept: list[Place] = []
    for place in sorted(found, key=lambda place: -place.score):
        if len(kept) == most:
            break
        if all(np.abs(place.corners - other.corners).max() > APART for other in kept):
            kept.append(place)
    return kept


STRIP = 0.12
"""Of a side, what a strip off it may have taken: a decoder that has a localiser bears 0.04 more or less."""
STRIPS = tuple(
    Place(np.array([[left, top], [right, top], [right, bottom], [left, bottom]]), 0.0)
    for left, top, right, bottom in ((STRIP, 0, 1, 1), (0, STRIP, 1, 1), (0, 0, 1 - STRIP, 1), (0, 0, 1, 1 - STRIP))
)
"""The commonest crops, upright, for photos that drown the waves."""


class _Axis(NamedTuple):
    """What may be along one axis of the picture: sides in longer sides of the picture, shifts, scores, (n,) each."""

    sides: np.ndarray
    shifts: np.ndarray
    score: np.ndarray


def _along(spectrum, extents, ray, axis, flipped):
    """The best sides and shifts if the mark's `axis` (0: x) lies along the picture's axis `ray`, which it may run against."""
    sides = np.append(SIDES, 1.0) * extents[ray]
    waves = np.stack([spectrum.along(ray * np.pi / 2, number / sides) for number in NUMBERS], -1)
    waves = np.conj(waves) if flipped else waves
    phases = PHASE * (np.arange(3) + 3 * axis) - 2 * np.pi * NUMBERS * _CENTRE
    grid = ((waves * WEIGHTS * np.exp(-1j * phases)) @ np.exp(-2j * np.pi * np.outer(NUMBERS, SHIFTS))).real.astype(np.float32)
    whole, grid = grid[-1, len(SHIFTS) // 2], grid[:-1]
    row, column = _peaks(grid)
    half = 0.5 * extents[ray] / sides[row]
    # Most of what is seen is mark: where a crop reaches beyond it, the picture had a margin.
    inside = (np.maximum(half - SHIFTS[column], SHIFTS[column] + half - 1) < BEYOND) | (half > 0.5)
    row, column = row[inside], column[inside]
    row, column = (index[np.argsort(-grid[row, column])[:KEPT]] for index in (row, column))
    return _Axis(
        np.append(sides[row], extents[ray]), np.append(SHIFTS[column], 0.5), np.append(grid[row, column], whole + np.float32(WHOLE))
    )


def _peaks(grid):
    """Rows and columns of what is largest among its neighbours; columns go round."""
    down, right = 2, 4
    around = np.pad(grid, ((0, 0), (right, right)), mode="wrap")
    around = cv2.dilate(around, np.ones((2 * down + 1, 2 * right + 1), np.uint8))[:, right:-right]
    return np.nonzero(grid >= around)


def _across(spectrum, parts, flips, swapped):
    """What the two waves across contribute to each pair of axes, (n, m)."""
    total = 0.0
    for number in (6, 7):
        numbers = WAVES[number][::-1] if swapped else WAVES[number]
        frequencies = [(-1 if flip else 1) * count / part.sides for flip, count, part in zip(flips, numbers, parts, strict=True)]
        values = spectrum.at(*np.broadcast_arrays(frequencies[0][:, None], frequencies[1]))
        phase = PHASE * number - 2 * np.pi * sum(numbers) * _CENTRE
        turned = phase + 2 * np.pi * (numbers[0] * parts[0].shifts[:, None] + numbers[1] * parts[1].shifts)
        total = total + DIAGONAL * (values * np.exp(-1j * turned)).real
    return total


def _corners(extents, chosen, flips, swapped):
    """The picture's corners in the mark."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * extents / 2
    along = [shift + (-1 if flip else 1) * corner / side for (side, shift), flip, corner in zip(chosen, flips, corners.T, strict=True)]
    return np.stack(along[::-1] if swapped else along, -1)
