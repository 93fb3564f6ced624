"""Health guards: what each one finds, what it lets pass, and what it remembers."""

import json
import math

import pytest

from longrun import AtFloor, Finding, Health, NonFinite, OutOfRange, Spike, Unhealthy
from longrun.health.guards import table


def check_all(guard, name, values, first=0):
    """Steps at which a guard finds something in a series of values."""
    return [step for step, value in enumerate(values, first) if guard.check(step, {name: value})]


def saved_and_loaded(state):
    return json.loads(json.dumps(state))


def test_non_finite_names_the_quantity_and_the_exact_step():
    guard = NonFinite()
    assert guard.check(10, {"loss": 1.0, "accuracy": 0.0}) is None
    finding = guard.check(20, {"accuracy": 1.0, "loss": math.nan, "norm": math.inf, "nonfinite_step": 17})
    assert (finding.step, finding.quantity) == (17, "loss")
    assert finding.cause == "not finite: loss, norm"
    assert guard.check(20, {"loss": -math.inf}).step == 20


def test_out_of_range_waits_for_its_step_and_its_patience():
    guard = OutOfRange("rms", "dead", low=1.0, high=9.0, after=3, patience=2)
    #        steps:            0    1    2    3    4    5    6    7    8    9
    assert check_all(guard, "rms", [0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 9.5, 9.0, 0.5]) == [4, 7]


def test_out_of_range_reports_the_limit_that_was_passed():
    guard = OutOfRange("rms", "explosion", low=1.0, high=9.0)
    assert guard.check(1, {"rms": 0.5}).limit == 1.0
    finding = guard.check(2, {"rms": 10.0})
    assert str(finding) == "step 2: rms = 10 (limit 9): explosion"
    assert finding.guard == "rms out of range"


@pytest.mark.parametrize("guard", [OutOfRange("rms", "dead", low=1.0), Spike("rms"), AtFloor("rms", "flat", tolerance=1, after=0)])
def test_a_missing_quantity_is_no_finding(guard):
    assert guard.check(1, {"loss": -5.0}) is None


def test_at_floor_finds_a_model_that_knows_nothing():
    guard = AtFloor("information", "nothing is learnt", tolerance=0.01, after=2, patience=3)
    assert check_all(guard, "information", [0.0, 0.0, 0.0, -0.1, 0.02, 0.0, 0.005, 0.009, 0.5]) == [7]
    assert guard.name == "information at its floor"


def test_a_spike_is_judged_by_the_median_of_a_full_window():
    guard = Spike("norm", factor=10.0, window=3)
    assert check_all(guard, "norm", [1.0, 99.0, 1.0, 9.9, 99.1, 10.1, 1.0]) == [4]
    #   medians of the last three before:          1    9.9   10.1


def test_a_spike_remembers_no_value_that_is_not_finite():
    guard = Spike("norm", factor=10.0, window=3)
    assert check_all(guard, "norm", [1.0, 1.0, math.nan, 1.0, math.inf, 11.0]) == [4, 5]
    assert guard.state() == {"recent": [1.0, 1.0, 11.0]}


@pytest.mark.parametrize(
    "make",
    [
        lambda: NonFinite(),
        lambda: OutOfRange("rms", "dead", low=1.0, patience=3),
        lambda: AtFloor("rms", "flat", tolerance=1.0, after=4, patience=2),
        lambda: Spike("rms", factor=2.0, window=3),
    ],
    ids=["non-finite", "out of range", "at floor", "spike"],
)
def test_a_guard_goes_on_from_its_saved_state(make):
    values = [1.5, 0.5, 0.5, 0.5, 4.0, math.nan, 0.1, 0.1, 0.1, 9.0]
    expected = check_all(make(), "rms", values)
    assert expected
    for cut in range(len(values)):
        first, second = make(), make()
        found = check_all(first, "rms", values[:cut])
        second.load(saved_and_loaded(first.state()))
        assert found + check_all(second, "rms", values[cut:], cut) == expected


def test_loading_replaces_what_a_guard_has_seen():
    guard = Spike("norm", window=3)
    saved = guard.state()
    check_all(guard, "norm", [1.0, 2.0])
    guard.load(saved)
    assert guard.state() == {"recent": []}


# Health.


def sick_health(action, **options):
    return Health([OutOfRange("rms", "dead", low=1.0), NonFinite()], action, **options)


def test_warn_says_it_once_and_goes_on(capsys):
    health = sick_health("warn")
    assert [health.check(step, {"rms": 0.0}) for step in (1, 2)] == [False, False]
    assert health.check(3, {"rms": 0.0, "loss": math.nan}) is False
    assert capsys.readouterr().out == (
        "unhealthy: step 1: rms = 0 (limit 1): dead\nunhealthy: step 3: loss = nan (limit inf): not finite: loss\n"
    )
    assert [finding.step for finding in health.findings] == [1, 3]


