"""Puzzles that a person brings, and one clear line for each thing that can be wrong."""

import json

import numpy as np
import pytest

from hrm.puzzles import asked, maze
from hrm.puzzles.examples import IGNORED
from longrun.errors import UserError
from tests.fixtures.hrm import write_folder

SUDOKU = "530070000600195000098000060800060003400803001700020006060000280000419005000080079"
PAIR = {"input": [[1]], "output": [[2]]}
MAZE = ["#####", "#S  #", "# # #", "#  G#", "#####"]


def file(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", SUDOKU),
        ("", SUDOKU.replace("0", ".")),
        ("one.txt", SUDOKU + "\n"),
        ("board.txt", "\n".join(" ".join(SUDOKU[first : first + 9]) for first in range(0, 81, 9))),
        ("one.csv", f"\ufeffid,clues\n1,{SUDOKU}\n"),
        ("ONE.CSV", f"puzzle\n{SUDOKU}\n"),
        ("named.sdk", f"# by nobody\n{SUDOKU}\n"),
    ],
)
def test_a_sudoku_is_read_however_it_comes(tmp_path, name, text):
    found = asked.read(file(tmp_path, name, text) if name else text)
    assert (found.kind, found.side) == ("sudoku", 9) and (found.examples.labels == IGNORED).all()
    assert asked.text_of("sudoku", found.examples.tokens[0]) == SUDOKU.replace("0", ".")


def test_several_sudokus_and_smaller_ones_are_read(tmp_path):
    assert len(asked.read(file(tmp_path, "many.txt", f"; mine\n{SUDOKU}\n\n{SUDOKU}\n")).examples.tokens) == 2
    assert asked.read("1234" + "." * 12).side == 4 and asked.read("0" * 36).side == 6


def test_mazes_are_read(tmp_path):
    text = "\n".join([*MAZE, "", *MAZE])
    for content in (text, "".join(MAZE) + "\n"):
        found = asked.read(file(tmp_path, "mazes.txt", content))
        assert (found.kind, found.side) == ("maze", 5)
        assert asked.text_of("maze", found.examples.tokens[0]) == "".join(MAZE)
        assert found.examples.tokens.max() == maze.GOAL


def test_text_as_windows_writes_it_is_read(tmp_path):
    (tmp_path / "one.txt").write_text(f"{SUDOKU}\r\n", encoding="utf-16")
    assert len(asked.read(str(tmp_path / "one.txt")).examples.tokens) == 1
    (tmp_path / "TASK.JSON").write_text(json.dumps({"train": [PAIR], "test": [{"input": [[3]]}]}), encoding="utf-16")
    assert [task.id for task in asked.read(str(tmp_path / "TASK.JSON")).tasks] == ["TASK"]


def test_mazes_of_every_side_are_told_from_mazes_in_a_line(tmp_path):
    """A row of the largest is as long as a whole maze of side 10."""
    for side in (10, 30, asked.MAZE_SIDE):
        rows = ["#" * side, "#S" + " " * (side - 4) + "G#", *["#" * side] * (side - 2)]
        for content in ("\n".join(rows), "\n".join(["".join(rows)] * 3), "\n".join([*rows, "", *rows])):
            found = asked.read(file(tmp_path, "mazes.txt", content))
            assert found.side == side and asked.text_of("maze", found.examples.tokens[0]) == "".join(rows)


def test_a_published_folder_and_arc_tasks_are_read(tmp_path):
    write_folder(tmp_path / "set", "test")
    found = asked.read(str(tmp_path / "set"))
    assert (found.kind, found.side, len(found.examples.tokens)) == ("files", 2, 3)
    assert asked.read(str(tmp_path / "set" / "test")).side == 2
    path = file(tmp_path, "task.json", json.dumps({"train": [PAIR], "test": [{"input": [[3]]}]}))
    assert [task.id for task in asked.read(path).tasks] == ["task"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("", "53007", r"a Sudoku has 16, 36 or 81 characters, not 5"),
        ("", "5" * 2000, "does not exist"),
        ("a.txt", "", "holds no puzzle"),
        ("a.txt", f"{SUDOKU}\n123\n", "line 2: a Sudoku has 16, 36 or 81 characters, not 3"),
        ("a.txt", f"{SUDOKU}\n{'.' * 16}\n", "line 2: a Sudoku of 16 cells among those of 81"),
        ("a.txt", f"\n\nx{SUDOKU[1:]}\n", "line 3: 'x' is no digit from 1 to 9"),
        ("a.txt", "7" + "." * 15, "'7' is no digit from 1 to 4"),
        ("a.txt", "\n".join(MAZE[:4]), "a maze of 4 rows and 5 columns is no square"),
        ("a.txt", "\n".join(MAZE).replace("G", "x"), "'x' is none of a maze's characters"),
        ("a.txt", "\n".join(MAZE).replace("G", " "), "a maze has one G, not 0"),
        ("a.txt", "\n".join([*MAZE, "", "###", "#SG", "###"]), "line 7: a maze of side 3 among those of side 5"),
    ],
)
def test_what_is_no_puzzle_is_named(tmp_path, name, text, message):
    with pytest.raises((UserError, FileNotFoundError), match=message) as caught:
        asked.read(file(tmp_path, name, text) if name else text)
    assert len(str(caught.value)) - len(str(tmp_path)) <= 200


def test_text_says_every_token():
    assert asked.text_of("files", np.array([0, 12])) == "0 12" and asked.text_of("maze", np.array([0, 5])) == "?o"
