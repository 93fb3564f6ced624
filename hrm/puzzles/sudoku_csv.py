"""Reader of Sudoku-Extreme's CSV: columns source, question, answer, rating. Everything is checked on the way in."""

import csv
import io
from pathlib import Path

import numpy as np

from hrm.puzzles.examples import Examples
from hrm.puzzles.sudoku_solver import is_valid_answer, solve
from longrun.errors import UserError

CHECKED = 10_000
"""Rows whose solution is searched for; every row's digits and answer are checked."""


def read_sudoku_csv(path: Path) -> Examples:
    """9 x 9 Sudokus; blanks are dots, difficulty is the rating.

    Raises UserError with the line for a row of wrong length, a bad digit, a wrong answer, and for a Sudoku (among the first CHECKED) that
    has no solution or more than one; FileNotFoundError.
    """
    rows = _rows(path)
    questions, answers, ratings = [], [], []
    for line, row in enumerate(rows, 2):
        questions.append(_digits(row["question"], f"{path} line {line}: question", blanks=True))
        answers.append(_digits(row["answer"], f"{path} line {line}: answer", blanks=False))
        ratings.append(_rating(row.get("rating"), f"{path} line {line}"))
    boards, solutions = np.stack(questions), np.stack(answers)
    _check_sudokus(boards, solutions, [f"{path} line {line}" for line in range(2, len(boards) + 2)])
    zeros = np.zeros(len(boards), np.int32)
    return Examples(boards.astype(np.int32) + 1, solutions.astype(np.int32) + 1, zeros, zeros, np.array(ratings, np.float32))


def _check_sudokus(boards: np.ndarray, solutions: np.ndarray, places: list[str]) -> None:
    """UserError that names the place of the first 9 x 9 Sudoku with a wrong answer, no solution, or several."""
    wrong = ~is_valid_answer(solutions, 9) | ((boards > 0) & (boards != solutions)).any(axis=1)
    if wrong.any():
        raise UserError(f"{places[int(wrong.argmax())]}: the answer does not solve the Sudoku")
    found = solve(boards[:CHECKED], 9).solutions
    if (found != 1).any():
        index = int((found != 1).argmax())
        raise UserError(f"{places[index]}: the Sudoku has {'no solution' if found[index] == 0 else 'more than one solution'}")


def _rows(path):
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is no text: {error}") from error
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        columns, rows = reader.fieldnames or (), list(reader)
    except csv.Error as error:
        raise UserError(f"{path} is no CSV: {error}") from error
    if not {"question", "answer"} <= set(columns):
        raise UserError(f"{path} has no columns question and answer")
    if not rows:
        raise UserError(f"{path} has no row")
    return rows


def _digits(text, place, blanks):
    text = (text or "").strip()
    if len(text) != 81:
        raise UserError(f"{place} has {len(text)} characters instead of 81")
    allowed = "123456789" + (".0" if blanks else "")
    bad = next((c for c in text if c not in allowed), None)
    if bad is not None:
        raise UserError(f"{place} has {bad!r}, which is no digit from 1 to 9{' or dot' if blanks else ''}")
    return np.array([0 if c == "." else int(c) for c in text], np.int8)


def _rating(text, place):
    try:
        return float(text or 0)
    except ValueError as error:
        raise UserError(f"{place}: rating {text!r} is no number") from error
