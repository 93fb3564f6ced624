"""Files of tasks as people publish them."""

import json

import pytest

from arc.grids.tasks import BadTask, is_answered, load
from longrun.errors import UserError

PAIR = {"input": [[1]], "output": [[2]]}
WITHHELD = {"train": [PAIR], "test": [{"input": [[3]]}, {"input": [[4]]}]}
SOLUTIONS = {"a": [[[5]], [[6, 6]]], "b": [[[7]], [[8]]]}


def write(path, data):
    path.write_text(json.dumps(data))
    return path


def answers(tasks):
    return {task.id: [pair.output.tolist() for pair in task.test] for task in tasks}


@pytest.mark.parametrize(
    ("challenges", "solutions"),
    [
        ("arc-agi_training_challenges.json", "arc-agi_training_solutions.json"),
        ("challenges.json", "solutions.json"),
        ("three.json", "three_solutions.json"),
    ],
)
def test_challenges_and_solutions_are_joined_by_their_names(tmp_path, challenges, solutions):
    write(tmp_path / challenges, {"a": WITHHELD, "b": WITHHELD})
    assert not any(map(is_answered, load(tmp_path / challenges, answers=False)))
    with pytest.raises(BadTask, match=r"task a: test\[0\]: the pair has no output"):
        load(tmp_path / challenges)
    write(tmp_path / solutions, SOLUTIONS)
    # The folder, the challenges, and the solutions all lead to the same tasks.
    for place in (tmp_path, tmp_path / challenges, tmp_path / solutions):
        assert answers(load(place)) == SOLUTIONS


def test_solutions_may_lie_anywhere(tmp_path):
    challenges = write(tmp_path / "mine.json", {"a": WITHHELD})
    assert answers(load(challenges, solutions=write(tmp_path / "theirs.json", SOLUTIONS))) == {"a": SOLUTIONS["a"]}
    with pytest.raises(UserError, match="mine.json: these are no solutions"):
        load(challenges, solutions=challenges)
    with pytest.raises(UserError, match="has its answers"):
        load("arc-agi-1-training", solutions=challenges)
    with pytest.raises(BadTask, match="task a: 1 solutions for 2 test inputs"):
        load(challenges, solutions=write(tmp_path / "short.json", {"a": [[[1]]]}))
    with pytest.raises(BadTask, match=r"test\[0\].output: colour 12"):
        load(challenges, solutions=write(tmp_path / "bad.json", {"a": [[[12]], [[1]]]}))


def test_solutions_without_challenges_are_called_that(tmp_path):
    with pytest.raises(BadTask, match="lone_solutions.json: solutions without their challenges"):
        load(write(tmp_path / "lone_solutions.json", SOLUTIONS))


def test_a_folder_as_kaggle_ships_it(tmp_path):
    write(tmp_path / "arc-agi_evaluation_challenges.json", {"a": WITHHELD, "b": WITHHELD})
    write(tmp_path / "arc-agi_evaluation_solutions.json", SOLUTIONS)
    # The test set there is a placeholder: tasks of another set once more, without solutions.
    write(tmp_path / "arc-agi_test_challenges.json", {"a": WITHHELD})
    write(tmp_path / "sample_submission.json", {"a": [{"attempt_1": [[0, 0]], "attempt_2": [[0, 0]]}] * 2})
    loaded = load(tmp_path, answers=False)
    assert answers(loaded) == SOLUTIONS and loaded.skipped == ()
    write(tmp_path / "arc-agi_test_challenges.json", {"a": {**WITHHELD, "train": [PAIR, PAIR]}})
    with pytest.raises(BadTask, match="task a: the id is already taken by .*evaluation_challenges.json"):
        load(tmp_path, answers=False)


def test_a_null_output_is_withheld(tmp_path):
    path = write(tmp_path / "task.json", {"train": [PAIR], "test": [{"input": [[3]], "output": None}]})
    assert not is_answered(load(path, answers=False)["task"])
    with pytest.raises(BadTask, match="the pair has no output"):
        load(path)


def test_a_list_of_pairs_is_a_task_whose_last_pair_is_asked(tmp_path):
    pairs = [{"input": [[n]], "output": [[n + 1]]} for n in range(4)]
    task = load(write(tmp_path / "00d62c1b.json", pairs))["00d62c1b"]
    assert [pair.input.item() for pair in task.train] == [0, 1, 2] and task.test[0].output.item() == 4
    assert load(write(tmp_path / "many.json", {"x": pairs, "y": pairs}))["y"] is not None
    with pytest.raises(BadTask, match="a list of one pair shows nothing"):
        load(write(tmp_path / "one.json", pairs[:1]))


@pytest.mark.parametrize("name", ["tasks.jsonl", "tasks.json"])
@pytest.mark.parametrize(
    ("lines", "ids"),
    [
        ([{"train": [PAIR], "test": [PAIR]}] * 2, ["tasks-0", "tasks-1"]),
        ([{"id": "x", "train": [PAIR], "test": [PAIR]}, {"task_id": "y", "train": [PAIR], "test": [PAIR]}], ["x", "y"]),
        ([{"x": {"train": [PAIR], "test": [PAIR]}}, {"y": {"train": [PAIR], "test": [PAIR]}}], ["x", "y"]),
        ([PAIR, PAIR, PAIR], ["tasks"]),
    ],
)
def test_json_lines_are_read(tmp_path, name, lines, ids):
    (tmp_path / name).write_text("\ufeff" + "\n\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    assert list(load(tmp_path / name).tasks) == ids == list(load(tmp_path).tasks)


def test_a_bad_line_is_named(tmp_path):
    (tmp_path / "tasks.jsonl").write_text(json.dumps(PAIR) + '\n{"train":\n')
    with pytest.raises(BadTask, match="tasks.jsonl line 2: not JSON"):
        load(tmp_path / "tasks.jsonl")


def test_a_name_that_is_there_twice_hides_no_task(tmp_path):
    task = json.dumps({"train": [PAIR], "test": [PAIR]})
    (tmp_path / "tasks.json").write_text(f'{{"a": {task}, "b": {task}, "a": {task}}}')
    with pytest.raises(BadTask, match="tasks.json: not JSON: 'a' is there twice"):
        load(tmp_path / "tasks.json")


@pytest.mark.parametrize("name", ["TASK.JSON", "task.json"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_other_systems_write_the_same(tmp_path, name, encoding):
    (tmp_path / name).write_text(json.dumps({"train": [PAIR], "test": [PAIR]}), encoding=encoding)
    assert len(load(tmp_path)) == len(load(tmp_path / name)) == 1


def test_what_is_no_file_of_tasks_is_called_by_its_name(tmp_path):
    (tmp_path / "tasks.json").write_text("<!DOCTYPE html><title>404</title>")
    with pytest.raises(BadTask, match="tasks.json cannot be read: it is an HTML page"):
        load(tmp_path / "tasks.json")


def test_lines_of_an_error_are_short(tmp_path):
    with pytest.raises(BadTask) as caught:
        load(write(tmp_path / "tasks.json", {"x" * 5000: {"train": 3}}))
    assert len(str(caught.value)) - len(str(tmp_path)) < 250


@pytest.mark.parametrize("content", [[[1]], [], {}, {"a": 1}, 3, None, {"a": [[1]]}])
def test_solutions_that_are_none_are_refused(tmp_path, content):
    tasks = write(tmp_path / "tasks.json", {"a": WITHHELD})
    with pytest.raises(UserError, match="solutions.json: these are no solutions"):
        load(tasks, solutions=write(tmp_path / "solutions.json", content))
