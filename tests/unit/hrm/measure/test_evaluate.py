"""Scores and guards by made-up reasoners: one finds the rule in what it is shown, one knows all answers, one reads the task alone."""

from types import SimpleNamespace

import numpy as np
import pytest

from hrm.config import Config
from hrm.measure.evaluate import check, demonstration_ablation, evaluate, on_unseen_tasks
from hrm.measure.sensitivity import majority_answers
from hrm.network.reasoner import Thoughts
from hrm.puzzles.arc_grids import ArcGrids
from hrm.puzzles.examples import PAD, Examples
from hrm.puzzles.mini_arc import COLOUR, RULES, MiniArc
from hrm.training import health
from longrun import Health, Unhealthy
from longrun.config import changed


class Solver:
    """Answers by the first composed rule that explains all demonstrations; with black where none does."""

    def consider(self, examples: Examples, segments: int = 0, halt: bool | None = None) -> SimpleNamespace:
        answers = np.full_like(examples.tokens, COLOUR)
        for row, (tokens, shown) in enumerate(zip(examples.tokens, examples.demonstrations, strict=True)):
            pairs = shown[(shown != PAD).any(axis=(1, 2))].reshape(-1, 2, 6, 6) - COLOUR
            for rule in RULES["composed"].values():
                if (rule(pairs[:, 0]) == pairs[:, 1]).all():
                    answers[row] = COLOUR + rule(tokens.reshape(1, 6, 6) - COLOUR).ravel()
                    break
        return SimpleNamespace(answer=answers)


class Knowing:
    """Gives the answers that a function of the examples says."""

    config = changed(Config(), puzzle="arc", side=10, prefix=0, puzzle_width=0)

    def __init__(self, answers_of):
        self.answers_of, self.considered = answers_of, 0

    def consider(self, examples: Examples, segments: int = 0, halt: bool | None = None) -> Thoughts:
        self.considered += 1
        answers, count = self.answers_of(examples), len(examples.tokens)
        return Thoughts(answers[None], np.ones((1, count, 2)), np.zeros(count, int), 9.0 * np.eye(12)[answers])


def right(examples: Examples) -> np.ndarray:
    return np.maximum(examples.labels, PAD)


@pytest.fixture(scope="module")
def arc() -> ArcGrids:
    return ArcGrids("", 10, 1, "joint", 0)


@pytest.fixture
def source() -> MiniArc:
    return MiniArc(rules="composed", unseen=("turn", "shift up and recolour"), shown=(2, 4))


def test_demonstrations_tell_rules_that_training_did_not_show(source):
    found = on_unseen_tasks(Solver(), source, source.held_out(40), 20, 0, None)
    assert found["exact_match"].value == 1.0 and found["exact_match"].count == 20
    assert found["exact_turn"] == found["exact_shift_up_and_recolour"] == 1.0
    assert found["exact_wrong_demonstrations"] == 0.0


def test_the_floor_of_unseen_tasks_is_the_better_of_copying_and_of_the_majority(source):
    found = on_unseen_tasks(Solver(), source, source.held_out(40), 20, 0, None)
    examples = source.unseen(20)
    assert found["copy_accuracy"] == pytest.approx((examples.tokens == examples.labels).mean())
    assert found["cell_accuracy"].floor == max(found["copy_accuracy"], found["majority_accuracy"])
    assert 0 < found["cell_accuracy"].floor < 1 and found["exact_match"].floor == found["exact_copy"] == 0.0


def test_the_demonstrations_of_another_task_are_those_of_another_task(source):
    examples, given = source.held_out(60), []
    watched = SimpleNamespace(consider=lambda wrong, *_: given.append(wrong) or SimpleNamespace(answer=wrong.labels))
    assert demonstration_ablation(watched, examples, examples, 0, None) == {"exact_wrong_demonstrations": 1.0}
    own = {shown.tobytes(): task for shown, task in zip(examples.demonstrations, examples.task, strict=True)}
    assert all(own[shown.tobytes()] != task for shown, task in zip(given[0].demonstrations, examples.task, strict=True))
    assert (given[0].tokens == examples.tokens).all()


def test_without_demonstrations_there_is_no_such_ablation():
    examples = MiniArc().held_out(10)
    assert demonstration_ablation(Solver(), examples, examples, 0, None) == {}


def test_one_test_pair_a_task_does_not_pass_for_an_unused_input(arc):
    watched = arc.held_out(256)
    found = check(Knowing(right), watched, arc.probes(watched))
    assert found["held_out_exact"] == 1.0 and found["input_sensitivity"] > 5 * health.LEAST_SENSITIVITY
    checks = Health(health.guards(Config()), "stop")
    for step in (400, 450):
        checks.check(step, found)


def test_answers_that_read_the_task_alone_are_stopped_on_arc_as_elsewhere(arc):
    watched = arc.held_out(256)
    found = check(Knowing(majority_answers), watched, arc.probes(watched))
    checks = Health(health.guards(Config()), "stop")
    checks.check(400, found)
    with pytest.raises(Unhealthy, match="labels of other inputs of the task"):
        checks.check(450, found)


def test_exact_match_is_of_held_out_pairs_and_its_floor_is_not_their_own_label(arc):
    asked = {tokens.tobytes() for tokens in arc.held_out(256).tokens}
    held_out_alone = Knowing(lambda examples: np.where([[row.tobytes() in asked] for row in examples.tokens], right(examples), PAD))
    found = evaluate(held_out_alone, arc, 256).scores
    assert found["exact_match"].value == 1.0 and found["exact_match"].floor < 0.1
    assert 0.5 < found["cell_accuracy"].floor < 1.0


def test_examples_that_are_their_own_probes_are_considered_once():
    source, reasoner = MiniArc(), Knowing(right)
    watched = source.held_out(40)
    check(reasoner, watched, source.probes(watched))
    assert reasoner.considered == 1
