"""Sudokus of side 4, 6 and 9 with exactly one solution, graded, and their symmetries; the held-out ones share no solution with training."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from hrm.puzzles.examples import Examples, generator
from hrm.puzzles.sudoku_solver import BOXES, digits, fill_singles, solve
from longrun.errors import UserError

BLANK = 1
"""Token of a blank; 0 is PAD and digit d is d + 1, as published."""
HELD_OUT_SHARE = 10
"""One solution in so many, by a hash of its digits, is never shown in training."""
_WEIGHTS = np.random.default_rng(20260).integers(1, 2**31, 81)


def random_solutions(numbers: np.random.Generator, side: int, count: int) -> np.ndarray:
    """(count, N) int8 full boards, filled cell by cell at random; boards that run into a contradiction are dropped."""
    cells, found = side * side, []
    while sum(map(len, found)) < count:
        state = np.full((cells, min(max(count, 64), 4096)), 2**side - 1, np.uint16)
        while state.shape[1]:
            state, alive, _ = fill_singles(state, side)
            state = state[:, alive]
            left = np.bitwise_count(state)
            done = (left == 1).all(axis=0)
            found.append(digits(state[:, done]))
            state, left = state[:, ~done], left[:, ~done]
            # The most constrained cell; ties, and its digit, by chance.
            cell = np.argmin(np.where(left > 1, left, 99) + numbers.random(left.shape), axis=0)
            here = np.arange(len(cell))
            bits = np.left_shift(1, np.arange(side)).astype(np.uint16)
            allowed = (state[cell, here][:, None] & bits) > 0
            state[cell, here] = bits[np.argmax(allowed * (0.5 + numbers.random(allowed.shape)), axis=1)]
    return np.concatenate(found)[:count]


def dig(numbers: np.random.Generator, solutions: np.ndarray, side: int, givens: np.ndarray) -> np.ndarray:
    """Take digits away, keeping the solution unique, until each board has `givens` (B,) of them or none can go.

    Several cells at a time as long as that works, then fewer; cells that must stay are not tried again.
    """
    boards = solutions.copy()
    order = np.argsort(numbers.random(solutions.shape), axis=1)
    place = np.zeros(len(boards), int)
    stride = np.maximum((side * side - givens) // 2, 1)
    active = np.arange(len(boards))
    while active.size:
        reach = np.minimum(stride[active], (boards[active] > 0).sum(axis=1) - givens[active])
        rank = np.arange(side * side)
        chosen = (rank >= place[active, None]) & (rank < (place[active] + reach)[:, None])
        tried = boards[active].copy()
        row, position = np.nonzero(chosen)
        tried[row, order[active][row, position]] = 0
        unique = solve(tried, side).solutions == 1
        boards[active[unique]] = tried[unique]
        place[active[unique]] += reach[unique]
        single = ~unique & (reach <= 1)
        place[active[single]] += 1
        stride[active[~unique]] = np.maximum(reach[~unique] // 2, 1)
        more = ((boards[active] > 0).sum(axis=1) > givens[active]) & (place[active] < side * side)
        active = active[more]
    return boards


def is_held_out(solutions: np.ndarray) -> np.ndarray:
    """Whether solutions (B, N) belong to the held-out tenth."""
    return (solutions.astype(np.int64) @ _WEIGHTS[: solutions.shape[1]]) % 7919 % HELD_OUT_SHARE == 0


class Symmetries(NamedTuple):
    """Of B boards, one each: digits, bands, rows, stacks, columns, and transposition."""

    names: np.ndarray
    """(B, side + 1) int: what each digit becomes; a blank stays one."""
    index: np.ndarray
    """(B, N) int: the cell that each cell is taken from."""

    def applied(self, grids: np.ndarray) -> np.ndarray:
        """Grids (B, N) of digits under them, int8."""
        return np.take_along_axis(self.names, np.take_along_axis(grids, self.index, axis=1).astype(int), axis=1).astype(np.int8)

    def undone(self, grids: np.ndarray) -> np.ndarray:
        """Grids (B, N) of digits as they were before, int8."""
        digits = np.take_along_axis(np.argsort(self.names, axis=1), grids.astype(int), axis=1)
        return np.take_along_axis(digits, np.argsort(self.index, axis=1), axis=1).astype(np.int8)


def random_symmetries(numbers: np.random.Generator, count: int, side: int) -> Symmetries:
    """As many, each as likely as any other."""
    high, wide = BOXES[side]
    names = np.concatenate([np.zeros((count, 1), int), 1 + np.argsort(numbers.random((count, side)), axis=1)], axis=1)
    rows, columns = (_line_order(numbers, count, side, size) for size in (high, wide))
    index = rows[:, :, None] * side + columns[:, None, :]
    if high == wide:
        index = np.where(numbers.random((count, 1, 1)) < 0.5, index.transpose(0, 2, 1), index)
    return Symmetries(names, index.reshape(count, side * side))


def shuffle(numbers: np.random.Generator, boards: np.ndarray, solutions: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Each puzzle (B, N) and its solution under a random symmetry."""
    drawn = random_symmetries(numbers, len(boards), side)
    return drawn.applied(boards), drawn.applied(solutions)


