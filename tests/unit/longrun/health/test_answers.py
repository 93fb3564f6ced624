"""What answers depend on, of models made up in NumPy."""

import numpy as np
import pytest

from longrun.health.answers import Answers, critic_guard, left_out, left_out_guard
from longrun.health.guards import Health

CHANCE = np.random.default_rng(0)
X = CHANCE.integers(0, 3, (60, 4))
ROWS = {"x": X, "y": (X + 1) % 3, "other": CHANCE.integers(0, 3, (60, 4))}


def sure(classes):
    """Logits of someone who is nearly sure."""
    return 4.0 * np.eye(3)[classes]


def cost(answers, rows):
    logits = answers - answers.max(axis=-1, keepdims=True)
    return float((np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, rows["y"][..., None], -1)[..., 0]).mean())


def right(rows):
    return sure((rows["x"] + 1) % 3)


class Moving:
    """Weights that come further with each look."""

    def __init__(self):
        self.way = 0.0

    def __call__(self):
        self.way += 1.0
        return self.way


def verdicts(answer, rows=ROWS, looks=4, **options):
    answers = Answers(answer, cost, rows, ("x",), labels="y", **options)
    health = Health(answers.guards(after=1), "warn")
    for step in range(1, looks):
        health.check(step, answers.look())
    return [finding.guard for finding in health.findings]


def constant(rows):
    return np.ones((60, 4, 3)) * [3.0, 1.0, 0.0]


def one_class(rows):
    return right(rows) + [20.0, 0.0, 0.0]


def of_another_input(rows):
    return sure(rows["other"])


def noisy(rows):
    return right(rows) * (1 + 0.1 * CHANCE.normal(size=(60, 4, 3)))


def ahead(rows):
    return sure((np.roll(rows["x"], -1, axis=1) + 1) % 3)


def test_a_model_that_uses_its_input_is_no_finding():
    assert verdicts(right) == []


@pytest.mark.parametrize(
    ("answer", "first"),
    [(constant, "output constant"), (one_class, "one class"), (of_another_input, "x not used"), (noisy, "evaluation is noisy")],
)
def test_what_is_wrong_with_answers_is_named(answer, first):
    assert verdicts(answer)[0] == first


def test_one_class_that_has_nearly_all_labels_is_no_finding():
    rows = {**ROWS, "y": np.zeros((60, 4), int)}
    assert "one class" not in verdicts(one_class, rows)


def test_stale_answers_are_found_where_weights_move():
    assert verdicts(right, moved=Moving()) == ["evaluation of stale weights"]
    assert verdicts(right, moved=lambda: 1.0) == []


def test_what_comes_later_must_not_be_seen():
    assert verdicts(right, context="x") == []
    assert verdicts(ahead, context="x")[0] == "future visible"


def test_the_scored_cell_must_not_be_its_own_context():
    rows = {**ROWS, "context": ROWS["y"]}
    copies = lambda rows: sure(rows["context"])  # noqa: E731
    assert verdicts(copies, rows, context="context")[0] == "answer in its context"
    # The same network with the context one step behind is a model of sequences.
    behind = {**ROWS, "context": np.roll(ROWS["y"], 1, axis=1)}
    assert verdicts(right, behind, context="context") == []


@pytest.mark.parametrize(("kept", "first"), [(0.5, []), (1e-3, ["input washed out"])])
def test_a_difference_that_cycles_wash_out_is_found(kept, first):
    assert verdicts(right, cycles=lambda rows: [rows["x"] * kept**cycle for cycle in range(5)])[:1] == first


def test_an_input_that_never_arrives_is_not_washed_out():
    assert verdicts(of_another_input, cycles=lambda rows: [0.0 * rows["x"]] * 3) == ["x not used"]


def test_a_class_without_a_loss_is_found():
    labels = ROWS["y"]

    def mean(mask):
        def of(answers):
            losses = np.log(np.exp(answers).sum(-1)) - np.take_along_axis(answers, labels[..., None], -1)[..., 0]
            return float((losses * mask).mean())

        return of

    answers = right(ROWS)
    assert left_out(mean(1.0), answers, labels, 3) == {"left_out": 0.0}
    assert left_out(mean(labels > 0), answers, labels, 3) == {"left_out": (labels == 0).mean()}
    guard = left_out_guard()
    assert guard.check(1, {"left_out": 0.3}) is None
    assert guard.check(2, {"left_out": 0.3}).guard == "class left out"


def test_a_critic_that_is_trained_the_wrong_way_is_found():
    guard = critic_guard(after=2, patience=2)
    assert [step for step in range(5) if guard.check(step, {"critic_gap": -1.0})] == [3, 4]
    assert not any(critic_guard(after=2).check(step, {"critic_gap": 0.4}) for step in range(9))
