"""Sudokus made here, written for others: `python -m hrm puzzles`, and how hard they are beside lists that people know."""

import io
import time
from csv import writer
from pathlib import Path
from typing import Literal

import numpy as np

from hrm.presets import sudoku9
from hrm.puzzles import hard
from hrm.puzzles.examples import generator
from hrm.puzzles.mining import Mined, graded
from hrm.puzzles.sudoku import BLANK, Sudoku
from hrm.puzzles.sudoku_solver import solve
from longrun.errors import UserError
from longrun.measure.bench import print_table
from longrun.run.output import check_output, write_output

LISTS = (
    ("lists of 17 clues", "17", "mean 1.6"),
    ("top 1465", "-", "mean 5.5"),
    ("the hardest of forums", "18 to 26", "mean 7.6 to 8.4, median 7 to 8"),
)
"""Public lists, their givens, and the guesses of the solver here on them (boards as they are listed)."""


def boards(
    file: str, /, *, preset: Literal["sudoku9-hard", "sudoku9"] = "sudoku9-hard", count: int = 100, held_out: bool = False, seed: int = 0
) -> None:
    """Make Sudokus with one solution, hard ones unless told, write them as a CSV, and print how hard they are beside public lists.

    Hard ones are mined: a search over clues for the guesses that a solver needs. What was mined once is kept in hrm/ of the user's cache
    folder ($HRM_CACHE) and not mined again.

    file: The CSV to write: source, question, answer, rating (the mean guesses of a solver), as Sudoku-Extreme is laid out.
    preset: Boards as this training has them.
    count: Boards.
    held_out: Boards whose solutions no training uses, instead of those that trainings use.
    seed: Of the boards; the held-out ones of sudoku9 are the same for all.

    Example:
        python -m hrm puzzles hard.csv --count 64 --held-out
    """
    if count < 1:
        raise UserError(f"count must be at least 1, not {count}")
    if Path(file).suffix != ".csv":
        raise UserError(f"{file} is no CSV file")
    check_output(file)
    began = time.process_time()
    hardest = preset == "sudoku9-hard"
    found = mined(seed, count, held_out) if hardest else dug(seed, count, held_out)
    seconds = time.process_time() - began
    write_output(file, as_csv(found, "mined" if hardest else preset))
    print(f"{len(found.boards)} boards in {file}; {seconds:.0f} seconds of a core went into making them")
    print()
    rows = distribution(found)
    print_table(("boards", "givens", "guesses"), [*rows, *LISTS])
    started = time.process_time()
    solve(found.boards, 9)
    each = 1000 * (time.process_time() - started) / len(found.boards)
    print(f"\na search with backtracking (hrm/puzzles/sudoku_solver.py) solves them all, in {each:.1f} ms of a core a board")
    spread = np.percentile(found.rounds, [5, 50, 95])
    print("rounds of singles, guesses included: 5 % below {:.1f}, half below {:.1f}, 95 % below {:.1f}".format(*spread))


def mined(seed: int, count: int, held_out: bool) -> Mined:
    """The first `count` hard boards; those that are not on disk are mined."""
    parts, number = [], 0
    while sum(len(part.boards) for part in parts) < count:
        parts.append(hard.hard_boards(9, seed, number, held_out))
        number += 1
    return Mined(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True))).rows(slice(count))


def dug(seed: int, count: int, held_out: bool) -> Mined:
    """Boards of the training `sudoku9`."""
    data = sudoku9().data
    source = Sudoku(data.side, data.givens, data.grade, count, seed)
    found = source.held_out(count) if held_out else source.batch(seed, 0, count)
    boards, solutions = (np.int8(tokens - BLANK) for tokens in (found.tokens, found.labels))
    return graded(generator(seed, 0, "grades"), boards, solutions, data.side)


def as_csv(found: Mined, source: str) -> str:
    """Boards in the published layout."""
    text = io.StringIO()
    table = writer(text, lineterminator="\n")
    table.writerow(("source", "question", "answer", "rating"))
    for board, solution, guesses in zip(found.boards, found.solutions, found.guesses, strict=True):
        question = "".join(map(str, board)).replace("0", ".")
        table.writerow((source, question, "".join(map(str, solution)), f"{guesses:.2f}"))
    return text.getvalue()


def distribution(found: Mined) -> list[tuple[str, str, str]]:
    """Givens and guesses: of the boards as they are, and of each one's mean under symmetries."""
    givens = (found.boards > 0).sum(axis=1)
    guesses = solve(found.boards, 9, limit=1).guesses
    words = lambda values: "mean {:.1f}, median {:.1f}, 5 % below {:.1f}, 95 % below {:.1f}".format(  # noqa: E731
        values.mean(), *np.percentile(values, [50, 5, 95])
    )
    span = f"{givens.min()} to {givens.max()}, mean {givens.mean():.1f}"
    return [("made here, as they are", span, words(guesses)), ("made here, means over symmetries", span, words(found.guesses))]
