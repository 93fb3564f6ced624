"""The valuation window k_1, k_2, ... of many numbers at once, exact for every odd n < 2^128.

The first valuations of n depend on its low bits alone: n and l = n mod 2^54 have the same k_1 ... k_s while their sum
stays below 54. So a block of up to 14 steps runs on one 64-bit word, which holds the orbit of l exactly, and the whole
number is brought along once a block: T^s(n) = T^s(l) + 3^s (n >> 54) 2^(54 - K), with K = k_1 + ... + k_s. Rows whose K
reaches 54 within a block (one in 5,000 at random) are computed again with Python integers, so nothing is ever
approximate.
"""

import numpy as np

from collatz.numbers.limbs import to_float, to_integers
from collatz.numbers.syracuse import valuation_window

_WORD_BITS = 54
_BLOCK = 14
# The orbit of l < 2^54 stays below (3/2)^i 2^54, hence 3 T^13(l) + 1 < 2^63.2: a block never overflows its word.
LONGEST = 72
"""Windows up to this length. T^71(n) < (3/2)^71 2^128 < 2^170, so three limbs hold the whole number without wrapping.
"""

_WORD_MASK = np.uint64((1 << _WORD_BITS) - 1)
_HALF_MASK = np.uint64((1 << 32) - 1)


def valuations(limbs: np.ndarray, length: int) -> np.ndarray:
    """k_1 ... k_length of odd numbers given as (2, B) limbs: (length, B) uint8.

    The map is unguarded: at one, k = 2 for ever. ValueError for an even number or a length outside 1..72.
    """
    if not 1 <= length <= LONGEST:
        raise ValueError(f"the valuation window has length {length}, it must be in 1..{LONGEST}")
    if not np.all(limbs[0] & np.uint64(1)):
        position = int(np.argmin(limbs[0] & np.uint64(1)))
        raise ValueError(f"number {position}: n = {to_integers(limbs[:, position : position + 1])[0]} is even, an odd number is needed")
    window = np.empty((length, limbs.shape[1]), np.uint8)
    uncertain = np.zeros(limbs.shape[1], bool)
    value = (limbs[0], limbs[1], np.zeros_like(limbs[0]))
    blocks = -(-length // _BLOCK)
    edges = [length * block // blocks for block in range(blocks + 1)]
    for begin, end in zip(edges, edges[1:], strict=False):
        word = value[0] & _WORD_MASK
        _run_block(word, window[begin:end])
        consumed = window[begin:end].sum(axis=0, dtype=np.uint64)
        uncertain |= consumed >= _WORD_BITS
        if end < length:
            value = _advance(value, word, consumed, end - begin)
    rows = np.flatnonzero(uncertain)
    if len(rows):
        window[:, rows] = np.array([valuation_window(number, length) for number in to_integers(limbs[:, rows])], np.uint8).T
    return window


def float_iterates(limbs: np.ndarray, shifts: tuple[int, ...]) -> np.ndarray:
    """T^s(n) of odd numbers given as (2, B) limbs for each of the ascending `shifts` s, (len(shifts), B) float64.

    The relative error is at most 3 s + 2 units of 2^-53, so an iterate below 2^48 is exact once rounded to an integer.
    """
    window = valuations(limbs, max(1, shifts[-1]))
    value, iterates = to_float(limbs), []
    for step in range(shifts[-1] + 1):
        if step in shifts:
            iterates.append(value)
        if step < shifts[-1]:
            value = np.ldexp(3 * value + 1, -window[step].astype(np.int64))
    return np.stack(iterates)


def _run_block(word: np.ndarray, window: np.ndarray) -> None:
    """Fill `window` (steps, B) and leave T^steps of the words in `word` (B,) uint64."""
    tripled, trailing, shift = np.empty_like(word), np.empty_like(word), np.empty_like(word)
    one, three = np.uint64(1), np.uint64(3)
    for row in window:
        np.multiply(word, three, out=tripled)
        tripled += one
        np.subtract(tripled, one, out=trailing)
        np.invert(tripled, out=shift)
        trailing &= shift
        np.bitwise_count(trailing, out=row)
        np.copyto(shift, row)
        np.right_shift(tripled, shift, out=word)


def _advance(value: tuple, word: np.ndarray, consumed: np.ndarray, steps: int) -> tuple:
    """The three limbs of T^steps of the three-limb numbers `value`, from the words' own results."""
    bits, rest = np.uint64(_WORD_BITS), np.uint64(64 - _WORD_BITS)
    high_0 = value[0] >> bits | value[1] << rest
    high_1 = value[1] >> bits | value[2] << rest
    power = np.uint64(3**steps)
    product_0 = high_0 * power
    carry = _multiply_high(high_0, power)
    product_1 = high_1 * power + carry
    product_2 = _multiply_high(high_1, power) + (product_1 < carry)
    # NumPy defines shifts by 64 and more as zero, which also makes the uncertain rows harmless here.
    left = np.uint64(_WORD_BITS) - consumed
    right = np.uint64(64) - left
    limb_0 = (product_0 << left) + word
    limb_1 = product_1 << left | product_0 >> right
    limb_2 = product_2 << left | product_1 >> right
    carry = (limb_0 < word).astype(np.uint64)
    limb_1 = limb_1 + carry
    limb_2 = limb_2 + (limb_1 < carry)
    return limb_0, limb_1, limb_2


def _multiply_high(limb: np.ndarray, factor: np.uint64) -> np.ndarray:
    """The upper 64 bits of limb * factor, for a factor below 2^32."""
    half = np.uint64(32)
    return ((limb >> half) * factor + ((limb & _HALF_MASK) * factor >> half)) >> half
