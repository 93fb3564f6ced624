"""Puzzles of one's own solved by the released reasoners."""

import json

import numpy as np
import pytest
from PIL import Image

from hrm import __main__ as commands
from hrm.measure import looks as several
from hrm.measure import solve
from hrm.measure.pictures import CELL
from hrm.network.reasoner import Reasoner, load
from hrm.puzzles.sudoku import dig, random_solutions
from longrun.errors import UserError

NAME = solve.RELEASED / "sudoku6"


@pytest.fixture(scope="module")
def reasoner() -> Reasoner:
    return load(NAME)


@pytest.fixture(autouse=True)
def loaded_once(reasoner, monkeypatch):
    monkeypatch.setattr(solve, "load", lambda *_: reasoner)


@pytest.fixture(scope="module")
def puzzle() -> tuple[str, str]:
    numbers = np.random.default_rng(5)
    solution = random_solutions(numbers, 6, 1)
    board = dig(numbers, solution, 6, np.array([20]))
    return tuple("".join(map(str, grid[0])) for grid in (board, solution))


def test_a_sudoku_is_solved_and_shown(puzzle, tmp_path, capsys):
    assert commands.main(["solve", puzzle[0], "--picture", str(tmp_path / "p.png")]) == 0
    printed = capsys.readouterr().out
    assert "puzzle 1: valid" in printed and " ".join(puzzle[1][:6]) in printed and "1 of 1 solved by sudoku6" in printed
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_a_board_fills_in_a_moving_picture(puzzle, tmp_path):
    assert commands.main(["solve", puzzle[0], "--picture", str(tmp_path / "p.gif")]) == 0
    with Image.open(tmp_path / "p.gif") as moving:
        assert moving.n_frames >= 2 and moving.size == (6 * CELL + 8, 6 * CELL + 8)


def test_a_board_fills_in_the_terminal(puzzle, capsys):
    assert commands.main(["solve", puzzle[0], "--show"]) == 0
    printed = capsys.readouterr().out
    question, first = printed.split("\n\n")[:2]
    assert question.startswith("question: 0 cells change") and first.startswith("segment 1: ")
    # What is given stands, and each blank is filled in brackets.
    assert first.count("[") == puzzle[0].count("0") and int(first.split()[2]) == puzzle[0].count("0")


def test_a_page_holds_every_stage(puzzle, tmp_path):
    assert commands.main(["solve", puzzle[0], "--picture", str(tmp_path / "p.html")]) == 0
    page = (tmp_path / "p.html").read_text("utf-8")
    (board,) = json.loads(page.split("const boards = ", 1)[1].split(", side = ", 1)[0])
    last = board["stages"][-1]
    assert "".join(last["digits"]) == puzzle[1] and board["stages"][0]["name"] == "question"
    assert sum(flag >= 4 for flag in last["flags"]) == sum(cell != "0" for cell in puzzle[0])


def test_json_stands_alone(puzzle, capsys):
    assert commands.main(["solve", puzzle[0], "--show", "--json"]) == 2
    assert "--show prints Sudokus and mazes, and no JSON" in capsys.readouterr().err


def test_more_looks_are_taken_where_one_is_not_enough(puzzle, reasoner, monkeypatch, capsys):
    answer = np.array([[int(digit) + 1 for digit in puzzle[1]]], np.int32)
    found = several.Looks(
        np.stack([answer[:, ::-1], answer, answer]),
        np.array([[False], [True], [True]]),
        np.stack([answer] * 3),
        np.zeros((3, 1)),
        np.array([[6], [1], [0]]),
    )
    monkeypatch.setattr(several, "look", lambda *_, assume, first: found)
    assert commands.main(["solve", puzzle[0], "--looks", "3", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["puzzles"][0]
    assert said["answer"] == puzzle[1] and said["segments"] == reasoner.config.model.segments + 1
    assert commands.main(["solve", puzzle[0], "--looks", "3"]) == 0
    assert "puzzle 1: valid, look 2" in capsys.readouterr().out


def test_the_result_as_json(puzzle, tmp_path, capsys):
    (tmp_path / "two.txt").write_text(f"{puzzle[0]}\n{puzzle[1]}\n")
    assert commands.main(["solve", str(tmp_path / "two.txt"), "--json", "--count", "1"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["solved"] == 1 and said["puzzles"][0]["answer"] == puzzle[1]
    assert said["puzzles"][0]["question"] == puzzle[0].replace("0", ".")


def test_what_breaks_the_rules_is_not_called_solved(puzzle, capsys):
    # Two equal givens in a row: no answer keeps them and the rules.
    assert commands.main(["solve", "11" + "." * 34]) == 1
    assert "NOT valid" in (printed := capsys.readouterr().out) and "0 of 1 solved" in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.txt"], "none.txt does not exist"),
        (["." * 16], "no released reasoner answers sudoku of side 4: name one by --checkpoint"),
        (["." * 81, "--checkpoint", "sudoku6"], "sudoku6 answers sudoku of side 6 with tokens up to 7, not sudoku of side 9"),
        (["." * 36, "--picture", "/no/such/folder/p.png"], "cannot write /no/such/folder/p.png: there is no folder /no/such/folder"),
        (["." * 36, "--looks", "-1"], "looks must not be negative, not 0, 0 and -1"),
        (["." * 36, "--picture", "p.bmp"], "p.bmp must end in .png, .gif or .html"),
        (["." * 36, "--count", "-1"], "must not be negative"),
    ],
)
def test_what_cannot_be_solved_is_one_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.main(["solve", *words]) == 2
    assert message in (error := capsys.readouterr().err) and len(error.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_arc_tasks_need_a_reasoner_of_them(tmp_path, capsys):
    pair = {"input": [[1]], "output": [[2]]}
    (tmp_path / "task.json").write_text(json.dumps({"train": [pair], "test": [{"input": [[3]]}]}))
    assert commands.main(["solve", str(tmp_path / "task.json")]) == 2
    assert "no released reasoner answers ARC tasks" in capsys.readouterr().err
    assert commands.main(["solve", str(tmp_path / "task.json"), "--checkpoint", "sudoku6"]) == 2
    assert "sudoku6 answers sudoku, not ARC tasks" in capsys.readouterr().err


def test_no_puzzle_is_no_error(reasoner):
    thoughts = reasoner.think(np.zeros((0, 36), np.int32), np.zeros(0, np.int32), segments=3)
    assert thoughts.answers.shape == (3, 0, 36) and thoughts.answer.shape == (0, 36) and thoughts.logits.shape[0] == 0


def test_a_table_that_does_not_fit_is_refused(reasoner):
    reasoner.require_identifiers(["sudoku"])
    with pytest.raises(UserError, match=f"has {reasoner.rows} rows, and its puzzles 1000 identifiers"):
        reasoner.require_identifiers(["x"] * 1000)
