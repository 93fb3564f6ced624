import pytest
from hypothesis import given
from hypothesis import strategies as st

from collatz.numbers import syracuse

odd_numbers = st.integers(1, (1 << 128) - 1).map(lambda number: number | 1)


def test_step_by_hand():
    assert syracuse.syracuse_step(7) == (11, 1)
    assert syracuse.syracuse_step(5) == (1, 4)
    assert syracuse.syracuse_step(54) == (27, 0)
    assert syracuse.syracuse_step(1) == (1, 0)
    assert syracuse.syracuse_step(0) == (1, 0)


def test_valuation_of_zero_is_zero():
    assert [syracuse.valuation(number) for number in (0, 1, 2, 12, 1 << 100)] == [0, 0, 1, 2, 100]


def test_trajectory_by_hand():
    assert syracuse.trajectory(7) == [7, 11, 17, 13, 5, 1]
    assert syracuse.trajectory(1) == [1]


def test_trajectory_refuses_zero():
    with pytest.raises(ValueError, match="n = 0 is not positive"):
        syracuse.trajectory(0)


@given(odd_numbers, st.integers(0, 12))
def test_iterate_follows_the_trajectory(number, steps):
    path = syracuse.trajectory(number)
    assert syracuse.iterate(number, steps) == path[min(steps, len(path) - 1)]


@given(odd_numbers)
def test_a_step_grows_exactly_when_the_first_valuation_is_one(number):
    following, _ = syracuse.syracuse_step(number)
    assert (following > number) == (syracuse.valuation_window(number, 1) == [1])


def test_window_is_padded_by_twos_at_one():
    assert syracuse.valuation_window(7, 9) == [1, 1, 2, 3, 4, 2, 2, 2, 2]


@given(st.integers(2, 1 << 64))
def test_orbit_statistics_count_every_collatz_step(number):
    steps, largest, current = 0, number, number
    while current != 1:
        current = 3 * current + 1 if current % 2 else current // 2
        steps, largest = steps + 1, max(largest, current)
    assert syracuse.collatz_orbit_statistics(number) == (steps, largest)


def test_orbit_statistics_stop_at_the_limit():
    assert syracuse.collatz_orbit_statistics(27) == (111, 9232)
    assert syracuse.collatz_orbit_statistics(27, limit=10)[0] == 10


@pytest.mark.parametrize(
    ("number", "message"),
    [(0, "not positive"), (-3, "not positive"), (12, "is even"), (1 << 128 | 1, "not below 2\\^128")],
)
def test_bad_numbers_are_named(number, message):
    with pytest.raises(ValueError, match=f"line 3: n = {number} .*{message}|line 3: n = {number} {message}"):
        syracuse.check_number(number, "line 3")
