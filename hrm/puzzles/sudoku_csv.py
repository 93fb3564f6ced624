"""Reader of Sudokus in CSV files: Sudoku-Extreme's and Kaggle's, columns by their names. Everything is checked on the way in."""

import csv
import io
import re
from pathlib import Path

import numpy as np

from hrm.puzzles.examples import IGNORED, Examples
from hrm.puzzles.sudoku_solver import is_valid_answer, solve
from longrun.errors import UserError
from longrun.text_file import read_text

CHECKED = 10_000
"""Rows whose solution is searched for; every row's digits and answer are checked."""
QUESTIONS = ("question", "quizzes", "quiz", "puzzle", "puzzles", "sudoku", "board", "clues")
"""Names of the column of boards, the first that there is: beside a puzzle, clues are a number."""
ANSWERS = ("answer", "solution", "solutions", "answers")
RATINGS = ("rating", "difficulty")
_DELIMITERS, _SEPARATOR = (",", ";", "\t"), re.compile(r"sep=(.)")
_CELLS = 81


def read_sudoku_csv(path: Path, answers: bool = True) -> Examples:
    """9 x 9 Sudokus; blanks are dots or zeros, difficulty is the rating.

    answers: whether every row has one that solves its Sudoku, the only one (searched for among the first CHECKED); else rows may lack
    theirs, whose labels are IGNORED. Raises FileNotFoundError, and UserError with the line for what is wrong in a row.
    """
    columns, rows = _rows(path)
    question, answer = _column(columns, QUESTIONS), _column(columns, ANSWERS)
    if question is None or (answers and answer is None):
        wanted = "question and answer (or quizzes, puzzle, clues; solution, solutions)"
        is_data = any(len(column) == _CELLS for column in columns)
        has = "its first line is a Sudoku" if is_data else f"it has {', '.join(columns)[:60] or 'none'}"
        raise UserError(f"{path} has no columns {wanted}: {has}")
    rating = _column(columns, RATINGS)
    if not rows:
        raise UserError(f"{path} has no row")
    places = [f"{path} line {line}" for line, _ in rows]
    cells = lambda index: ["".join(row[index].split()) if index is not None and index < len(row) else "" for _, row in rows]  # noqa: E731
    boards = _digits(cells(question), places, "question", blanks=True)
    ratings = [_rating(text, place) for text, place in zip(cells(rating), places, strict=True)]
    texts = cells(answer)
    known = np.array([answers or bool(text) for text in texts])
    solutions = np.zeros_like(boards)
    if known.any():
        chosen = np.flatnonzero(known)
        solutions[known] = _digits([texts[index] for index in chosen], [places[index] for index in chosen], "answer", blanks=False)
        _check_answers(boards[known], solutions[known], [places[index] for index in chosen])
    if answers:
        _check_sudokus(boards[:CHECKED], places)
    zeros = np.zeros(len(boards), np.int32)
    labels = np.where(known[:, None], solutions.astype(np.int32) + 1, IGNORED).astype(np.int32)
    return Examples(boards.astype(np.int32) + 1, labels, zeros, zeros, np.array(ratings, np.float32))


def _check_answers(boards, solutions, places):
    wrong = ~is_valid_answer(solutions, 9) | ((boards > 0) & (boards != solutions)).any(axis=1)
    if wrong.any():
        raise UserError(f"{places[int(wrong.argmax())]}: the answer does not solve the Sudoku")


def _check_sudokus(boards, places):
    found = solve(boards, 9).solutions
    if (found != 1).any():
        index = int((found != 1).argmax())
        raise UserError(f"{places[index]}: the Sudoku has {'no solution' if found[index] == 0 else 'more than one solution'}")


def _rows(path):
    """Names of the columns, and (line, cells) of each row that is not blank."""
    # In whatever else than UTF-8 letters are written, digits are the same.
    text = read_text(path, otherwise="latin-1")
    first, _, rest = text.partition("\n")
    if mark := _SEPARATOR.fullmatch(first.strip()):  # Spreadsheets say so what they separate by.
        text = rest
    kept = [line for line in text.splitlines() if line.strip()]
    head = kept[0] if kept else ""
    delimiter = mark[1] if mark else max(_DELIMITERS, key=head.count)
    lines = _lines(path, text, delimiter, int(bool(mark)))
    if not lines:
        return (), []
    return [" ".join(name.split()).lower() for name in lines[0][1]], lines[1:]


def _lines(path, text, delimiter, skipped):
    """(line, cells) of the rows that are not blank, after as many lines as were skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [(skipped + reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UserError(f"{path} is no CSV: {error} (line {skipped + reader.line_num})") from error


def _column(columns, names):
    return next((columns.index(name) for name in names if name in columns), None)


def _digits(texts, places, what, blanks):
    """(B, 81) int8 of as many texts; 0 is a blank."""
    allowed = "123456789" + (".0" if blanks else "")
    for text, place in zip(texts, places, strict=True):
        if len(text) != _CELLS:
            raise UserError(f"{place}: {what} has {len(text)} characters instead of {_CELLS}")
        if bad := text.strip(allowed):
            raise UserError(f"{place}: {what} has {bad[0]!r}, which is no digit from 1 to 9{' or dot' if blanks else ''}")
    digits = np.frombuffer("".join(texts).replace(".", "0").encode(), np.uint8).reshape(-1, _CELLS)
    return (digits - ord("0")).astype(np.int8)


def _rating(text, place):
    try:
        rating = float(text.replace(",", ".") or 0)  # As spreadsheets write it where a comma is decimal.
    except ValueError as error:
        raise UserError(f"{place}: rating {text[:40]!r} is no number") from error
    if not abs(rating) < 1e30:
        raise UserError(f"{place}: rating {text[:40]!r} is not finite")
    return rating
