"""Guards over data: labels, held-out cases that are trained on, batches that come back."""

import numpy as np
import pytest

from longrun.health.data import Labels, Repeats, Shared


def rows(step, labels=None, count=100):
    chance = np.random.default_rng(step)
    x = chance.normal(size=(count, 4))
    return x, (x[:, 0] + 0.3 * chance.normal(size=count) > 0).astype(int) if labels is None else labels(x, chance)


def judged(guard, labels=None):
    """The finding after enough batches, if any."""
    for step in range(20):
        guard.see(step, *rows(step, labels))
    return guard.check(20, {})


SICK = {
    "labels without information": lambda x, chance: np.full(len(x), 0.2),
    "constant labels": lambda x, chance: np.ones(len(x), int),
    "labels unrelated": lambda x, chance: chance.integers(0, 3, len(x)),
}


@pytest.mark.parametrize("name", SICK)
def test_what_is_wrong_with_labels_is_named(name):
    assert judged(Labels(), SICK[name]).guard == name


def test_labels_that_the_input_tells_are_no_finding():
    assert judged(Labels(single=True)) is None


def test_soft_constant_labels_are_named_with_their_entropy():
    finding = judged(Labels(), SICK["labels without information"])
    assert finding.value == pytest.approx(-0.2 * np.log(0.2) - 0.8 * np.log(0.8))


def test_a_feature_that_is_the_label_is_named_where_none_may_be():
    def leak(x, chance):
        labels = chance.integers(0, 3, len(x))
        x[:, 2] = labels
        return labels

    assert judged(Labels(single=True), leak).guard == "label in the input"
    assert judged(Labels(single=True), leak).cause.startswith("feature 2 ")
    assert judged(Labels(), leak) is None


def test_pairs_that_augmentation_took_apart_are_told_from_labels_of_nothing():
    apart = SICK["labels unrelated"]
    assert judged(Labels(raw=lambda: rows(1, count=1500)), apart).guard == "augmented apart"
    assert judged(Labels(raw=lambda: rows(1, apart, count=1500)), apart).guard == "labels unrelated"


def test_labels_are_looked_at_again_later():
    guard = Labels(rows=100)
    guard.see(0, *rows(0))
    assert guard.check(10, {}) is None
    assert not guard.wants(39) and guard.wants(40)
    guard.see(40, *rows(40, SICK["constant labels"]))
    assert guard.check(41, {}).guard == "constant labels"
    other = Labels(rows=100)
    other.load(guard.state())
    assert other.check(50, {}).step == 50


def test_held_out_cases_that_are_trained_on_are_counted():
    held_out, other = np.arange(200.0).reshape(100, 2), np.arange(200.0, 400.0).reshape(100, 2)
    guard = Shared(held_out)
    guard.see(other)
    assert guard.check(1, {}) is None
    guard.see(held_out[:2])
    assert guard.check(2, {}) is None
    guard.see(held_out[2:4])
    assert "4 of 100" in guard.check(3, {}).cause
    resumed = Shared(held_out)
    resumed.load(guard.state())
    assert resumed.check(4, {}).step == 4


def batch(number):
    return {"x": np.random.default_rng(number).normal(size=(8, 3))}


def first_finding(guard, numbers, start=0):
    for step, number in enumerate(numbers, start):
        guard.see(step, batch(number))
        if finding := guard.check(step, {}):
            return finding
    return None


def test_batches_that_come_back_are_found_with_their_period():
    finding = first_finding(Repeats(), [step % 10 for step in range(40)])
    assert (finding.guard, finding.step, finding.value) == ("data repeated", 12, 10)


@pytest.mark.parametrize(("length", "found_at"), [(1, 3), (2, 4), (3, 5)])
def test_however_short_the_epoch_is(length, found_at):
    finding = first_finding(Repeats(), [step % length for step in range(12)])
    assert (finding.step, finding.value) == (found_at, length)


def test_other_batches_are_no_finding():
    assert first_finding(Repeats(memory=20), range(200)) is None
    assert first_finding(Repeats(), [1, 2, 3, 1, 5, 6, 2, 8, 9]) is None


def test_data_that_begin_again_when_a_run_goes_on_are_named_so():
    guard, resumed = Repeats(), Repeats()
    assert first_finding(guard, range(30)) is None
    resumed.load(guard.state())
    finding = first_finding(resumed, range(10), start=30)
    assert (finding.guard, finding.step, finding.value) == ("data begun again", 32, 30)


def test_a_run_that_goes_on_as_it_should_is_no_finding():
    guard, resumed = Repeats(memory=16), Repeats(memory=16)
    assert first_finding(guard, range(50)) is None
    resumed.load(guard.state())
    assert first_finding(resumed, range(50, 90), start=50) is None


def test_a_step_that_is_done_again_after_a_rollback_is_no_repeat():
    guard = Repeats()
    first_finding(guard, range(20))
    assert first_finding(guard, range(10, 20), start=10) is None


def test_memory_is_bounded():
    guard = Repeats(memory=8)
    first_finding(guard, range(100))
    assert [step for _, step in guard.state()["marks"]] == [*range(8), *range(92, 100)]


def test_rows_that_are_not_finite_are_left_to_another_guard():
    guard = Labels()
    for step in range(20):
        x, y = rows(step)
        x[0, 1] = np.nan
        guard.see(step, x, y)
    assert guard.check(20, {}) is None
