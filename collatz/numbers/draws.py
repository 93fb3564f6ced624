"""Random odd numbers, even over bit lengths."""

import numpy as np


def random_numbers(generator: np.random.Generator, rows: int, exponents: tuple[int, int]) -> np.ndarray:
    """Odd numbers with floor(log2 n) even over the inclusive range `exponents` and even within it, (2, rows) uint64
    limbs.
    """
    exponent = generator.integers(exponents[0], exponents[1] + 1, size=rows).astype(np.uint64)
    bits = generator.integers(0, 1 << 64, size=(2, rows), dtype=np.uint64)
    one = np.uint64(1)
    # A shift by 64 gives zero in NumPy, so the top bit of a number with a high limb leaves the low limb to its random
    # bits.
    top_low = one << exponent
    top_high = np.where(exponent >= 64, one << (exponent - np.uint64(64)), np.uint64(0))
    low = bits[0] & (top_low - one) | top_low | one
    high = np.where(top_high > 0, bits[1] & (top_high - one) | top_high, np.uint64(0))
    return np.stack([low, high])
