"""Scores on tasks that training showed nothing of, by a made-up reasoner that finds the rule in what it is shown."""

from types import SimpleNamespace

import numpy as np
import pytest

from hrm.evaluate import demonstration_ablation, on_unseen_tasks
from hrm.puzzles.examples import PAD, Examples
from hrm.puzzles.mini_arc import COLOUR, RULES, MiniArc


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
