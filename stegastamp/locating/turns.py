"""The angles at which a mark may lie in a picture, by the waves that every mark carries.

Along either side of the mark three waves run, whose frequencies are 12, 16 and 21 in its sides: so on two rays of the spectrum, a
quarter turn apart, three coefficients stand out in these proportions. All rays and sides are looked at in one transform.
"""

import numpy as np

from stegastamp.locating.content import apart
from stegastamp.locating.spectrum import SIDE, Spectrum
from stegastamp.network.waves import CENTRE, PHASE

NUMBERS = np.array([12, 16, 21])
"""Cycles per side of the three waves along an axis."""
WEIGHTS = np.array([1.0, 2.2, 2.9])
"""How far each of them stands out in the released `base`, in units of what is usual around it: what it counts for."""
SIDES = np.geomspace(0.42, 1.8, 64)
"""Sides of a mark that are tried, in longer sides of the picture."""
ANGLES = np.radians(np.arange(180))
"""Rays that are looked at."""
STEP = 0.25
"""Between two frequencies of a ray, in cycles per longer side."""
FINEST = 0.47
"""Cycles per pixel from which on nothing is seen."""
APART = np.radians(4.0)
"""Angle from which two are two: a decoder that has a localiser bears 7 degrees."""
SIZES = 0.5
"""What a wave counts by its size, where by its phase it counts 1."""
OFF = 0.01
"""Of the mark's sides, by which its middle is tried off the picture's."""


def angles(spectrum: Spectrum, most: int) -> list[tuple[float, float]]:
    """The likeliest angles in [0, pi/2), in radians from x towards y, each with its score; upright is none of them.

    A wave counts by its size, and by its phase where the mark's middle is the picture's, as in most pictures that were turned.
    """
    frequencies = np.arange(NUMBERS.min() / SIDES.max() - STEP, NUMBERS.max() / SIDES.min() + STEP, STEP)
    values = spectrum.at(frequencies * np.cos(ANGLES)[:, None], frequencies * np.sin(ANGLES)[:, None])
    index = np.rint((NUMBERS / SIDES[:, None] - frequencies[0]) / STEP).astype(int)
    waves = np.complex64(values[:, index] * WEIGHTS)
    scores = SIZES * np.abs(waves).sum(-1) + np.stack([_centred(waves, axis) for axis in (0, 1)])
    scores[..., NUMBERS.max() / SIDES > FINEST * SIDE] = 0
    quarter = len(ANGLES) // 2
    first, second = np.split(scores.max(-1), 2, axis=1)
    best = np.maximum(first[0] + second[1], first[1] + second[0])
    best[apart(ANGLES[:quarter], 0.0) < APART] = -np.inf
    found = []
    for _ in range(most):
        index = int(best.argmax())
        found.append((float(ANGLES[index]), float(best[index])))
        best[apart(ANGLES[:quarter], ANGLES[index]) < APART] = -np.inf
    return found


def _centred(waves, axis):
    """What the phases say of each ray and side if the mark's `axis` lies along it, either way, and its middle in the picture's."""
    shifts = 0.5 + np.array([-OFF, 0, OFF])
    turned = np.exp(-1j * (axis_phases(axis)[:, None] + 2 * np.pi * np.outer(NUMBERS, shifts))).astype(np.complex64)
    return np.maximum((waves @ turned).real.max(-1), (np.conj(waves) @ turned).real.max(-1))


def axis_phases(axis: int) -> np.ndarray:
    """Phases (3,) of the waves along the mark's `axis` (0: x) at its first side."""
    return PHASE * (np.arange(3) + 3 * axis) - 2 * np.pi * NUMBERS * CENTRE
