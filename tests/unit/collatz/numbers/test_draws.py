import numpy as np

from collatz.numbers.draws import random_numbers
from collatz.numbers.limbs import to_integers


def test_random_rows_are_even_over_bit_lengths():
    numbers = to_integers(random_numbers(np.random.default_rng(0), 100_000, (2, 124)))
    lengths = np.bincount([number.bit_length() for number in numbers], minlength=129)
    assert lengths[:3].sum() == lengths[126:].sum() == 0
    expected = 100_000 / 123
    # Chi-square of 122 degrees of freedom: five standard deviations above the mean.
    assert ((lengths[3:126] - expected) ** 2 / expected).sum() < 122 + 5 * (2 * 122) ** 0.5
    seven_bits = np.bincount([number for number in numbers if number.bit_length() == 7], minlength=128)
    assert np.flatnonzero(seven_bits).tolist() == list(range(65, 128, 2))
