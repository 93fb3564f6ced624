"""The feature vector of an odd number: what a network sees of n. 6 + lookahead float32 columns, bit for bit those of
the original runs.

0 log10(n) / 40 · 1-4 n mod 3, 9, 27, 81 over 2, 8, 26, 80 · 5 drift / 10 with drift = lookahead log2(3) - (k_1 + ... +
k_lookahead), the bits gained in `lookahead` steps · 6... min(k_i, 10) / 10. Computed in float64 and rounded once to
float32.
"""

import math
from dataclasses import dataclass

import numpy as np

from collatz.numbers import limbs as limb_arrays
from collatz.numbers.syracuse import LOG2_3, check_number, iterate, valuation_window
from collatz.numbers.valuations import valuations
from longrun.errors import UserError

RESIDUE_MODULI = (3, 9, 27, 81)
FIRST_VALUATION = 6
LARGEST_LOOKAHEAD = 64
LARGEST_VALUATION = 10
"""Valuations are clipped here in their own columns; the drift column keeps their exact sum."""

_CLIPPED = np.array([min(k, LARGEST_VALUATION) / 10 for k in range(256)], np.float32)
_RESIDUES = np.array([[n % m / (m - 1) for m in RESIDUE_MODULI] for n in range(81)], np.float32)
_NEXT_RESIDUE = np.array([(3 * n + 1) * pow(2, -k, 81) % 81 for n in range(81) for k in range(256)], np.int64)
_HALVINGS = 2.0 ** -np.arange(256.0)


def check_lookahead(lookahead: int) -> None:
    """UserError unless 1 <= lookahead <= 64."""
    if not 1 <= lookahead <= LARGEST_LOOKAHEAD:
        raise UserError(f"lookahead is {lookahead}, it must be in 1..{LARGEST_LOOKAHEAD}")


def reference_features(number: int, lookahead: int) -> np.ndarray:
    """Features of one number with Python integers and floats, (6 + lookahead,) float32: the definition."""
    check_lookahead(lookahead)
    window = valuation_window(number, lookahead)
    columns = [math.log10(max(1, number)) / 40]
    columns += [number % modulus / (modulus - 1) for modulus in RESIDUE_MODULI]
    columns += [(lookahead * LOG2_3 - sum(window)) / 10]
    columns += [min(k, LARGEST_VALUATION) / 10 for k in window]
    return np.array(columns, np.float32)


@dataclass(frozen=True)
class FeatureBatch:
    """Features of B numbers n and of their iterates T^s(n).

    `features[i]` (B, 6 + lookahead) float32 belongs to T^shifts[i](n); `log_n` = ln n and `drift` in bits, (B,)
    float64, and `growth` = T(n) > n, (B,) bool, belong to n itself.
    """

    features: tuple[np.ndarray, ...]
    log_n: np.ndarray
    drift: np.ndarray
    growth: np.ndarray


def feature_batch(numbers: np.ndarray, lookahead: int, shifts: tuple[int, ...] = (0, 1)) -> FeatureBatch:
    """Features of odd `numbers` < 2^128, (2, B) uint64 limbs, and of their iterates after each of the ascending
    `shifts` (at most 8).

    One window of length lookahead + the last shift serves all of them. ValueError for an even number, UserError for a
    lookahead outside 1..64.
    """
    check_lookahead(lookahead)
    window = valuations(numbers, lookahead + shifts[-1])
    clipped = np.take(_CLIPPED, window)
    value = limb_arrays.to_float(numbers)
    residue = limb_arrays.remainder(numbers, 81)
    results, position = [], 0
    for shift in shifts:
        for step in range(position, shift):
            value = (3 * value + 1) * np.take(_HALVINGS, window[step])
            residue = np.take(_NEXT_RESIDUE, 256 * residue + window[step])
        position = shift
        drift = lookahead * LOG2_3 - window[shift : shift + lookahead].sum(axis=0, dtype=np.uint16)
        if shift == shifts[0]:
            first_value, first_drift = value, drift
        columns = np.empty((numbers.shape[1], FIRST_VALUATION + lookahead), np.float32)
        columns[:, 0] = _log_feature(value, numbers, shift)
        columns[:, 1:5] = np.take(_RESIDUES, residue, axis=0)
        columns[:, 5] = drift / 10
        columns[:, FIRST_VALUATION:] = clipped[shift : shift + lookahead].T
        results.append(columns)
    # n grows exactly when k_1 = 1: then T(n) = (3n + 1) / 2 > n, and with k_1 >= 2 T(n) <= (3n + 1) / 4 <= n.
    growth = window[shifts[0]] == 1
    return FeatureBatch(tuple(results), np.log(first_value), first_drift, growth)


def _log_feature(value: np.ndarray, numbers: np.ndarray, shift: int) -> np.ndarray:
    """log10 / 40 rounded to float32 exactly as Python's floats would have it, (B,) float64 holding float32 values.

    NumPy's logarithm and the float64 iterates are some units off in the last place, which can matter only beside the
    midpoint between two float32 numbers. Those rows, one in a million, are computed again from the integer.
    """
    feature = np.log10(value) / 40
    distance = (feature.view(np.int64) & ((1 << 29) - 1)) - (1 << 28)
    for row in np.flatnonzero(np.abs(distance) < 1 << 9):
        number = limb_arrays.to_integers(numbers[:, row : row + 1])[0]
        feature[row] = math.log10(iterate(number, shift)) / 40
    return feature


def features_of(numbers: list[int], lookahead: int) -> np.ndarray:
    """(B, 6 + lookahead) float32 features of Python integers; ValueError with the position of an even, non-positive or
    too large one.
    """
    for position, number in enumerate(numbers):
        check_number(number, f"number {position}")
    return feature_batch(limb_arrays.from_integers(numbers), lookahead, (0,)).features[0]
