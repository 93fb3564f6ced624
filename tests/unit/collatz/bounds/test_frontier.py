import itertools
import math

import numpy as np
import pytest

from collatz.bounds import frontier
from collatz.bounds.frontier import hinge_bound, loop_gap, monotone_bound, packing_bound, residue_histories, resolution_bound, window_bound
from collatz.functions.clock import PACE_TIMES_LOOKAHEAD
from collatz.functions.closed_forms import log_orbit, logarithm, window_maximum
from collatz.measure.scores import margins
from collatz.numbers.draws import random_numbers
from collatz.numbers.valuations import valuations as windows


def sequences(steps, halvings):
    """All valuations k_1 ... k_steps of sum `halvings`, found by brute force."""
    return [ks for ks in itertools.product(range(1, halvings + 1), repeat=steps) if sum(ks) == halvings]


@pytest.mark.parametrize(("modulus", "before"), [(1, 0), (3, 1), (9, 2)])
def test_no_step_is_used_more_than_it_occurs(modulus, before):
    lookahead, longest = 1, 6
    bound = packing_bound(lookahead, lambda gap: abs(gap) <= 0.5, modulus, longest)
    assert bound.loops
    assert bound.rate == pytest.approx(sum(loop.rate for loop in bound.loops))
    used = {}
    for loop in bound.loops:
        loops = sequences(loop.steps, loop.halvings)
        for valuations in loops:
            # The step that this rotation begins with: its window, and the residue that the valuations before it leave.
            residue = 0
            for k in valuations[-before:] if before else ():
                residue = (3 * residue + 1) * pow(2, -k, modulus) % modulus
            step = (residue, valuations[: lookahead + 1])
            used[step] = used.get(step, 0) + loop.rate * loop.steps / len(loops)
    occurs = {step: 2.0 ** -sum(step[1]) / modulus for step in used}
    assert all(used[step] <= occurs[step] * (1 + 1e-6) for step in used)
    # The packing is tight somewhere, or it could be made larger.
    assert any(used[step] > occurs[step] * (1 - 1e-6) for step in used)


def test_the_bound_lies_below_the_best_function_of_one_valuation():
    # At lookahead 1, V of k alone: for k < k' one of the steps k -> k' and k' -> k violates, equally likely, and k -> k always.
    # So the best violates on (1 + sum of 4^-k) / 2 = 2/3 of all steps. The packing leaves out loops of one and two steps.
    bound = window_bound(1, longest=40)
    assert 0.3 < bound.rate <= 2 / 3


def test_bounds_at_lookahead_20():
    rates = [resolution_bound(20, resolution).rate for resolution in (0.1, 0.03, 0.0125, 0.0025, 0.002)]
    assert [round(100 * rate, 3) for rate in rates] == [0.549, 0.537, 0.258, 0.115, 0.0]
    assert round(100 * monotone_bound(20, longest=80).rate, 3) == 0.599
    assert round(100 * resolution_bound(20, 0.03, modulus=3).rate, 3) == 0.263


def test_the_window_maximum_keeps_its_distance_from_its_bound():
    numbers = random_numbers(np.random.default_rng(0), 30_000, (80, 127))
    rate = (margins(window_maximum, numbers, 20) <= 0).mean()
    assert monotone_bound(20, longest=60).rate < rate < 0.025


def test_the_hinge_of_the_clock_s_estimate_is_close_to_its_bound():
    numbers = random_numbers(np.random.default_rng(1), 60_000, (80, 127))
    count, pace = np.arange(21), PACE_TIMES_LOOKAHEAD / 20
    margin = margins(lambda features: (log_orbit(features) / pace + count).max(axis=1), numbers, 20)
    hinge = np.maximum(0, 1 - margin).mean()
    bound = hinge_bound(20, 0.1).rate
    assert round(bound, 3) == 0.163
    assert bound < hinge < 1.25 * bound


