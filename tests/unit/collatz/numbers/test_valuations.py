import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collatz.numbers.limbs import from_integers, remainder, to_float, to_integers
from collatz.numbers.syracuse import iterate, trajectory, valuation_window
from collatz.numbers.valuations import LONGEST, float_iterates, valuations

odd_numbers = st.integers(1, 128).flatmap(lambda bits: st.integers(0, (1 << bits) - 1)).map(lambda number: number | 1)


def assert_exact(numbers, length):
    expected = np.array([valuation_window(number, length) for number in numbers]).T
    np.testing.assert_array_equal(valuations(from_integers(numbers), length), expected)


@settings(max_examples=60)
@given(st.lists(odd_numbers, min_size=1, max_size=20), st.integers(1, LONGEST))
def test_window_equals_big_integers(numbers, length):
    assert_exact(numbers, length)


def with_first_valuation(k):
    """The smallest odd n whose 3n + 1 has exactly k factors two."""
    return ((1 << k) * (1 if k % 2 == 0 else 5) - 1) // 3 if k > 1 else 3


def test_first_valuations_of_every_size():
    numbers = [with_first_valuation(k) for k in range(1, 126)]
    assert [valuation_window(number, 1)[0] for number in numbers] == list(range(1, 126))
    assert_exact(numbers, LONGEST)


def test_longest_climbs_do_not_wrap():
    # 2^128 - 1 climbs 127 steps in a row, so its iterates pass 2^128 at once and reach 2^170 within the window.
    assert_exact(
        [(1 << 128) - 1, (1 << 127) - 1, (1 << 128) - (1 << 70) - 1, (1 << 64) - 1, (1 << 54) - 1, (1 << 55) - 1],
        LONGEST,
    )


def test_every_small_number_and_the_word_border():
    assert_exact([*range(1, 2000, 2), *range((1 << 54) - 99, (1 << 54) + 99, 2), *range((1 << 64) - 99, (1 << 64) + 99, 2)], 40)


def test_even_numbers_are_refused():
    with pytest.raises(ValueError, match="number 1: n = 18446744073709551620 is even"):
        valuations(np.array([[3, 4], [0, 1]], np.uint64), 5)


@pytest.mark.parametrize("length", [0, LONGEST + 1])
def test_window_length_is_limited_to_what_is_exact(length):
    with pytest.raises(ValueError, match=f"length {length}"):
        valuations(from_integers([3]), length)


@given(st.lists(odd_numbers, min_size=1, max_size=20))
def test_limbs_hold_the_number(numbers):
    limbs = from_integers(numbers)
    assert to_integers(limbs) == numbers
    assert remainder(limbs, 81).tolist() == [number % 81 for number in numbers]
    np.testing.assert_allclose(to_float(limbs), [float(number) for number in numbers], rtol=2**-51)


@pytest.mark.parametrize("number", [0, -1, 8, (1 << 128) + 1])
def test_limbs_refuse_other_numbers(number):
    with pytest.raises(ValueError, match=f"number 1: n = {number} "):
        from_integers([3, number])


@given(st.lists(odd_numbers, min_size=1, max_size=20), st.sampled_from([(0,), (0, 1), (0, 1, 4, 8)]))
def test_float_iterates_are_exact_where_they_are_small(numbers, shifts):
    numbers += trajectory(626331)[:-1]
    found = float_iterates(from_integers(numbers), shifts)
    for row, shift in zip(found, shifts, strict=True):
        expected = [iterate(number, shift) for number in numbers]
        np.testing.assert_allclose(row, [float(value) for value in expected], rtol=2**-47)
        assert all(round(value) == exact for value, exact in zip(row.tolist(), expected, strict=True) if exact < 1 << 48)
