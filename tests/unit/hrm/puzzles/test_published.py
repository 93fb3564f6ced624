"""Readers of the published formats, and one clear line for each thing that can be wrong."""

import json

import numpy as np
import pytest

from hrm.puzzles.published import Published, read_folder, read_sudoku_csv
from hrm.puzzles.sudoku import dig, random_solutions
from hrm.training.losses import IGNORED


@pytest.fixture(scope="module")
def rows():
    numbers = np.random.default_rng(0)
    solutions = random_solutions(numbers, 9, 20)
    boards = dig(numbers, solutions, 9, np.full(20, 40))
    text = lambda grid: "".join("." if d == 0 else str(d) for d in grid)  # noqa: E731
    return [[text(board), text(solution)] for board, solution in zip(boards, solutions, strict=True)]


def write_csv(path, rows):
    path.write_text("source,question,answer,rating\n" + "".join(f"made,{q},{a},{i}\n" for i, (q, a) in enumerate(rows)))
    return path


def test_a_csv_is_read_and_split(tmp_path, rows):
    path = write_csv(tmp_path / "train.csv", rows)
    examples = read_sudoku_csv(path)
    assert examples.tokens.shape == (20, 81) and examples.difficulty.tolist() == list(range(20))
    first = [1 if c == "." else int(c) + 1 for c in rows[0][0]]
    assert examples.tokens[0].tolist() == first and examples.labels[0].tolist() == [int(c) + 1 for c in rows[0][1]]
    source = Published(str(path), 9, 11)
    assert len(source.held_out(100).tokens) == 2
    held = {row.tobytes() for row in source.held_out(100).tokens}
    assert not held & {row.tobytes() for step in range(5) for row in source.batch(0, step, 20).tokens}
    write_csv(tmp_path / "test.csv", rows[:3])
    assert len(Published(str(path), 9, 11).held_out(100).tokens) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda q, a: (q[:80], a), r"line 3: question has 80 characters instead of 81"),
        (lambda q, a: ("x" + q[1:], a), r"line 3: question has 'x', which is no digit from 1 to 9 or dot"),
        (lambda q, a: (q, "." + a[1:]), r"line 3: answer has '\.', which is no digit"),
        (lambda q, a: (q, a[1:] + a[:1]), r"line 3: the answer does not solve the Sudoku"),
        (lambda q, a: ("." * 81, a), r"line 3: the Sudoku has more than one solution"),
    ],
)
def test_bad_rows_are_named(tmp_path, rows, change, message):
    path = write_csv(tmp_path / "bad.csv", [rows[0], change(*rows[1]), *rows[2:4]])
    with pytest.raises(ValueError, match=message):
        read_sudoku_csv(path)


def write_folder(folder, part, **changes):
    (folder / part).mkdir(parents=True, exist_ok=True)
    about = {"seq_len": 4, "vocab_size": 6, "ignore_label_id": 0, "sets": ["all"], "num_puzzle_identifiers": 3, "pad_id": 0}
    arrays = {
        "inputs": np.array([[1, 2, 3, 4], [2, 2, 3, 4], [1, 5, 3, 4]]),
        "labels": np.array([[1, 2, 3, 0], [2, 2, 3, 4], [1, 5, 3, 4]]),
        "puzzle_identifiers": np.array([1, 2]),
        "puzzle_indices": np.array([0, 2, 3]),
        "group_indices": np.array([0, 2]),
    }
    (folder / part / "dataset.json").write_text(json.dumps({**about, **{k: v for k, v in changes.items() if k in about}}))
    for name, array in {**arrays, **{k: v for k, v in changes.items() if k in arrays}}.items():
        np.save(folder / part / f"all__{name}.npy", array)
    return folder


def test_a_folder_is_read(tmp_path):
    write_folder(tmp_path, "train")
    write_folder(tmp_path, "test")
    examples, names = read_folder(tmp_path, "train")
    assert examples.identifier.tolist() == [1, 1, 2] and examples.task.tolist() == [0, 0, 0] and names == ["0", "1", "2"]
    assert examples.labels[0].tolist() == [1, 2, 3, IGNORED]
    (tmp_path / "identifiers.json").write_text('["<blank>", "a", "b"]')
    source = Published(str(tmp_path), 2, 6)
    assert source.identifiers == ("<blank>", "a", "b") and source.batch(0, 0, 8).tokens.shape == (8, 4)
    with pytest.raises(ValueError, match="has 4 cells a puzzle; side 3 has 9"):
        Published(str(tmp_path), 3, 6)
    with pytest.raises(ValueError, match=r"a token 5; the network knows 0\.\.4"):
        Published(str(tmp_path), 2, 5)


def test_groups_of_one_puzzle_are_of_one_task_where_they_share_an_identifier(tmp_path):
    write_folder(tmp_path, "train")
    alone = {"puzzle_identifiers": [0, 0, 0], "puzzle_indices": [0, 1, 2, 3], "group_indices": [0, 1, 2, 3]}
    write_folder(tmp_path, "test", **{name: np.array(values) for name, values in alone.items()})
    assert read_folder(tmp_path, "test")[0].task.tolist() == [0, 1, 2]
    assert Published(str(tmp_path), 2, 6).held_out(3).task.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seq_len": 5}, "dataset.json says 5"),
        ({"inputs": np.full((3, 4), 6)}, r"a token is not in 0\.\.5"),
        ({"puzzle_indices": np.array([0, 2, 4])}, "3 rows do not fit its indices"),
    ],
)
def test_a_folder_that_does_not_fit_is_refused(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        read_folder(write_folder(tmp_path, "train", **changes), "train")


def test_arrays_of_objects_are_not_unpickled(tmp_path):
    write_folder(tmp_path, "train")
    np.save(tmp_path / "train" / "all__inputs.npy", np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="is no array of numbers"):
        read_folder(tmp_path, "train")


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="dataset.json does not exist"):
        read_folder(tmp_path, "train")
    with pytest.raises(ValueError, match="needs a path"):
        Published("", 9, 11)
