"""Answers that were written down, and what makes a folder of them refuse to go on."""

import json

import numpy as np
import pytest

from arc.grids.tasks import Pair, Task, TaskSet
from arc.solving.ledger import FILE, Ledger, task_fingerprint, weights_fingerprint
from arc.solving.question import SHARES
from arc.solving.settings import AnswerSettings, DeliverySettings, SolveConfig
from longrun.config import flatten
from longrun.errors import UserError


def task(name, *colours, answer=None):
    grids = [np.array([[colour]], np.int8) for colour in colours]
    return Task(name, tuple(Pair(grid, grid) for grid in grids[:-1]), (Pair(grids[-1], None if answer is None else grids[answer]),))


def tasks(*each):
    return TaskSet("tasks.json", {one.id: one for one in each})


def answered(task_id, **changes):
    """An answer to a task of one test input."""
    after = [[[[[1]], [[2, 3]]]]] * len(SHARES)
    return {"task": task_id, "after": after, "steps": 1, "cpu_seconds": 2.5, "refused": "", **changes}


CONFIG = SolveConfig(AnswerSettings(tasks="tasks.json", checkpoint="model"), DeliverySettings())
TWO = tasks(task("a", 1, 2, 3), task("b", 4, 5, 6))


@pytest.fixture
def begun(tmp_path):
    """A folder with the answer to the second task."""
    (tmp_path / "config.json").write_text(json.dumps({"project": "arc", "preset": "solve", **flatten(CONFIG)}))
    Ledger(tmp_path, CONFIG, TWO, {"checkpoint": "old"}).add(answered("b"))
    return tmp_path


def test_answers_stand_in_the_order_of_the_tasks_however_they_came(begun):
    ledger = Ledger(begun, CONFIG, TWO, {"checkpoint": "old"})
    assert len(ledger) == 1 and "b" in ledger and "a" not in ledger
    ledger.add(answered("a", steps=2))
    assert [line["steps"] for line in Ledger(begun, CONFIG, TWO, {"checkpoint": "old"}).lines] == [2, 1]


def test_who_computes_may_change_and_so_may_answers_that_were_withheld(begun):
    config = SolveConfig(CONFIG.answers, DeliverySettings(output="elsewhere", workers=4))
    assert len(Ledger(begun, config, tasks(task("b", 4, 5, 6, answer=0)), {"checkpoint": "old"})) == 1


@pytest.mark.parametrize(
    ("config", "now", "checkpoint", "message"),
    [
        (CONFIG, tasks(task("b", 4, 5, 7)), "old", "holds answers to task b as it was before tasks.json changed"),
        (CONFIG, tasks(task("a", 1, 2, 3)), "old", "holds answers to other tasks than tasks.json has: b"),
        (CONFIG, TWO, "new", "holds answers made from model as it was before it changed"),
        (SolveConfig(AnswerSettings(tasks="tasks.json", checkpoint="model", seed=1)), TWO, "old", "seed was 0, is 1"),
    ],
)
def test_what_changed_is_refused_by_name_with_two_ways_out(begun, config, now, checkpoint, message):
    with pytest.raises(UserError, match=message) as error:
        Ledger(begun, config, now, {"checkpoint": checkpoint})
    assert "another --run keeps them, --fresh moves them aside" in str(error.value)


def test_answers_from_before_there_were_fingerprints_are_taken(begun):
    line = json.loads((begun / FILE).read_text())
    del line["made_from"]
    (begun / FILE).write_text(json.dumps(line) + "\n")
    assert len(Ledger(begun, CONFIG, TWO, {"checkpoint": "new"})) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"task": "a"', "line 1 is damaged: Expecting"),
        (b"\xff\xfe", "line 1 is damaged"),
        (b"[" * 100_000, "line 1 is damaged: maximum recursion depth"),
        (b"[1]", "line 1 is damaged: it is no answer to a task"),
        ({"task": ["a"]}, "it is no answer to a task"),
        ({"after": [[[[[1]], [[2]]]]]}, "it is no answer to a task"),
        ({"after": [[[[[1]]]]] * 4}, "it is no answer to a task"),
        ({"after": [[]] * 4}, "is damaged: task b has 1 test inputs"),
        ({"after": [[[[[1]], [[99]]]]] * 4}, "line 1: colour 99 at row 0, column 0 is not in 0..9"),
        ({"cpu_seconds": float("nan")}, "it is no answer to a task"),
        ({"made_from": [1]}, "it is no answer to a task"),
    ],
)
def test_a_damaged_file_is_one_line(begun, content, message):
    if isinstance(content, dict):
        content = json.dumps(answered("b", **content)).encode()
    (begun / FILE).write_bytes(content)
    with pytest.raises(UserError, match="answers.jsonl") as caught:
        Ledger(begun, CONFIG, TWO, {})
    assert message in str(caught.value) and len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) - len(str(begun)) <= 200


def test_a_damaged_configuration_is_named(begun):
    (begun / "config.json").write_text("[]")
    with pytest.raises(UserError, match="config.json is damaged: it holds no object but a list"):
        Ledger(begun, CONFIG, TWO, {})
    (begun / "config.json").write_text(json.dumps({**flatten(CONFIG), "steps": "many"}))
    with pytest.raises(UserError, match="config.json: steps of the configuration is 'many', not int"):
        Ledger(begun, CONFIG, TWO, {})


def test_a_fingerprint_sees_every_cell_and_where_pairs_end():
    base = task_fingerprint(task("a", 1, 2, 3))
    assert base == task_fingerprint(task("b", 1, 2, 3, answer=1))
    two_tests = Task("a", task("a", 1, 2).train, (Pair(np.array([[2]], np.int8), None), Pair(np.array([[3]], np.int8), None)))
    assert len({base, *(task_fingerprint(one) for one in (task("a", 1, 2, 4), task("a", 0, 2, 3), two_tests))}) == 4
    ones = np.ones(2, np.float32)
    assert weights_fingerprint([ones]) != weights_fingerprint([ones + 1e-6]) and len(weights_fingerprint([ones])) == 16
