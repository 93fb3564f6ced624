"""Guards from conditions, over made-up lines: patience, missing numbers, frozen schedules, rates that noise cuts."""

import numpy as np

from longrun.health.guards import Health
from longrun.health.watch import CutByNoise, Schedules, Watch


def small(**options):
    return Watch("small", "x", "x is small", lambda values: values["x"] < 1, limit=1.0, **options)


def found_at(guard, lines):
    """The first step with a finding; lines: (step, values)."""
    return next((step for step, values in lines if guard.check(step, values)), None)


def test_a_condition_has_to_hold_for_as_many_lines_as_asked():
    lines = [(1, {"x": 0}), (2, {"x": 2}), (3, {"x": 0}), (4, {"x": 0}), (5, {"x": 0})]
    assert found_at(small(), lines) == 1
    assert found_at(small(patience=3), lines) == 5
    assert found_at(small(after=4), lines) == 4


def test_a_line_without_the_number_changes_nothing():
    lines = [(1, {"x": 0}), (2, {"y": 0}), (3, {"x": 0})]
    assert found_at(small(patience=2), lines) == 3
    assert found_at(small(needs=("z",)), lines) is None


def test_a_finding_shows_the_number_and_the_limit():
    finding = small().check(7, {"x": 0.25})
    assert str(finding) == "step 7: x = 0.25 (limit 1): x is small"


def test_strikes_travel():
    one, other = small(patience=2), small(patience=2)
    one.check(1, {"x": 0})
    other.load(one.state())
    assert other.check(2, {"x": 0}).step == 2


def test_a_schedule_that_a_trace_froze_is_found():
    lines = [(step, {"weight": step / 10, "used_weight": 0.0}) for step in range(1, 9)]
    assert found_at(Schedules(("weight",)), lines) == 4
    guard = Schedules(("weight",), patience=1)
    assert guard.check(1, {"weight": 1.0, "used_weight": 0.0}) is None
    assert (
        guard.check(2, {"weight": 5.0, "used_weight": 0.0}).cause
        == "weight went from 1 to 5, and the step still uses 0: its trace froze it"
    )


def test_a_schedule_that_reaches_the_step_is_none():
    lines = [(step, {"weight": step / 10, "used_weight": step / 10 - 0.05}) for step in range(1, 50)]
    assert found_at(Schedules(("weight",)), lines) is None
    constant = [(step, {"weight": 0.3, "used_weight": 0.3}) for step in range(1, 50)]
    assert found_at(Schedules(("weight",)), constant) is None


def plateau(guard, losses, patience):
    """A plateau rule, and the guard beside it. Returns how often it cut."""
    best, waited, rate, cuts = np.inf, 0, 1.0, 0
    for loss in losses:
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited > patience:
            rate, waited, cuts = rate / 2, 0, cuts + 1
        guard.observe(loss, best, rate)
    return cuts


def test_cuts_by_noise_are_told_from_a_plateau():
    noise = np.random.default_rng(0).normal(size=200)
    noisy, smooth = CutByNoise(), CutByNoise()
    assert plateau(noisy, 1 + 0.2 * noise, 5) > 5
    assert plateau(smooth, np.maximum(1 - 0.02 * np.arange(200), 0.2), 5) > 5
    assert "lucky one" in noisy.check(200, {}).cause
    assert smooth.check(200, {}) is None


def test_cuts_travel():
    whole, first, second = CutByNoise(), CutByNoise(), CutByNoise()
    losses = [1.0 + 0.3 * np.sin(7.0 * step) for step in range(60)]
    for index, loss in enumerate(losses):
        whole.observe(loss, 0.7, 0.5 ** (index // 10))
        if index < 30:
            first.observe(loss, 0.7, 0.5 ** (index // 10))
    second.load(first.state())
    for index, loss in enumerate(losses[30:], 30):
        second.observe(loss, 0.7, 0.5 ** (index // 10))
    assert second.state() == whole.state()


def test_all_of_them_are_guards():
    health = Health([small(), Schedules(("weight",)), CutByNoise()], "warn")
    state = health.state()
    assert health.check(1, {"x": 2.0}) is False
    health.load(state)
