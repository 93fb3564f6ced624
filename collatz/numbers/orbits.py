"""The odd values on the orbits of chosen numbers, laid out so that one can be drawn from any of them at once."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from collatz.numbers import limbs as limb_arrays
from collatz.numbers.syracuse import NUMBER_LIMIT, iterate, syracuse_step

ORBIT_STEPS = 300


@dataclass(frozen=True)
class Orbits:
    """Odd values above one on the first 300 steps of several numbers' orbits, end to end in `values` (2, P) uint64
    limbs.

    Orbit i is values[:, starts[i] : starts[i] + lengths[i]]; `numbers` (2, Q) are the numbers themselves, made odd.
    """

    values: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    numbers: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)


def orbits(numbers: Iterable[int], excluded: frozenset[int] = frozenset(), shifts: tuple[int, ...] = (0, 1)) -> Orbits:
    """The orbits of `numbers` without values from 2^128 on, and without those of which T^s is `excluded` for one of the
    `shifts` s. A number left without values is dropped.
    """

    def is_excluded(value: int) -> bool:
        return bool(excluded) and any(iterate(value, shift) in excluded for shift in shifts)

    kept, values = [], []
    for number in numbers:
        orbit, current = [], number
        for _ in range(ORBIT_STEPS):
            if current <= 1:
                break
            if current % 2 and current < NUMBER_LIMIT and not is_excluded(current):
                orbit.append(current)
            current, _ = syracuse_step(current)
        if orbit:
            kept.append(number | 1)
            values.append(orbit)
    lengths = np.array([len(orbit) for orbit in values], np.int64)
    starts = np.cumsum(lengths) - lengths
    flat = limb_arrays.from_integers(value for orbit in values for value in orbit)
    return Orbits(flat, starts, lengths, limb_arrays.from_integers(kept))
