import numpy as np
import pytest

from collatz.functions.clock import ARC, ENDGAME, arc_waits, clock, endgame_steps, in_endgame, next_arrival
from collatz.measure.scores import margins, score_population, score_trajectories
from collatz.numbers.draws import random_numbers
from collatz.numbers.evalset import read_evaluation_set
from collatz.numbers.features import features_of
from collatz.numbers.seeds import TEST_SEEDS
from collatz.numbers.syracuse import LOG2_3, iterate, syracuse_step, trajectory


@pytest.mark.parametrize("arc", [0.3, 0.05, ARC])
def test_waits_are_first_arrivals(arc):
    borders, waits = arc_waits(arc)
    assert (np.diff(borders) > 0).all()
    for phase in np.random.default_rng(0).random(300):
        expected = next(step for step in range(10**5) if (phase + step * LOG2_3) % 1 < arc)
        assert waits[np.searchsorted(borders, phase, side="right") - 1] == expected


def test_without_any_window_a_share_of_the_arc_violates():
    # Exact integers of 900 to 1000 bits, log2 in float64: the clock alone, which sees ln n and nothing else, falls on all other steps.
    generator, violations, steps, arc = np.random.default_rng(0), 0, 0, 0.02
    for _ in range(150):
        number = int.from_bytes(generator.bytes(125), "little") | 1 | 1 << 999
        path = [number]
        for _ in range(100):
            path.append(syracuse_step(path[-1])[0])
        logarithms = np.array([[_log(number)] for number in path])
        value = next_arrival(logarithms, np.zeros(len(path)), arc)
        falls = np.diff(value) < 0
        # Between two arrivals it falls by exactly one.
        assert (np.diff(value)[falls] == -1).all()
        violations, steps = violations + int((~falls).sum()), steps + len(falls)
    assert abs(violations / steps - arc) < 4 * (arc / steps) ** 0.5


def test_the_endgame_is_closed_and_holds_no_test_seed():
    steps = endgame_steps()
    endgame = {number for number in range(ENDGAME + 1) if steps[number] >= 0}
    assert len(endgame) == 21
    assert not endgame & set(TEST_SEEDS)
    assert all(syracuse_step(number)[0] in endgame and steps[number] == len(trajectory(number)) - 1 for number in endgame)


@pytest.mark.parametrize("lookahead", [1, 20])
def test_in_the_endgame_the_value_counts_the_steps(lookahead):
    steps = endgame_steps()
    numbers = [n for n in range(1, 3000, 2) if n % 3 and steps[min(iterate(n, lookahead), ENDGAME)] >= 0]
    value = clock(lookahead)(features_of(numbers, lookahead))
    left = np.array([len(trajectory(n)) - 1 for n in numbers])
    np.testing.assert_array_equal(value - value[0], left)
    assert value.max() < 0


def _log(number):
    shift = number.bit_length() - 60
    return np.log(number >> shift) + shift * np.log(2)


@pytest.mark.parametrize(
    ("lookahead", "by_seed"),
    [(1, (1, 5, 1, 3, 3)), (10, (0, 2, 0, 2, 2)), (20, (0, 1, 0, 2, 1)), (30, (0, 0, 0, 1, 1)), (40, (0, 0, 0, 0, 0)), (64, (0,) * 5)],
)
def test_violations_on_the_test_trajectories(lookahead, by_seed):
    assert tuple(seed.violations for seed in score_trajectories(clock(lookahead), lookahead).seeds) == by_seed


@pytest.mark.parametrize(
    ("lookahead", "expected"), [(1, (99.78, 99.76, 99.81, 99.79)), (20, (99.92, 99.91, 99.96, 99.95)), (40, (99.96, 99.96, 99.98, 99.98))]
)
def test_shares_of_the_evaluation_set(evaluation_csv, lookahead, expected):
    score = score_population(clock(lookahead), lookahead, read_evaluation_set(evaluation_csv))
    found = (score.pass_share, score.weighted_pass, score.growth_pass, score.growth_weighted_pass)
    assert tuple(round(100 * share, 2) for share in found) == expected


def test_fresh_large_numbers_violate_as_often_as_the_theory_says():
    numbers = random_numbers(np.random.default_rng(11), 40_000, (70, 127))
    rate = (margins(clock(20), numbers, 20) <= 0).mean()
    # Arc times mean rise of y (0.19 steps at lookahead 20), on two thirds of all numbers; and little for float32's grain.
    assert rate == pytest.approx(0.0032 * 0.19 * 2 / 3, rel=0.5)


@pytest.mark.parametrize(("changes", "message"), [({"arc": 0.0}, "is 0.0"), ({"arc": 1.0}, "is 1.0"), ({"pace": -1.0}, "is -1.0")])
def test_bad_clocks(changes, message):
    with pytest.raises(ValueError, match=message):
        clock(20, **changes)


def test_the_endgame_can_be_switched_off_and_counted():
    numbers = np.arange(3, 4001, 2)
    features = features_of(numbers.tolist(), 20)
    looked_up = in_endgame(features)
    with_table, without = clock(20)(features), clock(20, endgame=False)(features)
    np.testing.assert_array_equal(with_table[~looked_up], without[~looked_up])
    # Where it is looked up V is the number of steps left, from the lowest number of all on.
    steps = np.array([len(trajectory(number)) - 1 for number in numbers.tolist()])
    chosen = looked_up & (numbers % 3 != 0)
    assert chosen.sum() > 100 and np.ptp(with_table[chosen] - steps[chosen]) == 0
    assert not looked_up[27 // 2 - 1]
