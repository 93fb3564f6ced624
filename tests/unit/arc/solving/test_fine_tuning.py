import numpy as np
import pytest

from arc.grids.canvas import DoesNotFit
from arc.grids.contamination import canonical_pair_key
from arc.grids.tasks import Pair, Task
from arc.network.answerer import Answerer
from arc.network.inputs import TooFewDemonstrations
from arc.network.model import build_model
from arc.solving import fine_tuning
from arc.solving.fine_tuning import CheckpointLearner, lessons
from arc.solving.fitting import Budget
from tests.fixtures.arc import made

GRIDS = [np.array(rows, np.int8) for rows in ([[1, 2]], [[3], [3]], [[4, 5, 6]], [[7, 7], [7, 8]])]
TASK = Task("made", tuple(Pair(grid, grid) for grid in GRIDS[:3]), (Pair(GRIDS[3], None),))


@pytest.fixture(scope="module")
def built():
    sizes = {"width": 32, "heads": 2, "encoder_layers": 1, "decoder_layers": 1, "feed_forward": 32, "context_width": 32}
    config = made(model="champion", context_pairs=2, equivariant=True, mode="eager", **sizes)
    return CheckpointLearner(Answerer(build_model(config.network), config))


@pytest.fixture
def learner(built, monkeypatch):
    monkeypatch.setattr(fine_tuning, "BATCH", 2)
    monkeypatch.setitem(built._start, "model", built._start["model"])
    return built


def weights(learner):
    return [np.array(variable) for variable in learner._parts.model.variables]


def test_each_demonstration_is_a_query_and_never_its_own_demonstration():
    drawn = lessons([TASK], 2, "a", 40)
    own = {canonical_pair_key(pair) for pair in TASK.train}
    for lesson in drawn:
        keys = [canonical_pair_key(pair) for pair in (*lesson.train, *lesson.test)]
        assert len(set(keys)) == 3 and set(keys) == own
    assert len({lesson.test[0].input.tobytes() for lesson in drawn}) > 10  # Turned and recoloured.
    assert lessons([TASK], 2, "a", 3)[2].test == drawn[2].test and lessons([TASK], 2, "b", 40)[2].test != drawn[2].test


def test_few_demonstrations_are_shown_twice_and_a_lone_one_cannot_be():
    (lesson,) = lessons([Task("two", TASK.train[:2], TASK.test)], 2, "a", 1)
    assert lesson.train[0] == lesson.train[1] != lesson.test[0]
    with pytest.raises(TooFewDemonstrations, match="single demonstration"):
        lessons([Task("one", TASK.train[:1], TASK.test)], 2, "a", 1)
    assert lessons([Task("one", TASK.train[:1], TASK.test)], 0, "a", 1)[0].train == ()


def test_every_task_starts_from_the_weights_that_came(learner, monkeypatch):
    monkeypatch.setattr(learner, "_votes", lambda task, pair: [pair])
    before = weights(learner)
    rounds = learner.learn(TASK, Budget(8, 0, 8))
    assert next(rounds) == [[TASK.test[0]]]
    after = weights(learner)
    assert any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    next(learner.learn(TASK, Budget(8, 0, 8)))
    assert all(np.array_equal(a, b) for a, b in zip(after, weights(learner), strict=True))


def test_practice_changes_where_tasks_start(learner):
    start = learner._start["model"]
    learner.practise([Task("answered", TASK.train, (Pair(GRIDS[3], GRIDS[3]),))], 1)
    assert any(not np.array_equal(a, b) for a, b in zip(start, learner._start["model"], strict=True))
    large = Task("large", (Pair(np.zeros((11, 11), np.int8), GRIDS[0]),) * 3, TASK.test)
    with pytest.raises(ValueError, match="none of 1 tasks fits"):
        learner.practise([large], 1)
    with pytest.raises(DoesNotFit, match="task large: .*11x11 does not fit"):
        next(learner.learn(large, Budget(8, 0, 8)))


def test_an_answer_comes_back_as_it_was_asked(learner, monkeypatch):
    """A model that repeats its query votes for the query in every view; one that leaves holes does not vote."""
    hole = []

    def answers(tasks, known):
        assert not known and all(len(task.train) == 2 for task in tasks)
        grids = [task.test[0].input.copy() for task in tasks]
        for grid in grids:
            grid[-1, -1] = 10 if hole else grid[-1, -1]
        return [type("Answer", (), {"attempts": (grid,), "confidence": np.full((10, 10), 0.25)}) for grid in grids]

    monkeypatch.setattr(learner._answerer, "answers", answers)
    votes = learner._votes(TASK, TASK.test[0])
    assert len(votes) == 16 and all(np.array_equal(vote.grid, GRIDS[3]) and vote.confidence == 0.25 for vote in votes)
    hole.append(True)
    assert learner._votes(TASK, TASK.test[0]) == []
