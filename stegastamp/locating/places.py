"""Where the mark may lie in a picture that is turned or a part of what was stamped, best first, by the waves that every mark carries.

Three waves run along each of the mark's sides and two across. Where a picture shows a part of the mark, their frequencies tell its sides
and their phases where the part was cut and which way up it is held. For either axis by itself all sides and shifts are tried against
three waves; the best of one axis and the best of the other are then judged together, by all eight waves.
"""

from typing import NamedTuple

import cv2
import numpy as np

from stegastamp.locating import content, turns
from stegastamp.locating.spectrum import Spectrum
from stegastamp.locating.turns import NUMBERS, WEIGHTS
from stegastamp.network.waves import CENTRE, PHASE, WAVES

SIDES = np.geomspace(0.95, 3.0, 100)
"""Sides of a mark that are tried in an upright picture, in sides of the picture."""
SHIFTS = np.arange(96) / 96
"""Places of the mark, in its sides, that may lie in the middle of the picture; the waves repeat after one side."""
DIAGONAL = 2.8
"""What each of the two waves across counts for, see turns.WEIGHTS."""
WHOLE = 1.5
"""What a mark gains that is seen whole along an axis: most pictures are cut along one."""
CENTRED = 4.0
"""What a mark at an angle gains whose middle is the picture's, for either axis: most pictures that are turned are turned about it."""
BEYOND = 0.03
"""By how much an upright picture may reach beyond the mark, in the mark's sides."""
KEPT, TURNED_KEPT = 80, 24
"""Best sides and shifts of an axis that are judged together with those of the other, upright and at an angle."""
APART = 0.03
"""Distance in the mark's sides from which two places are two: a decoder finds the rest by itself."""
SMALLEST = 1 / 8
"""Shorter side, in longer ones, below which a picture is not looked at."""


class Place(NamedTuple):
    """Where a picture lies in the mark."""

    corners: np.ndarray
    """(4, 2) float64: the picture's corners, from its top left clockwise, as (x, y) in the mark, which spans 0 to 1."""
    score: float
    """Sum of what each wave contributes, at most a few times the sum of the weights."""


def places(spectrum: Spectrum, most: int, angles: tuple[float, ...] = (0.0,)) -> list[Place]:
    """At most `most` places of a picture in the mark, best first, in all eight orientations.

    angles: between the mark's sides and the picture's, in radians from x towards y; at 0 an upright crop.
    """
    if min(spectrum.width, spectrum.height) < max(1, SMALLEST * spectrum.longer):
        return []
    found = [place for angle in angles for place in _at_angle(spectrum, angle, most)]
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


def framed(spectrum: Spectrum, angle: float) -> list[Place]:
    """What is shown of a picture with corners of one colour is the whole mark at that angle: four quarter turns."""
    middle, sides = content.rectangle(spectrum.shown, angle)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (np.array([spectrum.width, spectrum.height]) / 2)
    across, down = ((corners @ content.axes(angle).T - middle) / sides).T
    return [Place(np.stack(pair, -1) + 0.5, 0.0) for pair in ((across, down), (down, -across), (-across, -down), (-down, across))]


class _Axis(NamedTuple):
    """What may be along one axis of the picture: sides in longer sides of the picture, shifts, scores, (n,) each."""

    sides: np.ndarray
    shifts: np.ndarray
    score: np.ndarray


class _Ray(NamedTuple):
    """A direction along which one of the mark's axes lies: angle, sides that are tried, side and middle of what is shown, if known."""

    angle: float
    sides: np.ndarray
    whole: float | None
    middle: float
    inside: float | None
    """Side of an upright picture, which is to lie within the mark."""


def _at_angle(spectrum, angle, most):
    axes = {(ray, axis, flipped): None for ray in (0, 1) for axis in (0, 1) for flipped in (0, 1)}
    rays = _rays(spectrum, angle)
    for ray, axis, flipped in axes:
        axes[ray, axis, flipped] = _along(spectrum, rays[ray], axis, flipped, KEPT if angle == 0 else TURNED_KEPT)
    found = []
    for swapped in (0, 1):
        for flips in ((0, 0), (0, 1), (1, 0), (1, 1)):
            parts = [axes[ray, ray ^ swapped, flips[ray]] for ray in (0, 1)]
            score = parts[0].score[:, None] + parts[1].score + _across(spectrum, angle, parts, flips, swapped)
            best = np.argpartition(-score.ravel(), min(2 * most, score.size - 1))[: 2 * most]
            for first, second in zip(*np.unravel_index(best, score.shape), strict=True):
                chosen = [(part.sides[index], part.shifts[index]) for part, index in zip(parts, (first, second), strict=True)]
                found.append(Place(_corners(spectrum, angle, chosen, flips, swapped), float(score[first, second])))
    return found


