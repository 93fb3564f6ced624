"""Puzzles that a person brings: a Sudoku in a line, files of Sudokus and mazes, a published folder, ARC tasks. Answers may be missing."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from arc.grids.tasks import Task, load
from hrm.puzzles import maze, npy_folder, sudoku_csv
from hrm.puzzles.examples import IGNORED, Examples
from longrun.errors import UserError
from longrun.text_file import read_text

SIDES = {16: 4, 36: 6, 81: 9}
"""Cells of a Sudoku -> its side."""
MAZE_SIDE = 100
"""Of a maze at most."""
_MAZE = "# SGo"
_DIGITS, _SUDOKU = re.compile(r"[0-9.]+"), re.compile(r"[0-9.]{4,}")
_COMMENT = ("#", ";")


class Asked(NamedTuple):
    """Puzzles of one kind."""

    kind: str
    """sudoku, maze, arc, or files (tokens of a published folder)."""
    side: int
    examples: Examples | None
    """None of ARC tasks, which are put to a reasoner in its own way."""
    tasks: tuple[Task, ...] = ()
    names: tuple[str, ...] = ()
    """Of the identifiers of a published folder."""


def read(puzzles: str) -> Asked:
    """What `puzzles` is or leads to. Raises UserError or FileNotFoundError with one line."""
    text = "".join(puzzles.split())
    if _DIGITS.fullmatch(text) and len(text) in SIDES:
        return _sudokus([text], ["the Sudoku"])
    path = Path(puzzles)
    if len(puzzles) > 1000 or not path.exists():
        what = f" (a Sudoku has 16, 36 or 81 characters, not {len(text)})" if _DIGITS.fullmatch(text) else ""
        raise FileNotFoundError(f"{puzzles[:100]} does not exist{what}")
    if path.is_dir():
        for place, part in ((path, "test"), (path, "train"), (path.parent, path.name)):
            if (place / part / "dataset.json").exists():
                return _published(place, part)
    suffix = path.suffix.lower()
    if path.is_dir() or suffix in (".json", ".jsonl"):
        return Asked("arc", 0, None, tuple(load(path, answers=False)))
    if suffix in (".csv", ".tsv"):
        return Asked("sudoku", 9, sudoku_csv.read_sudoku_csv(path, answers=False))
    lines = read_text(path).splitlines()
    # The names of Sudokus may stand behind a "#"; no line of a maze is all digits and dots.
    if any("#" in line for line in lines) and not any(_SUDOKU.fullmatch("".join(line.split())) for line in lines):
        return _mazes(path, lines)
    return _sudoku_lines(path, lines)


def text_of(kind: str, tokens: np.ndarray) -> str:
    """A puzzle or answer (N,) as the characters that it is read from; whole numbers with a space between them for other kinds."""
    if kind == "sudoku":
        return "".join("." if token <= 1 else str(token - 1) for token in tokens)
    if kind == "maze":
        return "".join(_MAZE[token - 1] if 1 <= token <= len(_MAZE) else "?" for token in tokens)
    return " ".join(map(str, tokens))


def _published(folder, part):
    examples, names, _ = npy_folder.read_folder(folder, part)
    side = int(round(examples.tokens.shape[1] ** 0.5))
    if side * side != examples.tokens.shape[1]:
        raise UserError(f"{folder / part} has {examples.tokens.shape[1]} cells a puzzle, which is no square")
    return Asked("files", side, examples, names=tuple(names))


def _sudoku_lines(path, lines):
    """A Sudoku a line, or one in as many lines as it has rows."""
    kept = [(number, "".join(line.split())) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith(_COMMENT)]
    if not kept:
        raise UserError(f"{path} holds no puzzle")
    side = len(kept[0][1])
    if side in SIDES.values() and len(kept) % side == 0 and all(len(text) == side for _, text in kept):
        kept = [(kept[first][0], "".join(text for _, text in kept[first : first + side])) for first in range(0, len(kept), side)]
    return _sudokus([text for _, text in kept], [f"{path} line {number}" for number, _ in kept])


def _sudokus(texts, places):
    side = SIDES.get(len(texts[0]), 0)
    for text, place in zip(texts, places, strict=True):
        if len(text) not in SIDES:
            raise UserError(f"{place}: a Sudoku has 16, 36 or 81 characters, not {len(text)}")
        if len(text) != side * side:
            raise UserError(f"{place}: a Sudoku of {len(text)} cells among those of {side * side}")
        if bad := text.strip("".join(map(str, range(side + 1))) + "."):
            raise UserError(f"{place}: {bad[0]!r} is no digit from 1 to {side}, dot or zero")
    boards = np.array([[0 if cell == "." else int(cell) for cell in text] for text in texts], np.int32)
    return Asked("sudoku", side, _unanswered(boards + 1))


def _mazes(path, lines):
    """Mazes of "# SGo", separated by empty lines, or one a line."""
    blocks: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines, 1):
        if line and number > 1 and lines[number - 2]:
            blocks[-1][1].append(line)
        elif line:
            blocks.append((number, [line]))
    places = [each for first, rows in blocks for each in (_singly(first, rows) if _are_whole(rows) else [(first, rows)])]
    found = [_maze(f"{path} line {number}", rows) for number, rows in places]
    for (number, _), one in zip(places, found, strict=True):
        if one.shape != found[0].shape:
            raise UserError(f"{path} line {number}: a maze of side {len(one)} among those of side {len(found[0])}")
    return Asked("maze", len(found[0]), _unanswered(np.stack(found).reshape(len(found), -1)))


def _are_whole(rows):
    """Whether each of the lines is a maze, and not a row of one."""
    length = len(rows[0])
    return length > 1 and round(length**0.5) ** 2 == length and {len(row) for row in rows} == {length} and len(rows) != length


def _singly(first, rows):
    return [(first + place, [row]) for place, row in enumerate(rows)]


def _maze(place, rows):
    if len(rows) == 1:
        side = int(round(len(rows[0]) ** 0.5))
        rows = [rows[0][first : first + side] for first in range(0, len(rows[0]), side)]
    width = max(map(len, rows))
    if width != len(rows) or width > MAZE_SIDE:
        raise UserError(f"{place}: a maze of {len(rows)} rows and {width} columns is no square of at most {MAZE_SIDE}")
    cells = "".join(row.ljust(width) for row in rows)
    if bad := cells.strip(_MAZE):
        raise UserError(f"{place}: {bad[0]!r} is none of a maze's characters {_MAZE!r}")
    tokens = np.array([_MAZE.index(cell) + 1 for cell in cells], np.int32).reshape(width, width)
    for name, token in (("S", maze.START), ("G", maze.GOAL)):
        if (tokens == token).sum() != 1:
            raise UserError(f"{place}: a maze has one {name}, not {(tokens == token).sum()}")
    return np.where(tokens == maze.PATH, maze.FREE, tokens)


def _unanswered(tokens):
    zeros = np.zeros(len(tokens), np.int32)
    return Examples(tokens, np.full_like(tokens, IGNORED), zeros, zeros, np.zeros(len(tokens), np.float32))
