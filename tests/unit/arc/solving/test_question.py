"""One question answered: what a learner may refuse, and what is a bug."""

import numpy as np
import pytest

from arc.grids.canvas import DoesNotFit
from arc.grids.tasks import Pair, Task
from arc.network.inputs import TooFewDemonstrations
from arc.solving import question
from arc.solving.frames import NoFrame
from arc.solving.question import Question, answer
from arc.solving.settings import AnswerSettings
from arc.solving.voting import Vote

GRID = np.array([[5]], np.int8)
TASK = Task("made", (Pair(GRID, GRID),), (Pair(GRID, GRID),))


class Learner:
    """Adds one in every round, or raises what it was given."""

    rounds = 8

    def __init__(self, error=None):
        self.error = error

    def learn(self, task, budget):
        assert all(pair.output is None for pair in task.test)
        if self.error is not None:
            raise self.error
        for number in range(self.rounds):
            list(budget.round(number))
            yield [[Vote(pair.input + 1, 0.5)] for pair in task.test]


def answered(monkeypatch, learner, search=0, **fields):
    fields["search"] = search
    monkeypatch.setattr(question, "learner_of", lambda *_: learner)
    return answer(Question(AnswerSettings(**fields), TASK))


def test_attempts_are_written_down_after_each_share_of_the_budget(monkeypatch):
    line = answered(monkeypatch, Learner(), steps=8)
    assert line["after"] == [[[[[6]], [[5]]]]] * 4 and line["steps"] == 8 and line["refused"] == ""


@pytest.mark.parametrize("kind", [NoFrame, DoesNotFit, TooFewDemonstrations])
def test_a_refused_task_is_answered_by_its_input(monkeypatch, kind):
    line = answered(monkeypatch, Learner(kind("task made: too odd")))
    assert line["refused"] == "task made: too odd" and line["after"] == [[[[[5]], [[5]]]]] * 4 and line["steps"] == 0


@pytest.mark.parametrize("error", [ValueError("shapes do not match"), KeyError("colours"), FileNotFoundError("gone")])
def test_everything_else_goes_through_and_names_the_task(monkeypatch, error):
    with pytest.raises(type(error)) as raised:
        answered(monkeypatch, Learner(error))
    assert raised.value is error and error.__notes__ == ["while task made was answered"]


def test_a_sure_answer_of_the_search_needs_no_training(monkeypatch):
    """The task is to copy, which is no transformation at all."""
    line = answered(monkeypatch, Learner(), search=50)
    assert line["steps"] == 0 and line["by"] == [["search", "input"]] and line["after"] == [[[[[5]], [[5]]]]] * 4
    assert line["refused"] == "" and line["rule"] == "the input"


def test_the_search_and_the_networks_share_the_attempts(monkeypatch):
    monkeypatch.setattr(question, "is_sure", lambda found: False)
    line = answered(monkeypatch, Learner(), search=50, steps=8)
    assert line["after"][-1] == [[[[5]], [[6]]]] and line["by"] == [["search", "network"]] and line["steps"] == 8


def test_what_the_search_answers_is_not_refused(monkeypatch):
    monkeypatch.setattr(question, "is_sure", lambda found: False)
    line = answered(monkeypatch, Learner(NoFrame("task made: too odd")), search=50)
    assert line["refused"] == "" and line["by"] == [["search", "input"]]


def test_without_steps_the_search_answers_alone(monkeypatch):
    monkeypatch.setattr(question, "learner_of", lambda *_: pytest.fail("a learner was made"))
    monkeypatch.setattr(question, "answers", lambda task, work: [])
    line = answer(Question(AnswerSettings(search=50, steps=0), TASK))
    assert line["steps"] == 0 and line["refused"] == "task made: no rule of the search fits its demonstrations"
