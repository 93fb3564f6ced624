"""Sudokus as hard as people's hardest: minimal boards, and a local search over their clues for the guesses that a solver needs.

A board keeps its solution throughout, so what is mined from a held-out solution is held out. How hard a board is must not hang on the
order in which the solver happens to look at cells: what is searched for is the mean over random symmetries.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hrm.puzzles.sudoku import random_solutions, shuffle
from hrm.puzzles.sudoku_solver import candidates, search, solve

SYMMETRIES = 4
"""Random symmetries over which guesses are averaged."""
ALTERNATIVES = 24
"""Other solutions that a board without one of its clues may have to be gone on with."""
MARGIN = 0.5
"""Guesses beyond the least up to which the search climbs: a grade is noisy."""
ROUND = 5
"""Moves between two selections."""
REPLACED = 16
"""One board in so many gives way to another in a selection."""


class Size(NamedTuple):
    """How much is mined at a time."""

    common: int = 1024
    """Minimal boards that are made and graded."""
    kept: int = 128
    """The hardest of them, from which the search sets out."""
    moves: int = 300
    """Moves of the search."""
    least: float = 6.0
    """Guesses of a board that is kept."""


class Mined(NamedTuple):
    """Minimal boards with their solutions and grades."""

    boards: np.ndarray
    """(B, N) int8; 0 is a blank."""
    solutions: np.ndarray
    """(B, N) int8."""
    guesses: np.ndarray
    """(B,) float: mean depth of guessing under random symmetries."""
    rounds: np.ndarray
    """(B,) float: mean rounds of singles, guesses included."""

    def rows(self, index) -> "Mined":
        """Some of the boards."""
        return Mined(*(array[index] for array in self))


def common(numbers: np.random.Generator, side: int, allowed: Callable[[np.ndarray], np.ndarray], count: int) -> Mined:
    """Minimal boards as they come, `count` at most.

    allowed: which of solutions (B, N) may be used, (B,) bool.
    """
    solutions = np.zeros((0, side * side), np.int8)
    while len(solutions) < count:
        more = random_solutions(numbers, side, count)
        solutions = np.unique(np.concatenate([solutions, more[allowed(more)]]), axis=0)
    solutions = numbers.permutation(solutions)[:count]
    return graded(numbers, strip(numbers, solutions, side), solutions, side)


def mine(numbers: np.random.Generator, side: int, allowed: Callable[[np.ndarray], np.ndarray], size: Size) -> Mined:
    """The hardest of many minimal boards, and what a search that sets out from them comes by: `size.least` guesses each, or more."""
    found = common(numbers, side, allowed, size.common)
    found = found.rows(np.argsort(-found.guesses, kind="stable")[: size.kept])
    passed = evolve(numbers, found, side, size)
    boards, places = np.unique(passed.boards, axis=0, return_index=True)
    # A swap can leave a clue too many, and boards that differ in it alone become one.
    boards, first = np.unique(strip(numbers, boards, side), axis=0, return_index=True)
    again = graded(numbers, boards, passed.solutions[places[first]], side, 4 * SYMMETRIES)
    return again.rows(numbers.permutation(np.flatnonzero(again.guesses >= size.least)))


def graded(numbers: np.random.Generator, boards: np.ndarray, solutions: np.ndarray, side: int, symmetries: int = SYMMETRIES) -> Mined:
    """Boards (B, N) with one solution each, and what a solver needs for them."""
    guesses, rounds = np.zeros(len(boards)), np.zeros(len(boards))
    for _ in range(symmetries):
        found = solve(shuffle(numbers, boards, solutions, side)[0], side, limit=1)
        guesses += found.guesses / symmetries
        rounds += found.rounds / symmetries
    return Mined(boards, solutions, guesses, rounds)


def strip(numbers: np.random.Generator, boards: np.ndarray, side: int) -> np.ndarray:
    """Take clues away in random order until each board (B, N) is minimal: without any one of its clues it has several solutions."""
    boards = boards.copy()
    order = np.argsort(np.where(boards > 0, numbers.random(boards.shape), 2.0), axis=1)
    for place in range(int((boards > 0).sum(axis=1).max())):
        cells = order[:, place]
        rows = np.flatnonzero(boards[np.arange(len(boards)), cells])
        gone = can_go(boards[rows], cells[rows], side)
        boards[rows[gone], cells[rows[gone]]] = 0
    return boards


def can_go(boards: np.ndarray, cells: np.ndarray, side: int) -> np.ndarray:
    """Whether each board (B, N) with one solution keeps it as the only one without its clue at `cells` (B,), (B,) bool.

    A search for one solution with another digit there is shorter than a search for two solutions.
    """
    here = np.arange(len(boards))
    states = candidates(boards, side)
    states[cells, here] = np.uint16(2**side - 1) & ~states[cells, here]
    return search(states, side, limit=1).solutions == 0


def evolve(numbers: np.random.Generator, found: Mined, side: int, size: Size) -> Mined:
    """Swap clues for others of the solution, and give back all boards on the way that need `size.least` guesses or more.

    What is hard enough stays so and wanders; what is not gets no easier, and the easiest give way to the others.
    """
    count, harvest = len(found.boards), []
    for move in range(size.moves):
        swapped, sound = swap(numbers, found.boards, found.solutions, side)
        rows = np.flatnonzero(sound)
        tried = graded(numbers, swapped[rows], found.solutions[rows], side)
        harvest.append(tried.rows(tried.guesses >= size.least))
        better = tried.guesses >= np.minimum(found.guesses[rows], size.least + MARGIN)
        for kept, new in zip(found, tried, strict=True):
            kept[rows[better]] = new[better]
        if move % ROUND == ROUND - 1:
            # The best of several noisy grades is too good to be true: they are taken anew before anything is judged by them.
            again = graded(numbers, found.boards, found.solutions, side)
            found = found._replace(guesses=(found.guesses + again.guesses) / 2, rounds=(found.rounds + again.rounds) / 2)
            order = np.argsort(found.guesses, kind="stable")
            worst = order[: count // REPLACED]
            worst = worst[found.guesses[worst] < size.least + MARGIN]
            heirs = _spread(numbers, found.solutions, order[count // 2 :], len(worst))
            for array in found:
                array[worst] = array[heirs]
    return Mined(*(np.concatenate(arrays) for arrays in zip(*harvest, strict=True)))


def _spread(numbers, solutions, rows, count):
    """`count` of the rows, each solution as likely as any other, so that few lines do not crowd out the rest."""
    _, line, boards = np.unique(solutions[rows], axis=0, return_inverse=True, return_counts=True)
    weights = 1 / boards[line.ravel()]
    return rows[numbers.choice(len(rows), count, p=weights / weights.sum())]


def swap(numbers: np.random.Generator, boards: np.ndarray, solutions: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """One clue away, and another of the solution in, so that it stays the only one: (boards (B, N), where that was to be had (B,) bool).

    Without its clue a board has other solutions. A cell in which all of them differ from the right one tells it from them all.
    """
    here = np.arange(len(boards))
    away = np.where(boards > 0, numbers.random(boards.shape), -1.0).argmax(axis=1)
    fewer = boards.copy()
    fewer[here, away] = 0
    others: list = []
    states = candidates(fewer, side)
    states[away, here] = np.uint16(2**side - 1) & ~candidates(solutions, side)[away, here]
    count = search(states, side, ALTERNATIVES, others).solutions
    tells = fewer == 0
    tells[here, away] = False
    for board, answers in others:
        np.logical_and.at(tells, board, answers != solutions[board])
    into = np.where(tells, numbers.random(boards.shape), -1.0).argmax(axis=1)
    fewer[here, into] = solutions[here, into]
    return fewer, (count < ALTERNATIVES) & tells.any(axis=1)
