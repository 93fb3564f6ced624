"""The reader of Sudoku-Extreme's CSV, and one clear line for each thing that can be wrong."""

import numpy as np
import pytest

from hrm.puzzles.examples import IGNORED
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
        (lambda q, a: (q, f"{a},inf"), r"line 3: rating 'inf' is not finite"),
        (lambda q, a: (q, f"{a},nan"), r"line 3: rating 'nan' is not finite"),
    ],
)
def test_bad_rows_are_named(tmp_path, rows, change, message):
    path = write_csv(tmp_path / "bad.csv", [rows[0], change(*rows[1]), *rows[2:4]])
    with pytest.raises(UserError, match=message):
        read_sudoku_csv(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"question,answer\n\xff\xfe", "line 2: question has 2 characters instead of 81"),
        (b"question,answer\n\0", "is no text"),
        (b"question,answer\n", "has no row"),
        (b"a,b\n1,2\n", r"has no columns question and answer \(.*\): it has a, b"),
        (b"1" * 81 + b"," + b"2" * 81, r"has no columns question and answer \(.*\): its first line is a Sudoku"),
        (b"", "has no columns question and answer"),
        (b"question,answer\n" + b"1" * 200_000 + b",2\n", "is no CSV: field larger than field limit"),
    ],
)
def test_a_file_that_is_no_such_csv_is_named(tmp_path, content, message):
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(UserError, match=f"bad.csv {message}"):
        read_sudoku_csv(tmp_path / "bad.csv")


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("quizzes,solutions", "{q},{a}"),
        ("puzzle,solution", "{q},{a}"),
        ("id,clues,solution", "7,{q},{a}"),
        ("id,puzzle,solution,clues,difficulty", "7,{q},{a},24,2.5"),
        ("Source;Question;Answer;Rating", "x;{q};{a};2.5"),
        ("\ufeffquestion,answer", "{q},{a}"),
        ('"question","answer"', '"{q}","{a}"'),
    ],
)
@pytest.mark.parametrize("blank", ["0", "."])
def test_columns_go_by_their_names(tmp_path, rows, header, line, blank):
    path = tmp_path / "made.csv"
    path.write_text("\n".join([header, *(line.format(q=q.replace(".", blank), a=a) for q, a in rows)]) + "\n", encoding="utf-8")
    wanted = read_sudoku_csv(write_csv(tmp_path / "wanted.csv", rows))
    found = read_sudoku_csv(path)
    np.testing.assert_array_equal(found.tokens, wanted.tokens)
    np.testing.assert_array_equal(found.labels, wanted.labels)
    assert set(found.difficulty) == ({2.5} if "2.5" in line else {0})


def test_what_spreadsheets_make_of_a_row_is_read(tmp_path, rows):
    """Cells over several lines or with spaces in them, a comma as decimal point, and the line that names the separator."""
    (q, a), wanted = rows[0], read_sudoku_csv(write_csv(tmp_path / "wanted.csv", rows[:1]))
    lined, spaced = "\n".join(q[first : first + 9] for first in range(0, 81, 9)), " ".join(a)
    (tmp_path / "made.csv").write_text(f'sep=;\npuzzle;solution;rating\n"{lined}";{spaced};2,5\n\nx;y;z\n')
    with pytest.raises(UserError, match="line 13: question has 1 characters"):
        read_sudoku_csv(tmp_path / "made.csv")
    (tmp_path / "made.csv").write_text(f'sep=|\r\npuzzle|solution|rating\r\n"{lined}"|{spaced}|2,5\r\n')
    found = read_sudoku_csv(tmp_path / "made.csv")
    np.testing.assert_array_equal(found.tokens, wanted.tokens)
    np.testing.assert_array_equal(found.labels, wanted.labels)
    assert found.difficulty.tolist() == [2.5]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig"])
def test_whatever_letters_a_file_is_written_in_digits_are_digits(tmp_path, rows, encoding):
    text = "source,question,answer\r\n" + "".join(f"\xe9,{q},{a}\r\n" for q, a in rows)
    (tmp_path / "made.csv").write_bytes(text.encode(encoding))
    assert len(read_sudoku_csv(tmp_path / "made.csv").tokens) == len(rows)


def test_blank_lines_are_counted_and_not_read(tmp_path, rows):
    lines = ["source,question,answer", "", ",,", *(f"x,{q},{a}" for q, a in rows[:2]), "", "x,12,34"]
    (tmp_path / "bad.csv").write_text("\n".join(lines))
    with pytest.raises(UserError, match="bad.csv line 7: question has 2 characters instead of 81"):
        read_sudoku_csv(tmp_path / "bad.csv")


def test_answers_may_be_missing_where_they_are_not_asked_for(tmp_path, rows):
    (tmp_path / "made.csv").write_text(f"puzzle,solution\n{rows[0][0]},\n{rows[1][0]},{rows[1][1]}\n")
    labels = read_sudoku_csv(tmp_path / "made.csv", answers=False).labels
    assert (labels[0] == IGNORED).all() and labels[1].tolist() == [int(c) + 1 for c in rows[1][1]]
    with pytest.raises(UserError, match="line 2: answer has 0 characters"):
        read_sudoku_csv(tmp_path / "made.csv")
    (tmp_path / "made.csv").write_text(f"puzzle\n{rows[0][0]}\n")
    assert len(read_sudoku_csv(tmp_path / "made.csv", answers=False).tokens) == 1


def test_lines_of_an_error_are_short(tmp_path):
    (tmp_path / "bad.csv").write_text(",".join(f"column {n}" for n in range(200)) + "\n1\n")
    with pytest.raises(UserError) as caught:
        read_sudoku_csv(tmp_path / "bad.csv")
    assert len(str(caught.value)) - len(str(tmp_path)) <= 250
