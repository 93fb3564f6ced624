import numpy as np
import pytest

from arc.config import Config
from arc.grids.canvas import to_canvas
from arc.grids.tasks import Pair, Task
from arc.measure import evaluate
from arc.network.answerer import Answer


def pair(first, second):
    return Pair(np.array(first, np.int8), np.array(second, np.int8))


TASKS = {
    "05269061": [Task("05269061", (), (pair([[1, 2]], [[2, 1]]),)), Task("05269061", (), (pair([[3, 3]], [[3, 4]]),))],
    "1190e5a7": [Task("1190e5a7", (), (pair([[1, 1], [1, 1]], [[1]]),))],
}


class Guesser:
    """An answerer whose first attempts are right, wrong in one cell, and of a wrong shape; whose second ones are always right."""

    config = Config()

    def answers(self, tasks, known):
        first = [[[2, 1]], [[3, 3]], [[1, 1]]]
        confidence = np.ones((10, 10))
        return [Answer((np.array(grid, np.int8), task.test[0].output), confidence) for grid, task in zip(first, tasks, strict=True)]

    def teacher_forced(self, tasks, known):
        return np.stack([to_canvas(task.test[0].output, 10) for task in tasks])


@pytest.fixture
def found():
    return evaluate.evaluate(Guesser(), TASKS)


def test_scores_by_hand(found):
    assert found.mean("exact") == {"05269061": 0.5, "1190e5a7": 0.0}
    assert found.mean("exact_two_attempts") == {"05269061": 1.0, "1190e5a7": 1.0}
    assert found.mean("cell") == {"05269061": 0.75, "1190e5a7": 0.5}
    assert found.mean("change_f1")["05269061"] == 0.5 and np.isnan(found.mean("change_f1")["1190e5a7"])
    assert found.estimate("exact").value == 0.25


def test_the_result_stands_beside_the_best_fair_floor(found):
    outcome = evaluate.outcome("quick", 7, found)
    assert outcome["metrics"]["exact"] == 0.25 and outcome["metrics"]["skills_solved"] == 0
    assert outcome["floors"]["cell"] == pytest.approx((0.5 * (0.5 + 0.5) + 0.25) / 2)  # majority: 1 of 2, 1 of 2, 1 of 4 cells
    assert outcome["metrics"]["teacher_forced_gap"] == pytest.approx(1 - (0.75 + 0.5) / 2)


def test_the_table_has_every_task_category_and_floor(found):
    lines = evaluate.table(found, held_out=["1190e5a7"]).splitlines()
    assert len(lines) == 2 + 2 + 2 + 1
    assert all(f"{name}, exact" in lines[0] for name in ("copy", "no op", "majority", "previous cell"))
    assert "05269061 continue stripes | S1 | 0.500 | 1.000 | 1.000 | 0.750 | 0.500 | 1.000" in lines[2]
    assert "(held out)" in lines[3]


def test_the_floor_of_instances_is_that_of_the_best_predictor_without_a_rule():
    """Copying is right at one of the two instances of the first task and at none of the second."""
    same, other = pair([[1, 2], [3, 4]], [[1, 2], [3, 4]]), pair([[1, 2], [3, 4]], [[4, 3], [2, 1]])
    tasks = {"first": [Task("first", (), (one,)) for one in (same, other)], "second": [Task("second", (), (other,))] * 2}
    assert evaluate.floor_of(tasks) == pytest.approx(0.25)
