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
ROUND = 5
"""Moves between two selections."""
REPLACED = 16
"""One board in so many gives way to another in a selection."""


class Size(NamedTuple):
    """How much is mined at a time."""

    common: int = 2048
    """Minimal boards that are made and graded."""
    kept: int = 256
    """The hardest of them, from which the search sets out."""
    moves: int = 50
    """Moves of the search between two harvests."""
    harvests: int = 8
    """Harvests of all boards that the search has come to."""
    least: float = 5.0
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
    """The hardest of many minimal boards, and what a search that sets out from them comes by: at least `size.least` guesses each."""
    found = common(numbers, side, allowed, size.common)
    found = found.rows(np.argsort(-found.guesses, kind="stable")[: size.kept])
    harvest = []
    for _ in range(size.harvests):
        found = evolve(numbers, found, side, size.moves)
        harvest.append(found.boards)
    boards = np.unique(np.concatenate(harvest), axis=0)
    # A swap can leave a clue too many.
    solutions = solve(boards, side, limit=1).answer
    boards, places = np.unique(strip(numbers, boards, side), axis=0, return_index=True)
    again = graded(numbers, boards, solutions[places], side)
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


def evolve(numbers: np.random.Generator, found: Mined, side: int, moves: int) -> Mined:
    """Swap clues for others of the solution, keep what needs as many guesses or more, and let the hardest take the place of the easiest."""
    count = len(found.boards)
    for move in range(moves):
        swapped = swap(numbers, found.boards, found.solutions)
        rows = np.flatnonzero(solve(swapped, side).solutions == 1)
        tried = graded(numbers, swapped[rows], found.solutions[rows], side)
        better = tried.guesses >= found.guesses[rows]
        for kept, new in zip(found, tried, strict=True):
            kept[rows[better]] = new[better]
        if move % ROUND == ROUND - 1:
            # The best of several noisy grades is too good to be true: they are taken anew before anything is judged by them.
            again = graded(numbers, found.boards, found.solutions, side)
            found = found._replace(guesses=(found.guesses + again.guesses) / 2, rounds=(found.rounds + again.rounds) / 2)
            order = np.argsort(found.guesses, kind="stable")
            worst, best = order[: count // REPLACED], numbers.choice(order[count // 2 :], count // REPLACED, replace=False)
            for array in found:
                array[worst] = array[best]
    return found


def swap(numbers: np.random.Generator, boards: np.ndarray, solutions: np.ndarray) -> np.ndarray:
    """One or two clues of each board (B, N) away, and as many others of its solution in."""
    swapped, keys, here = boards.copy(), numbers.random(boards.shape), np.arange(len(boards))
    away = np.argsort(np.where(boards > 0, keys, 2.0), axis=1)
    into = np.argsort(np.where(boards > 0, 2.0, keys), axis=1)
    count = numbers.integers(1, 3, len(boards))
    for place in range(2):
        rows = here[count > place]
        swapped[rows, away[rows, place]] = 0
        swapped[rows, into[rows, place]] = solutions[rows, into[rows, place]]
    return swapped
