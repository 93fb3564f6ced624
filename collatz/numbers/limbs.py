"""Arrays of integers below 2^128 as two unsigned 64-bit limbs: shape (2, B) uint64, low limb first."""

from collections.abc import Iterable

import numpy as np

from collatz.numbers.syracuse import check_number

_LIMB = (1 << 64) - 1


def from_integers(numbers: Iterable[int]) -> np.ndarray:
    """(2, B) uint64 of odd positive integers below 2^128; ValueError with the position of the first that is not."""
    numbers = list(numbers)
    for position, number in enumerate(numbers):
        if not (number > 0 and number & 1 and number >> 128 == 0):
            check_number(number, f"number {position}")
    return np.array([[number & _LIMB for number in numbers], [number >> 64 for number in numbers]], np.uint64)


def to_integers(limbs: np.ndarray) -> list[int]:
    """The Python integers of (2, B) limbs."""
    return [low | high << 64 for low, high in zip(limbs[0].tolist(), limbs[1].tolist(), strict=True)]


def to_float(limbs: np.ndarray) -> np.ndarray:
    """(B,) float64, within 2^-52 of the value relatively."""
    return limbs[1] * 2.0**64 + limbs[0]


def remainder(limbs: np.ndarray, modulus: int) -> np.ndarray:
    """n mod `modulus` for a modulus below 2^31, (B,) int64."""
    low, high = limbs % np.uint64(modulus)
    return ((high * np.uint64((1 << 64) % modulus) + low) % np.uint64(modulus)).astype(np.int64)
