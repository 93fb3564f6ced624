"""Floors, skills and intervals against values worked out by hand and against SciPy."""

import math

import numpy as np
import pytest
import scipy.stats

from longrun import (
    Score,
    binomial_score,
    bootstrap_interval,
    constant_floor,
    grouped_score,
    label_entropy,
    majority_floor,
    skill,
    wilson_interval,
)


@pytest.mark.parametrize(("value", "floor", "expected"), [(0.75, 0.5, 0.5), (0.5, 0.5, 0.0), (1.0, 0.9, 1.0), (0.4, 0.5, -0.2)])
def test_skill_by_hand(value, floor, expected):
    assert skill(value, floor) == pytest.approx(expected)


def test_a_floor_of_one_leaves_nothing_to_know():
    assert skill(1.0, 1.0) == 0.0


@pytest.mark.parametrize(("successes", "count"), [(0, 10), (10, 10), (7, 10), (500, 1000), (1, 3)])
def test_wilson_interval_is_scipys(successes, count):
    expected = scipy.stats.binomtest(successes, count).proportion_ci(0.95, method="wilson")
    assert wilson_interval(successes, count) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_wilson_interval_by_hand():
    # 0 of 10: from 0 to z^2 / (10 + z^2), with z^2 = 3.8415.
    assert wilson_interval(0, 10) == pytest.approx((0.0, 0.27753), abs=1e-5)


def test_a_binomial_score_holds_everything():
    score = binomial_score(90, 100, 0.5)
    assert (score.value, score.floor, score.count, score.skill) == (0.9, 0.5, 100, 0.8)
    assert score.above_floor
    assert str(score) == "0.9000 (floor 0.5000, skill +0.8000, 95 % interval 0.8256..0.9448, n 100)"


def test_a_score_whose_interval_touches_the_floor_is_not_above_it():
    assert not binomial_score(6, 10, 0.5).above_floor
    assert not Score(0.6, 0.5, 10, 0.5, 0.7).above_floor


@pytest.mark.parametrize(
    ("successes", "count", "message"),
    [(0, 0, "^a score needs at least one trial$"), (4, 3, "^4 successes out of 3 trials$"), (-1, 3, "^-1 successes out of 3 trials$")],
)
def test_impossible_counts_are_refused(successes, count, message):
    with pytest.raises(ValueError, match=message):
        binomial_score(successes, count, 0.5)


def test_bootstrap_interval_covers_the_mean_and_repeats_itself():
    values = np.random.default_rng(1).normal(5.0, 2.0, 400)
    low, high = bootstrap_interval(values)
    # A normal mean: 5 +- 1.96 * 2 / sqrt(400) = +-0.196, around the sample's own mean.
    assert (low, high) == pytest.approx((values.mean() - 0.196, values.mean() + 0.196), abs=0.03)
    assert bootstrap_interval(values) == (low, high) != bootstrap_interval(values, seed=1)
    assert bootstrap_interval([0.25] * 9) == (0.25, 0.25)


def test_label_entropy_by_hand():
    assert label_entropy([0, 1, 1]) == pytest.approx(0.0, abs=1e-9)
    assert label_entropy([0.5, 0.5]) == pytest.approx(math.log(2))
    assert label_entropy([0.1, 0.5]) == pytest.approx((0.325083 + 0.693147) / 2, abs=1e-6)


def test_constant_floor_by_hand():
    # Position 0 is always 1; position 1 is 1 in a half; position 2 in a quarter: H(1/4) = 0.562335.
    labels = [[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1]]
    assert constant_floor(labels) == pytest.approx((0 + 0.693147 + 0.562335) / 3, abs=1e-6)
    # A constant soft label costs its entropy and teaches nothing.
    soft = np.full((5, 2), 0.1)
    assert constant_floor(soft) == pytest.approx(0.325083, abs=1e-6)
    assert label_entropy(soft) == pytest.approx(0.325083, abs=1e-6)


def test_majority_floor_by_hand():
    assert majority_floor([3, 3, 3, 7, 0]) == 0.6
    assert majority_floor([[1, 1], [1, 1]]) == 1.0


def test_groups_that_fail_together_widen_the_interval():
    # Half of the images lose everything: as sure as ten coins, not as a thousand.
    together = grouped_score([100.0] * 5 + [0.0] * 5, 100, 0.5)
    spread = grouped_score([50.0] * 10, 100, 0.5)
    assert together.value == spread.value == 0.5 and together.count == 10
    assert together.high - together.low > 0.5 > 4 * (spread.high - spread.low)
    assert not together.above_floor


def test_nothing_failed_is_not_certainty():
    score = grouped_score([8] * 24, 8, 0.0)
    assert (score.value, score.high) == (1.0, 1.0)
    assert score.low == pytest.approx(wilson_interval(192, 192)[0]) and 0.97 < score.low < 0.99


@pytest.mark.parametrize("successes, trials, cause", [([3], 4, "at least two"), ([3, 5], 4, "groups of 4"), ([-1, 2], 4, "-1 to 2")])
def test_impossible_groups_are_refused(successes, trials, cause):
    with pytest.raises(ValueError, match=cause):
        grouped_score(successes, trials, 0.5)
