import numpy as np
import pytest

from collatz.functions.closed_forms import logarithm, window_maximum
from collatz.measure.scores import margins, score_population, score_trajectories
from collatz.numbers.evalset import EvaluationSet
from collatz.numbers.features import feature_batch
from collatz.numbers.limbs import from_integers


def table(values, lookahead):
    """A value function that knows some numbers by their features."""
    numbers = list(values)
    rows = {
        row.tobytes(): values[n] for n, row in zip(numbers, feature_batch(from_integers(numbers), lookahead, (0,)).features[0], strict=True)
    }
    return lambda features: np.array([rows[row.tobytes()] for row in features], np.float32)


def test_equality_is_a_violation_and_worst_is_the_most_negative():
    # 7 11 17 13 5 1: the step 11 -> 17 is level, the step 17 -> 13 rises by 1.5.
    score = score_trajectories(table({7: 9, 11: 5, 17: 5, 13: 6.5, 5: 2, 1: 0}, 4), 4, test_seeds=(7,))
    assert (score.steps, score.violations) == (5, 2)
    assert score.seeds[0].worst == -1.5
    assert score.worst_relative == pytest.approx(-1.5 / np.mean([4, 0, 1.5, 4.5, 2]))
    assert score.seeds[0].worst_relative == score.smallest_relative == pytest.approx(-0.625)
    assert score.median_relative == pytest.approx(2 / 2.4)


def test_without_a_violation_there_is_no_worst():
    score = score_trajectories(table({5: 2, 1: 0}, 4), 4, test_seeds=(5,))
    assert (score.violations, score.seeds[0].worst, score.worst_relative) == (0, None, None)


def test_not_a_number_is_a_violation():
    assert score_trajectories(lambda features: np.full(len(features), np.nan), 4).violations == 429


def test_leaked_and_unleaked_steps_are_counted_apart():
    score = score_trajectories(logarithm, 10)
    assert (score.steps, score.leaked_steps, score.unleaked_steps, score.distinct_steps) == (429, 271, 158, 340)
    assert score.violations == score.leaked_violations + score.unleaked_violations == 255
    assert score.unleaked_violations == 94
    # ln n rises exactly on growth steps, whatever trajectory counts them.
    assert score.distinct_violations < score.violations


def test_shares_by_hand():
    numbers = from_integers([7, 11, 17, 13])  # growth, growth, decay, decay
    rows = EvaluationSet(numbers, np.array([True, True, False, False]), np.array([3, 1, 1, 1], np.float32))
    score = score_population(table({7: 9, 11: 5, 17: 5, 13: 6.5, 5: 2}, 4), 4, rows)
    assert score.pass_share == 0.5  # 7 and 13
    assert score.weighted_pass == pytest.approx(4 / 6)
    assert score.growth_pass == 0.5
    assert score.growth_weighted_pass == 0.75
    assert (score.margin_smallest, score.growth_margin_smallest) == (-1.5, 0)
    assert score.margin_mean == pytest.approx((4 + 0 - 1.5 + 4.5) / 4)
    assert score.relative_smallest == pytest.approx(-1.5 / np.mean([4, 0, 1.5, 4.5]))


def test_relative_margins_do_not_change_with_the_scale():
    once, scaled = (
        score_trajectories(window_maximum, 10),
        score_trajectories(lambda features: 1000 * window_maximum(features), 10),
    )
    assert once.worst_relative == pytest.approx(scaled.worst_relative)
    assert once.smallest_relative == pytest.approx(scaled.smallest_relative)
    assert [seed.worst_relative for seed in once.seeds] == pytest.approx([seed.worst_relative for seed in scaled.seeds])


def test_the_leap_from_a_multiple_of_three_is_no_step_to_measure_by():
    # 9 7 11 17 13 5 1
    values = {9: 1000, 7: 9, 11: 5, 17: 5, 13: 6.5, 5: 2, 1: 0}
    assert score_trajectories(table(values, 4), 4, test_seeds=(9,)).worst_relative == pytest.approx(-0.625)
    rows = EvaluationSet(from_integers([9, 11]), np.array([False, True]), np.ones(2, np.float32))
    assert score_population(table({9: 1000, 7: 9, 11: 5, 17: 6.5}, 4), 4, rows).relative_smallest == -1
    alone = EvaluationSet(from_integers([9]), np.array([False]), np.ones(1, np.float32))
    assert score_population(table({9: 19, 7: 9}, 4), 4, alone).relative_smallest == 1


def test_a_tie_break_is_no_step_to_measure_by():
    score = score_trajectories(window_maximum, 20)
    assert score.violations == 33 and -100 < score.worst_relative < 0


def test_a_level_function_has_no_typical_step():
    score = score_trajectories(lambda features: np.ones(len(features)), 4)
    assert (score.violations, score.worst_relative) == (429, 0)


def test_margins_in_chunks_equal_margins_at_once():
    numbers = np.stack([np.arange(1, 40_001, 2, dtype=np.uint64), np.zeros(20_000, np.uint64)])
    np.testing.assert_array_equal(margins(logarithm, numbers, 5)[19_000:], margins(logarithm, numbers[:, 19_000:], 5))
