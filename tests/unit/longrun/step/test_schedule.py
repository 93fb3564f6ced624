"""Schedules at steps whose values were worked out by hand."""

import json
import math

import pytest

from longrun import Plateau
from longrun.step import schedule


def test_piecewise_changes_at_its_boundaries():
    assert [schedule.piecewise(step, (10, 20), (1.0, 0.5, 0.1)) for step in (0, 9, 10, 19, 20, 1000)] == [1, 1, 0.5, 0.5, 0.1, 0.1]
    assert schedule.piecewise(5, (), (2.0,)) == 2.0


def test_piecewise_counts_its_values():
    with pytest.raises(ValueError, match="^2 boundaries need 3 values, not 2$"):
        schedule.piecewise(0, (10, 20), (1.0, 0.5))


def test_ramp_is_flat_then_linear_then_flat():
    assert [schedule.ramp(step, 10, 20, 1.0, 3.0) for step in (0, 10, 15, 20, 30, 99)] == [1.0, 1.0, 1.5, 2.0, 3.0, 3.0]
    assert schedule.ramp(15, 10, 20, 3.0, 1.0) == 2.5


def test_a_ramp_without_length_is_a_jump():
    assert [schedule.ramp(step, 10, 0) for step in (9, 10, 11)] == [0.0, 1.0, 1.0]


def test_cosine_at_its_quarters():
    values = [schedule.cosine(step, 100, 4.0, 2.0) for step in (0, 25, 50, 75, 100, 500)]
    assert values == pytest.approx([4.0, 3.0 + math.sqrt(0.5), 3.0, 3.0 - math.sqrt(0.5), 2.0, 2.0])
    assert schedule.cosine(0, 0, 4.0, 2.0) == 2.0


def test_warmup_cosine_warms_up_and_ends():
    values = [schedule.warmup_cosine(step, 4, 104, 2.0, 1.0) for step in (0, 1, 3, 4, 54, 104, 200)]
    assert values == pytest.approx([0.5, 1.0, 2.0, 2.0, 1.5, 1.0, 1.0])
    assert schedule.warmup_cosine(0, 0, 10, 2.0) == 2.0


def test_warmup_hold_decay_has_three_parts():
    values = [schedule.warmup_hold_decay(step, 2, 50, 150, 2.0, 0.0) for step in (0, 1, 2, 49, 50, 100, 150, 151)]
    assert values == pytest.approx([1.0, 2.0, 2.0, 2.0, 2.0, 1.0, 0.0, 0.0])


def test_warm_restarts_start_again_in_longer_and_longer_periods():
    # Periods 10, 20, 40: they begin at 0, 10, 30 and are half done at 5, 20, 50.
    values = [schedule.warm_restarts(step, 10, 2.0, growth=2.0) for step in (0, 5, 10, 20, 30, 50)]
    assert values == pytest.approx([2.0, 1.0, 2.0, 1.0, 2.0, 1.0])
    assert schedule.warm_restarts(29.999, 10, 2.0, growth=2.0) == pytest.approx(0.0, abs=1e-6)
    assert schedule.warm_restarts(35, 10, 2.0) == pytest.approx(1.0)


@pytest.mark.parametrize(("period", "growth"), [(0, 1.0), (10, 0.5)])
def test_warm_restarts_refuse_what_would_never_end(period, growth):
    with pytest.raises(ValueError, match=f"^warm restarts need a first period above 0 .* not {period} and {growth}$"):
        schedule.warm_restarts(100, period, 1.0, growth=growth)


def test_plateau_falls_with_the_observation_after_its_patience():
    plateau = Plateau(1.0, factor=0.5, patience=2, floor=0.2)
    rates = [plateau.observe(metric) for metric in (3.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)]
    #                        best: 3, 2, then three without  -> half; 1 is best, three without -> half; three -> the floor, and there
    assert rates == [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2]


def test_plateau_takes_the_threshold_relative_to_the_best():
    plateau = Plateau(1.0, threshold=0.1)
    for metric, best in ((10.0, 10.0), (9.5, 10.0), (8.9, 8.9), (math.nan, 8.9)):
        plateau.observe(metric)
        assert plateau.best == best


def test_plateau_does_not_take_worse_for_better_below_zero():
    plateau = Plateau(1.0, threshold=0.1)
    for metric, best in ((-10.0, -10.0), (-9.5, -10.0), (-10.5, -10.0), (-11.5, -11.5)):
        plateau.observe(metric)
        assert plateau.best == best


def test_plateau_goes_on_from_its_saved_state():
    metrics = [3.0, 2.0, 2.5, 2.6, 2.7, 2.8, 2.9, 1.0, 1.1]
    straight = Plateau(1.0, patience=1)
    expected = [straight.observe(metric) for metric in metrics]
    for cut in range(len(metrics)):
        first, second = Plateau(1.0, patience=1), Plateau(1.0, patience=1)
        rates = [first.observe(metric) for metric in metrics[:cut]]
        second.load(json.loads(json.dumps(first.state())))
        assert rates + [second.observe(metric) for metric in metrics[cut:]] == expected
