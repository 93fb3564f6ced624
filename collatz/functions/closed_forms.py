"""Lyapunov functions that need no training: floors for every network, computed from the same raw features.

Along a window the logarithms S_0 = ln n, S_j = ln T^j(n) are known. A step shifts the window and reveals one new value.
"""

from collections.abc import Callable

import numpy as np

from collatz.numbers.features import FIRST_VALUATION, LARGEST_VALUATION
from collatz.numbers.syracuse import LOG2_3

ValueFunction = Callable[[np.ndarray], np.ndarray]
"""Features (B, 6 + lookahead) float32 -> V (B,)."""

LEVEL = 240.0
"""Above twice any logarithm a window can reach: (128 + 64 log2(3/2)) ln 2 = 115 nats."""
TIE_BREAK = 1e-4
"""Nats a step: makes the value fall strictly while the maximum of the window stays the same number."""


def log_number(features: np.ndarray) -> np.ndarray:
    """ln n, (B,) float64, as exactly as the float32 column tells it."""
    return features[:, 0].astype(np.float64) * (40 * np.log(10))


def window_valuations(features: np.ndarray) -> np.ndarray:
    """k_1 ... k_L, (B, L) float64: the clipped columns, repaired by the drift column, which holds the exact sum.

    One clipped valuation is recovered exactly; several share what is missing.
    """
    clipped = np.rint(features[:, FIRST_VALUATION:].astype(np.float64) * 10)
    total = np.rint(clipped.shape[1] * LOG2_3 - features[:, 5].astype(np.float64) * 10)
    is_clipped = clipped == LARGEST_VALUATION
    missing = (total - clipped.sum(axis=1)) / np.maximum(1, is_clipped.sum(axis=1))
    return clipped + is_clipped * missing[:, None]


def log_orbit(features: np.ndarray) -> np.ndarray:
    """S_0 ... S_L, (B, L + 1) float64, from S_{j+1} = S_j + ln 3 - k ln 2 + log1p(exp(-S_j) / 3)."""
    changes = np.log(3) - window_valuations(features) * np.log(2)
    orbit = np.empty((len(features), changes.shape[1] + 1))
    orbit[:, 0] = log_number(features)
    for step in range(changes.shape[1]):
        current = orbit[:, step]
        # A window with several clipped valuations is not exact and may fall below one.
        orbit[:, step + 1] = np.maximum(0, current + changes[:, step] + np.log1p(np.exp(-current) / 3))
    return orbit


def logarithm(features: np.ndarray) -> np.ndarray:
    """V = ln n."""
    return log_number(features)


def drift_anchor(beta: float) -> ValueFunction:
    """V = ln n + beta * drift in bits: the target that the original runs were anchored to with beta = 0.35."""
    return lambda features: log_number(features) + beta * 10 * features[:, 5].astype(np.float64)


def window_maximum(features: np.ndarray, epsilon: float = TIE_BREAK) -> np.ndarray:
    """V = max_j (S_j + j epsilon). Rises only when the new value of the window is a record."""
    orbit = log_orbit(features)
    return (orbit + epsilon * np.arange(orbit.shape[1])).max(axis=1)


def window_minimum(features: np.ndarray, epsilon: float = TIE_BREAK) -> np.ndarray:
    """V = min_j (S_j + j epsilon). Rises only where n is the strict minimum of its window, so on growth steps alone."""
    orbit = log_orbit(features)
    return (orbit + epsilon * np.arange(orbit.shape[1])).min(axis=1)


def two_level(climb_index: int, epsilon: float = TIE_BREAK) -> ValueFunction:
    """Two levels (new here): V = window maximum, but LEVEL - max_j (S_j - j epsilon) while the window climbs.

    The window climbs if its last maximum stands at `climb_index` or later. Within a climb the value falls as the
    maximum rises, so a long climb costs one violation, on entry, and not one for each record.
    """

    def value(features: np.ndarray) -> np.ndarray:
        orbit = log_orbit(features)
        steps = epsilon * np.arange(orbit.shape[1])
        last_maximum = orbit.shape[1] - 1 - np.argmax(orbit[:, ::-1], axis=1)
        # At one the orbit stays at zero up to rounding and does not climb; the next odd number stands at ln 3.
        climbs = (last_maximum >= climb_index) & (orbit.max(axis=1) > 0.5)
        return np.where(climbs, LEVEL - (orbit - steps).max(axis=1), (orbit + steps).max(axis=1))

    return value


def raise_multiples_of_three(value: ValueFunction, height: float = 2 * LEVEL) -> ValueFunction:
    """`value` raised by `height` on multiples of three. T(n) never is one, so nothing leads there and the step from there always falls."""
    return lambda features: value(features) + height * (features[:, 1] == 0)
