"""Answers by what is wrong with them."""

import numpy as np

from arc.grids.tasks import Pair, Task, TaskSet
from arc.solving.failures import KINDS, failures, kinds

RIGHT = np.arange(20, dtype=np.int8).reshape(4, 5) % 10
NEARLY, OTHER, SMALL = RIGHT.copy(), np.zeros_like(RIGHT), RIGHT[:2]
NEARLY[0, 0] = 9
PAIR = Pair(RIGHT, RIGHT)
TASKS = TaskSet("made", {name: Task(name, (PAIR,), (PAIR, PAIR)) for name in ("a", "b", "c", "d")})
FOUND = {
    "a": [(RIGHT, OTHER), (SMALL, RIGHT)],
    "b": [(RIGHT, OTHER), (NEARLY, SMALL)],
    "c": [(OTHER, SMALL), (RIGHT, RIGHT)],
    "d": [(SMALL, SMALL), (NEARLY, OTHER)],
}


def test_a_task_is_as_wrong_as_its_worst_test_whose_better_attempt_counts():
    assert kinds(FOUND, TASKS) == dict(zip(KINDS, (["a"], ["b"], ["c"], ["d"]), strict=True))


def test_what_is_not_solved_is_listed_with_who_answered():
    by = [["search", "network"], ["network", "input"]]
    done = [{"task": "a"}, {"task": "b", "by": by, "rule": "unit > shrink"}, {"task": "c"}, {"task": "d", "by": by, "rule": ""}]
    lines = failures(done, FOUND, TASKS)
    assert lines[2] == "| solved | 1 |" and "- b: first by search, network; rule `unit > shrink`" in lines
    assert "- c: first by network" in lines and "- d: first by search, network" in lines and not any("a:" in line for line in lines)
