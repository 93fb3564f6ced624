"""The reader of Sudoku-Extreme's CSV, and one clear line for each thing that can be wrong."""

import numpy as np
import pytest

from hrm.puzzles.published import Published
from hrm.puzzles.sudoku import dig, random_solutions
from hrm.puzzles.sudoku_csv import read_sudoku_csv
from longrun.errors import UserError


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
    content = source.content
    write_csv(tmp_path / "test.csv", rows[:3])
    source = Published(str(path), 9, 11)
    assert len(source.held_out(100).tokens) == 3 and source.content != content
    (tmp_path / "alone").mkdir()
    with pytest.raises(UserError, match="has 9 rows, which leaves none to hold out"):
        Published(str(write_csv(tmp_path / "alone" / "few.csv", rows[:9])), 9, 11)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda q, a: (q[:80], a), r"line 3: question has 80 characters instead of 81"),
        (lambda q, a: ("x" + q[1:], a), r"line 3: question has 'x', which is no digit from 1 to 9 or dot"),
        (lambda q, a: (q, "." + a[1:]), r"line 3: answer has '\.', which is no digit"),
        (lambda q, a: (q, a[1:] + a[:1]), r"line 3: the answer does not solve the Sudoku"),
        (lambda q, a: ("." * 81, a), r"line 3: the Sudoku has more than one solution"),
        (lambda q, a: (q, f"{a},hard"), r"line 3: rating 'hard' is no number"),
    ],
)
def test_bad_rows_are_named(tmp_path, rows, change, message):
    path = write_csv(tmp_path / "bad.csv", [rows[0], change(*rows[1]), *rows[2:4]])
    with pytest.raises(UserError, match=message):
        read_sudoku_csv(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"question,answer\n\xff\xfe", "is no text"),
        (b"question,answer\n", "has no row"),
        (b"a,b\n1,2\n", "has no columns question and answer"),
        (b"", "has no columns question and answer"),
        (b"question,answer\n" + b"1" * 200_000 + b",2\n", "is no CSV: field larger than field limit"),
    ],
)
def test_a_file_that_is_no_such_csv_is_named(tmp_path, content, message):
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(UserError, match=f"bad.csv {message}"):
        read_sudoku_csv(tmp_path / "bad.csv")