def test_more_knowledge_never_raises_a_bound():
    by_modulus = [resolution_bound(10, 0.05, modulus).rate for modulus in (1, 3, 9, 27, 81)]
    assert by_modulus == sorted(by_modulus, reverse=True)
    assert by_modulus[-1] > 0
    by_lookahead = [resolution_bound(lookahead, 0.05).rate for lookahead in (5, 10, 20, 30, 40)]
    assert by_lookahead == sorted(by_lookahead, reverse=True)


def test_gaps_of_the_convergents_of_log2_3():
    assert loop_gap(12, 19) == pytest.approx(math.log(3**12 / 2**19))
    assert loop_gap(53, 84) == pytest.approx(0.00209, abs=1e-5)


def test_residue_histories_by_brute_force():
    counted = residue_histories(2, 6)
    assert counted.shape == (6, 7)
    expected = {}
    for ks in itertools.product(range(1, 7), repeat=2):
        residue = 0
        for k in ks:
            residue = (3 * residue + 1) * pow(2, -k, 9) % 9
        if sum(ks) <= 6:
            expected.setdefault(residue, [0] * 7)[sum(ks)] += 1
    assert [row.tolist() for row in counted] == [expected.get(residue, [0] * 7) for residue in (1, 2, 4, 5, 7, 8)]


def test_the_grain_s_bound_is_the_packing_of_its_one_loop(monkeypatch):
    monkeypatch.setattr(frontier, "GRAIN", 0.0125)
    alone = packing_bound(24, lambda gap: gap == loop_gap(41, 65)).rate
    # The likeliest of the residues that four steps lead to, by brute force over windows of sum below 24.
    likely = {}
    for ks in itertools.product(range(1, 21), repeat=4):
        if sum(ks) < 24:
            residue = 0
            for k in ks:
                residue = (3 * residue + 1) * pow(2, -k, 81) % 81
            likely[residue] = likely.get(residue, 0) + 2.0 ** -sum(ks)
    assert frontier.grain_bound(20) == pytest.approx(alone / (81 * max(likely.values())), rel=1e-3)
    assert frontier.grain_bound(20) < resolution_bound(20, 0.0125, 81).rate


def test_bounds_beside_a_result():
    found = frontier.bounds(20)
    assert [f"{100 * share:.2g}" for share in found.values()] == ["0.058", "0.058", "0.015", "5.2e-07"]


def test_without_a_loop_there_is_no_bound():
    assert frontier.resolution_bound(20, 1e-9) == frontier.PackingBound(0.0, ())


@pytest.mark.parametrize(
    ("modulus", "resolution", "message"), [(5, 0.1, "modulus is 5"), (3, -0.1, "resolution is -0.1"), (1, math.nan, "nan")]
)
def test_bad_arguments(modulus, resolution, message):
    with pytest.raises(ValueError, match=message):
        resolution_bound(20, resolution, modulus)


def test_unsafe_steps_are_those_that_a_shift_can_spoil(monkeypatch):
    """ln n falls by k ln 2 - ln 3: it rises for k = 1, and falls by 0.288 nats for k = 2, which shifts of 0.15 each undo."""
    monkeypatch.setattr(frontier, "UNSAFE", {"near": 0.27, "far": 0.3})
    numbers = random_numbers(np.random.default_rng(0), 2000, (64, 127))
    first = windows(numbers, 1)[0]
    found = frontier.measured(logarithm, 20, numbers)
    assert found[frontier.VIOLATIONS] == found["near"] == (first == 1).mean()
    assert found["far"] == (first <= 2).mean()


def test_what_is_measured_has_a_bound():
    found = frontier.measured(window_maximum, 20, random_numbers(np.random.default_rng(0), 2000, (64, 127)))
    assert set(found) < set(frontier.bounds(20))
    assert found[frontier.VIOLATIONS] <= found["unsafe steps, ln n told to 0.01 nats"] <= found["unsafe steps, ln n told to 0.1 nats"]
