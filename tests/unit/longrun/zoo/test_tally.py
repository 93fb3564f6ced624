"""The table of the zoo from made-up records."""

import math

import pytest

from longrun.zoo.kinds import BY_NAME, HALF, KINDS, PRESETS
from longrun.zoo.tally import exact_interval, markdown, named_rightly, summary

CURVES = {"loss": [1.0] * 40 + [0.1] * 40, "held_out": [[16, 1.0], [32, 0.5]], "gradient_nan": [False] * 80}


def record(kind="shuffled labels", sick=True, seed=0, findings=(), curves=CURVES):
    seconds = {"steps": 1.0, "guards": 0.01, "all": 2.0}
    return {"kind": kind, "sick": sick, "seed": seed, "findings": [list(one) for one in findings], "curves": curves, "seconds": seconds}


RIGHT, WRONG = ("labels unrelated", 24, "because"), ("one class", 24, "because")


@pytest.mark.parametrize(
    ("findings", "is_right"),
    [([RIGHT], True), ([RIGHT, WRONG], True), ([WRONG, RIGHT], False), ([], False), ([("labels unrelated", HALF + 1, "late")], False)],
)
def test_the_first_verdict_counts_and_has_to_come_in_time(findings, is_right):
    assert named_rightly(record(findings=findings)) is is_right


def test_a_verdict_before_the_onset_is_luck():
    onset = BY_NAME["not finite"].onset
    for step, is_right in ((onset, False), (onset + 1, True), (onset + HALF, True), (onset + HALF + 1, False)):
        assert named_rightly(record("not finite", findings=[("non-finite", step, "because")])) is is_right


def test_the_summary_counts():
    records = [
        record(findings=[RIGHT]),
        record(seed=1, findings=[WRONG]),
        record("entropy labels", findings=[("labels without information", 24, "because")]),
        record(sick=False),
        record(sick=False, seed=1, findings=[WRONG]),
    ]
    found = summary(records)
    assert (found["right"], found["sick"], found["original_right"], found["original"]) == (2, 3, 1, 1)
    assert (found["false_alarms"], found["healthy"]) == (1, 2)
    assert found["missed"] == [["shuffled labels", 1, "one class at step 24"]]
    assert found["alarms"] == [["shuffled labels", 1, "one class", 24, "because"]]
    rows = {row["kind"]: row for row in found["rows"]}
    assert list(rows) == ["entropy labels", "shuffled labels"]
    assert (rows["shuffled labels"]["right"], rows["shuffled labels"]["steps"], rows["shuffled labels"]["false_alarms"]) == (1, 24, 1)
    assert found["seconds"]["guards"] == pytest.approx(0.05)


def test_peers_are_asked_of_the_same_curves():
    broken = {**CURVES, "loss": [1.0] * 5 + [float("nan")] * 75, "gradient_nan": [False] * 5 + [True] * 75}
    flat = {**CURVES, "loss": [1.0] * 80, "held_out": [[16, 1.0], [32, 1.0]]}
    peers = summary([record(curves=broken), record(seed=1, curves=flat), record(sick=False)])["peers"]
    ended = {"Keras TerminateOnNaN": 1, "Keras EarlyStopping": 1, "Lightning EarlyStopping": 0, "Lightning detect_anomaly": 1}
    for name, sick in {**ended, "the loss went down": 2}.items():
        assert peers[name] == {"sick": sick, "of_sick": 2, "healthy": 0, "of_healthy": 1}


def test_a_rule_without_its_curve_is_not_counted():
    """The projects' own presets have losses on the way, and nothing held out."""
    found = summary([record(curves={**CURVES, "held_out": []}), record(sick=False)])
    assert found["peers"]["Keras EarlyStopping"] == {"sick": 0, "of_sick": 0, "healthy": 0, "of_healthy": 1}
    page = markdown(found)
    assert "| -, 0/1 |" in page and "Keras EarlyStopping: ends 0 of 0 sick runs in time and 0 of 1 healthy ones." in page


def test_the_page_has_a_row_for_each_kind_and_says_what_was_missed():
    page = markdown(summary([record(findings=[WRONG]), record(sick=False)]))
    assert "| shuffled labels: labels permuted within the batch | tabular | - | one class | 0/1 | - | 0/1 | 2.0 |" in page
    assert "No training took more than 2.0 s of processor time (shuffled labels), its compilation included." in page
    assert "Missed: shuffled labels, seed 0: one class at step 24." in page
    assert "False alarms: 0 of 1 healthy runs, 95 % interval (Clopper-Pearson) 0.0000 to 0.9750." in page


def test_the_interval_is_that_of_clopper_and_pearson():
    """At nought and at all it is known in closed form; between, the tails beyond each end hold 2.5 % each."""
    low, high = exact_interval(0, 775)
    assert low == 0 and high == pytest.approx(1 - 0.025 ** (1 / 775))
    low, high = exact_interval(155, 155)
    assert high == 1 and low == pytest.approx(0.025 ** (1 / 155))
    low, high = exact_interval(3, 155)

    def at_most(count, share):
        return sum(math.comb(155, k) * share**k * (1 - share) ** (155 - k) for k in range(count + 1))

    assert at_most(3, high) == pytest.approx(0.025) and 1 - at_most(2, low) == pytest.approx(0.025)


def test_kinds_are_told_apart_by_name_and_are_enough():
    assert len(KINDS) >= 24 and len(BY_NAME) == len(KINDS) + len(PRESETS)
    assert {kind.original for kind in KINDS} == {"", "stegastamp", "collatz", "arc", "hrm"}