def test_stop_raises_with_what_was_found():
    health = sick_health("stop")
    assert health.check(1, {"rms": 2.0}) is False
    with pytest.raises(Unhealthy, match=r"^step 2: rms = 0 \(limit 1\): dead$") as caught:
        health.check(2, {"rms": 0.0})
    assert caught.value.exit_code == 3
    assert caught.value.findings == health.findings


def test_rollback_asks_a_few_times_and_then_stops(capsys):
    health = sick_health("rollback", rollbacks=2)
    saved = saved_and_loaded(health.state())
    for attempt in (1, 2):
        assert health.check(10, {"rms": 0.0}) is True
        health.rolled_back(saved)
        assert health.attempt == attempt
    with pytest.raises(Unhealthy):
        health.check(10, {"rms": 0.0})
    assert capsys.readouterr().out.count("unhealthy: step 10") == 2
    assert len(health.findings) == 1


def test_rollback_takes_the_guards_back_but_not_the_attempt_nor_the_findings():
    health = Health([OutOfRange("rms", "dead", low=1.0, patience=2)], "rollback")
    health.check(1, {"rms": 0.0})
    saved = saved_and_loaded(health.state())
    assert health.check(2, {"rms": 0.0}) is True
    health.rolled_back(saved)
    assert saved["attempt"] == 0
    assert health.state()["guards"] == saved["guards"] == {"rms out of range": {"strikes": 1}}
    assert health.state()["attempt"] == 1
    assert [finding.step for finding in health.findings] == [2]


@pytest.mark.parametrize(("action", "counts"), [("warn", False), ("stop", True), ("rollback", True)])
def test_a_run_is_under_suspicion_while_a_guard_that_may_act_counts(action, counts):
    health = Health([Spike("norm"), OutOfRange("rms", "dead", low=1.0, patience=3), NonFinite()], action)
    seen = []
    for step, rms in enumerate((2.0, 0.0, 0.0, 2.0)):
        health.check(step, {"rms": rms, "norm": 1.0})
        seen.append(health.counting)
    assert seen == [False, counts, counts, False]
    # A resumed run knows.
    health.check(4, {"rms": 0.0})
    resumed = Health([OutOfRange("rms", "dead", low=1.0, patience=3)], action)
    resumed.load(saved_and_loaded(health.state()))
    assert resumed.counting is counts
    assert not health.sick


def test_only_a_finding_that_is_acted_on_makes_a_run_sick():
    for action, sick in (("warn", False), ("rollback", True)):
        health = sick_health(action)
        saved = health.state()
        health.check(1, {"rms": 0.0})
        assert health.sick is sick
        health.rolled_back(saved)
        assert not health.sick
    stopped = sick_health("stop")
    with pytest.raises(Unhealthy):
        stopped.check(1, {"rms": 0.0})
    assert stopped.sick


def test_a_resumed_run_knows_its_findings_and_says_nothing_twice(capsys):
    first, second = sick_health("warn"), sick_health("warn")
    first.check(5, {"rms": 0.0})
    capsys.readouterr()
    second.load(saved_and_loaded(first.state()))
    second.check(6, {"rms": 0.0})
    assert second.findings == first.findings
    assert capsys.readouterr().out == ""


def test_a_guard_that_is_new_in_a_resumed_run_starts_afresh():
    health = sick_health("warn")
    health.load({"attempt": 1, "findings": [], "guards": {"a guard of old": {"strikes": 3}}})
    assert health.attempt == 1


def test_an_unknown_action_is_refused():
    with pytest.raises(ValueError, match="^on-unhealthy is one of warn, stop, rollback, not 'ignore'$"):
        Health([], "ignore")


def test_two_guards_of_one_name_are_refused():
    with pytest.raises(ValueError, match="^two guards are named rms out of range; their states would be mixed up$"):
        Health([OutOfRange("rms", "dead", low=1.0), NonFinite(), OutOfRange("rms", "explosion", high=9.0)])


def test_the_table_of_findings():
    findings = [Finding("spike", 7, "norm", 12.3456, 10.0, "jumped"), Finding("retrace", None, "traces", 2, 1, "x changed")]
    assert table(findings).splitlines() == [
        "| guard | step | quantity | value | limit | cause |",
        "|---|---|---|---|---|---|",
        "| spike | 7 | norm | 12.35 | 10 | jumped |",
        "| retrace | - | traces | 2 | 1 | x changed |",
    ]
