"""Binary BCH codes: parity bits for a message, and the correction of up to t wrong bits.

The words of a binary BCH code that corrects t errors are exactly the 0/1 words of the Reed-Solomon code over GF(2^m) with the
roots a, a^2, ..., a^2t (MacWilliams and Sloane 1977, chapter 10). So `reedsolo`, pure Python that is ready in a millisecond,
decodes them: in a 0/1 word every error it finds has the value 1, because the syndromes obey S(2j) = S(j)^2.
"""

from dataclasses import dataclass
from functools import cache
from math import comb
from threading import Lock

import numpy as np
import reedsolo

# reedsolo keeps the tables of the field it last worked in as globals of its module.
_ONE_FIELD_AT_A_TIME = Lock()


@dataclass(frozen=True)
class BCH:
    """A systematic binary BCH code, narrow-sense and primitive, shortened to `data_bits`.

    polynomial: primitive polynomial of the field GF(2^m) as a number, bit i the coefficient of x^i (137 is x^7 + x^3 + 1).
    correctable: how many wrong bits it corrects, t.
    """

    polynomial: int
    correctable: int
    data_bits: int

    @property
    def parity_bits(self) -> int:
        """Bits it adds: the degree of the generator polynomial."""
        return _codec_and_generator(self.polynomial, self.correctable)[1].bit_length() - 1

    @property
    def word_bits(self) -> int:
        """Data bits and parity bits together."""
        return self.data_bits + self.parity_bits

    def encode(self, data: np.ndarray) -> np.ndarray:
        """The data with its parity behind it: (data_bits,) -> (word_bits,), both uint8 of 0 and 1."""
        generator = _codec_and_generator(self.polynomial, self.correctable)[1]
        remainder = int("".join(map(str, data.tolist())), 2) << self.parity_bits
        while remainder.bit_length() > self.parity_bits:
            remainder ^= generator << (remainder.bit_length() - generator.bit_length())
        parity = [int(digit) for digit in format(remainder, f"0{self.parity_bits}b")]
        return np.concatenate([data, np.uint8(parity)])

    def decode(self, word: np.ndarray) -> tuple[np.ndarray, int] | None:
        """The nearest code word and its number of corrections, or None where no code word is within t bits.

        word: (word_bits,) uint8 of 0 and 1. Beyond t errors the answer is None or, with `false_accept_probability`, a wrong word.
        """
        codec = _codec_and_generator(self.polynomial, self.correctable)[0]
        with _ONE_FIELD_AT_A_TIME:
            try:
                _, corrected, positions = codec.decode(bytes(word.tolist()))
            except reedsolo.ReedSolomonError:
                return None
        return np.frombuffer(bytes(corrected), np.uint8), len(positions)

    @property
    def false_accept_probability(self) -> float:
        """Chance that a word of coin flips lies within t bits of a code word (exact: those spheres do not overlap)."""
        return sum(comb(self.word_bits, errors) for errors in range(self.correctable + 1)) / 2**self.parity_bits


@cache
def _codec_and_generator(polynomial: int, correctable: int) -> tuple[reedsolo.RSCodec, int]:
    """Decoder, and generator polynomial as a number: the product of x - a^e over 1..2t and their conjugates 2e, 4e, ..."""
    field_bits = polynomial.bit_length() - 1
    length = 2**field_bits - 1
    exponents = {root * 2**power % length for root in range(1, 2 * correctable) for power in range(field_bits)}
    with _ONE_FIELD_AT_A_TIME:
        codec = reedsolo.RSCodec(2 * correctable, nsize=length, fcr=1, prim=polynomial, c_exp=field_bits)
        product = [1]
        for exponent in exponents:
            product = reedsolo.gf_poly_mul(product, [1, codec.gf_exp[exponent]])
    return codec, int("".join(map(str, product)), 2)