def _rays(spectrum, angle):
    """The two directions of the mark's sides."""
    if angle == 0:
        extents = np.array([spectrum.width, spectrum.height]) / spectrum.longer
        return [_Ray(ray * np.pi / 2, SIDES * extent, extent, 0.0, extent) for ray, extent in enumerate(extents)]
    wholes, middles = [None, None], [0.0, 0.0]
    if any(content.alike(angle, edge) for edge in spectrum.edges):
        middles, wholes = (pair / spectrum.longer for pair in content.rectangle(spectrum.shown, angle))
    return [_Ray(angle + ray * np.pi / 2, turns.SIDES, wholes[ray], middles[ray], None) for ray in (0, 1)]


def _along(spectrum, ray, axis, flipped, kept):
    """The best sides and shifts if the mark's `axis` (0: x) lies along a ray, which it may run against."""
    sides = ray.sides if ray.whole is None else np.append(ray.sides, ray.whole)
    waves = spectrum.along(ray.angle, NUMBERS / sides[:, None])
    waves = np.conj(waves) if flipped else waves
    waves = np.complex64(waves * WEIGHTS * np.exp(-1j * turns.axis_phases(axis)))
    grid = np.float32((waves @ _TURNS).real)[: len(ray.sides)]
    if ray.inside is None:
        half = len(SHIFTS) // 2
        grid[:, half - 1 : half + 2] += np.float32(CENTRED)
    row, column = _peaks(grid)
    if ray.inside is not None:
        half = 0.5 * ray.inside / sides[row]
        # Most of what is seen is mark: where a crop reaches beyond it, the picture had a margin.
        inside = (np.maximum(half - SHIFTS[column], SHIFTS[column] + half - 1) < BEYOND) | (half > 0.5)
        row, column = row[inside], column[inside]
    order = np.argsort(-grid[row, column])[:kept]
    row, column = row[order], column[order]
    found = _Axis(sides[row], SHIFTS[column], grid[row, column])
    if ray.whole is None:
        return found
    shift = 0.5 - (-1 if flipped else 1) * ray.middle / ray.whole
    score = np.float32((waves[-1] @ np.exp(-2j * np.pi * NUMBERS * shift)).real + WHOLE)
    return _Axis(*(np.append(*pair) for pair in zip(found, (ray.whole, shift, score), strict=True)))


_TURNS = np.exp(-2j * np.pi * np.outer(NUMBERS, SHIFTS)).astype(np.complex64)


def _peaks(grid):
    """Rows and columns of what is largest among its neighbours; columns go round."""
    down, right = 2, 4
    around = np.pad(grid, ((0, 0), (right, right)), mode="wrap")
    around = cv2.dilate(around, np.ones((2 * down + 1, 2 * right + 1), np.uint8))[:, right:-right]
    return np.nonzero(grid >= around)


def _across(spectrum, angle, parts, flips, swapped):
    """What the two waves across contribute to each pair of axes, (n, m)."""
    total = 0.0
    axes = content.axes(angle)
    for number in (6, 7):
        numbers = WAVES[number][::-1] if swapped else WAVES[number]
        frequencies = [(-1 if flip else 1) * count / part.sides for flip, count, part in zip(flips, numbers, parts, strict=True)]
        first, second = np.broadcast_arrays(frequencies[0][:, None], frequencies[1])
        values = spectrum.at(first * axes[0, 0] + second * axes[1, 0], first * axes[0, 1] + second * axes[1, 1])
        phase = PHASE * number - 2 * np.pi * sum(numbers) * CENTRE
        turned = phase + 2 * np.pi * (numbers[0] * parts[0].shifts[:, None] + numbers[1] * parts[1].shifts)
        total = total + DIAGONAL * (values * np.exp(-1j * turned)).real
    return total


def _corners(spectrum, angle, chosen, flips, swapped):
    """The picture's corners in the mark."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([spectrum.width, spectrum.height]) / (2 * spectrum.longer)
    corners = corners @ content.axes(angle).T
    along = [shift + (-1 if flip else 1) * corner / side for (side, shift), flip, corner in zip(chosen, flips, corners.T, strict=True)]
    return np.stack(along[::-1] if swapped else along, -1)