def _line_order(numbers, count, side, size):
    bands = np.repeat(numbers.random((count, side // size)), size, axis=1)
    return np.argsort(bands + 1e-9 * numbers.random((count, side)), axis=1)


class Sudoku:
    """A pool of graded puzzles; a step shows them under fresh symmetries.

    givens: fewest and most givens. grade: "any", "singles" (naked and hidden singles solve it) or "search" (a guess is needed).
    Both ways to puzzles raise UserError where none of this kind turns up.
    """

    tasks = ("sudoku",)
    identifiers = ("sudoku",)
    content = ""

    def __init__(self, side: int, givens: tuple[int, int], grade: str, pool: int, seed: int):
        self._side, self._givens, self._grade = side, givens, grade
        self._size, self._seed = pool, seed

    @cached_property
    def _pool(self):
        # Not before the first step: a judge needs the held-out puzzles alone.
        return self._make(generator(self._seed, 0, "sudoku pool"), self._size, held_out=False)

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Puzzles of a training step."""
        numbers = generator(seed, step, "sudoku")
        chosen = numbers.integers(0, len(self._pool[0]), count)
        boards, solutions, difficulty = (array[chosen] for array in self._pool)
        shown = shuffle(numbers, boards, solutions, self._side)
        # A symmetry can lead to a held-out solution; those puzzles are shown as they are.
        spared = is_held_out(shown[1])[:, None]
        boards, solutions = np.where(spared, boards, shown[0]), np.where(spared, solutions, shown[1])
        return self._examples(boards, solutions, difficulty)

    def held_out(self, count: int) -> Examples:
        """Puzzles whose solutions no training step shows."""
        return self._examples(*self._make(generator(0, 0, "sudoku held out"), count, held_out=True))

    def probes(self, held_out: Examples) -> Examples:
        """The held-out puzzles: there is one task."""
        return held_out

    def _make(self, numbers, count, held_out):
        found, barren = [], 0
        low, high = self._givens
        while sum(len(part[0]) for part in found) < count:
            solutions = random_solutions(numbers, self._side, max(256, min(2048, count)))
            solutions = np.unique(solutions[is_held_out(solutions) == held_out], axis=0)
            boards = dig(numbers, solutions, self._side, numbers.integers(low, high + 1, len(solutions)))
            solved = solve(boards, self._side)
            kept = (boards > 0).sum(axis=1) <= high
            kept &= {"any": kept, "singles": solved.guesses == 0, "search": solved.guesses > 0}[self._grade]
            difficulty = (solved.rounds + 10 * solved.guesses).astype(np.float32)
            found.append((boards[kept], solutions[kept], difficulty[kept]))
            barren = 0 if kept.any() else barren + 1
            if barren == 5:
                raise UserError(f"no Sudoku of side {self._side} with {low} to {high} givens and grade {self._grade} was found")
        return tuple(np.concatenate(arrays)[:count] for arrays in zip(*found, strict=True))

    @staticmethod
    def _examples(boards, solutions, difficulty):
        zeros = np.zeros(len(boards), np.int32)
        return Examples(boards.astype(np.int32) + BLANK, solutions.astype(np.int32) + BLANK, zeros, zeros, difficulty)
