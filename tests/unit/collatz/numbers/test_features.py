import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collatz.numbers.features import _log_feature, feature_batch, features_of, reference_features
from collatz.numbers.limbs import from_integers
from collatz.numbers.syracuse import iterate, syracuse_step

odd_numbers = st.integers(1, 128).flatmap(lambda bits: st.integers(0, (1 << bits) - 1)).map(lambda number: number | 1)


def test_features_of_seven_by_hand():
    # Windows 1 1 2 3 and residues 7 mod 3, 9, 27, 81 = 1, 7, 7, 7.
    expected = [math.log10(7) / 40, 1 / 2, 7 / 8, 7 / 26, 7 / 80, (4 * math.log2(3) - 7) / 10, 0.1, 0.1, 0.2, 0.3]
    np.testing.assert_array_equal(reference_features(7, 4), np.array(expected, np.float32))


def test_valuations_above_ten_are_clipped_but_counted_in_the_drift():
    number = ((1 << 20) - 1) // 3
    row = reference_features(number, 3)
    np.testing.assert_array_equal(row[6:], np.array([1.0, 0.2, 0.2], np.float32))
    assert row[5] == np.float32((3 * math.log2(3) - 24) / 10)


@settings(max_examples=60)
@given(st.lists(odd_numbers, min_size=1, max_size=12), st.integers(1, 64))
def test_every_bit_equals_the_reference(numbers, lookahead):
    shifts = (0, 1, 4, 8)
    batch = feature_batch(from_integers(numbers), lookahead, shifts)
    for shift, features in zip(shifts, batch.features, strict=True):
        expected = np.stack([reference_features(iterate(number, shift), lookahead) for number in numbers])
        np.testing.assert_array_equal(features, expected)
        assert features.dtype == np.float32
    assert batch.growth.tolist() == [syracuse_step(number)[0] > number for number in numbers]
    np.testing.assert_allclose(batch.log_n, [math.log(number) for number in numbers], rtol=1e-14, atol=1e-15)


def test_many_random_rows_equal_the_reference():
    generator = np.random.default_rng(0)
    numbers = [int.from_bytes(generator.bytes(16), "little") >> int(generator.integers(126)) | 1 for _ in range(2000)]
    batch = feature_batch(from_integers(numbers), 20, (0, 1))
    np.testing.assert_array_equal(batch.features[1], np.stack([reference_features(iterate(n, 1), 20) for n in numbers]))


def test_logarithm_beside_a_rounding_midpoint_is_computed_again():
    # Hand the float path a value that is off by some units in the last place and lies within its reach of a float32
    # midpoint.
    number = next(n for n in range(3, 10**7, 2) if abs((_bits(math.log10(n) / 40) & (1 << 29) - 1) - (1 << 28)) < 300)
    value = np.array([float(number)])
    exact = np.float32(math.log10(number) / 40)
    for units in (-8, 8):
        shifted = value + units * np.spacing(value)
        assert np.float32(_log_feature(shifted, from_integers([number]), 0)[0]) == exact


def _bits(value):
    return int(np.float64(value).view(np.int64))


@pytest.mark.parametrize("lookahead", [0, -1, 65])
def test_lookahead_out_of_range(lookahead):
    with pytest.raises(ValueError, match=f"lookahead is {lookahead}, it must be in 1..64"):
        features_of([3], lookahead)
    with pytest.raises(ValueError, match="1..64"):
        reference_features(3, lookahead)


@pytest.mark.parametrize("number", [0, -5, 10, 1 << 128 | 1])
def test_numbers_that_have_no_features(number):
    with pytest.raises(ValueError, match=f"number 2: n = {number} is"):
        features_of([3, 5, number], 4)
