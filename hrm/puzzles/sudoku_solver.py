"""Many Sudokus at once: singles, search, and how many solutions there are, as array operations over a whole batch.

A board is (N,) digits with 0 for a blank, N = side * side. While it is solved it is a set of candidates for each cell, as bits; boards lie
along the last axis, so that every operation runs over the whole batch at once. A search is one over a pile of partly filled boards that all
know which board they come from.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
"""Side -> rows and columns of a box."""
_PILE = 2048
"""Boards that are worked on at once."""


class Solved(NamedTuple):
    """What a search found out about each board."""

    solutions: np.ndarray
    """(B,) int: how many there are, counted up to the limit."""
    answer: np.ndarray
    """(B, N) int8: one of them, or zeros."""
    rounds: np.ndarray
    """(B,) int: rounds of singles on the way to the answer, guesses included."""
    guesses: np.ndarray
    """(B,) int: how many guesses deep the answer lies; 0: singles suffice."""


@cache
def units(side: int) -> np.ndarray:
    """(3 * side, side) int: the cells of each row, column and box."""
    high, wide = BOXES[side]
    row, column = np.divmod(np.arange(side * side), side)
    box = row // high * (side // wide) + column // wide
    return np.concatenate([np.argsort(kind, kind="stable").reshape(side, side) for kind in (row, column, box)])


@cache
def _units_of_cells(side):
    """(N, 3) int: the row, column and box of each cell."""
    return np.array([np.flatnonzero((units(side) == cell).any(axis=1)) for cell in range(side * side)])


def is_valid_answer(answers: np.ndarray, side: int) -> np.ndarray:
    """Whether each full board (B, N) has every digit once in each unit, (B,) bool."""
    bits = np.left_shift(1, answers.astype(int) - 1)[:, units(side)]
    inside = ((answers >= 1) & (answers <= side)).all(axis=1)
    return inside & (np.bitwise_or.reduce(bits, axis=2) == 2**side - 1).all(axis=1)


def solve(boards: np.ndarray, side: int, limit: int = 2) -> Solved:
    """Search every board (B, N) for up to `limit` solutions."""
    return search(candidates(boards, side), side, limit)


def search(states: np.ndarray, side: int, limit: int = 2, every: list | None = None) -> Solved:
    """Search candidates (N, B) uint16 of every board for up to `limit` solutions.

    every: is given all that are found, as pairs of (boards (S,) int, answers (S, N) int8); of a board that has more, some beyond the limit.
    """
    count = states.shape[1]
    solutions, guesses, rounds = np.zeros(count, int), np.zeros(count, int), np.zeros(count, int)
    answer = np.zeros((count, side * side), np.int8)
    starts = [np.arange(first, min(first + _PILE, count)) for first in range(0, count, _PILE)]
    pile = [(states[:, rows], rows, 0) for rows in starts]
    while pile:
        state, origin, depth = pile.pop()
        wanted = solutions[origin] < limit
        state, origin = state[:, wanted], origin[wanted]
        if not len(origin):
            continue
        state, alive, needed = fill_singles(state, side)
        state, origin, needed = state[:, alive], origin[alive], needed[alive]
        left = np.bitwise_count(state)
        done = (left == 1).all(axis=0)
        if done.any():
            if every is not None:
                every.append((origin[done], digits(state[:, done])))
            first = solutions[origin[done]] == 0
            where = origin[done][first]
            answer[where] = digits(state[:, done][:, first])
            guesses[where], rounds[where] = depth, needed[done][first] + depth
            np.add.at(solutions, origin[done], 1)
        if not done.all():
            guessed, source = _guess(state[:, ~done], left[:, ~done], side)
            source = origin[~done][source]
            pile += [(guessed[:, i : i + _PILE], source[i : i + _PILE], depth + 1) for i in range(0, len(source), _PILE)]
    return Solved(np.minimum(solutions, limit), answer, rounds, guesses)


def fill_singles(state: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Apply naked and hidden singles until nothing changes.

    state: (N, B) uint16, bit d - 1 set where the cell may still hold d. Returns it, whether no contradiction showed, and the rounds needed.
    """
    state = state.copy()
    alive, rounds = np.ones(state.shape[1], bool), np.zeros(state.shape[1], int)
    active = np.arange(state.shape[1])
    groups, of_cell, full = units(side), _units_of_cells(side), 2**side - 1
    while active.size:
        now = state[:, active]
        known = np.where(np.bitwise_count(now) == 1, now, 0)
        seen, twice = _once_and_twice(known, groups)
        sound = (twice == 0).all(axis=0)
        after = np.where(known > 0, now, now & ~_any_of(seen, of_cell))
        seen, twice = _once_and_twice(after, groups)
        sound &= (seen == full).all(axis=0)
        hidden = after & _any_of(seen & ~twice, of_cell)
        sound &= (np.bitwise_count(hidden) <= 1).all(axis=0)
        after = np.where(hidden > 0, hidden, after)
        sound &= (after > 0).all(axis=0)
        changed = (after != now).any(axis=0)
        state[:, active] = after
        rounds[active] += changed
        alive[active] = sound
        active = active[changed & sound]
    return state, alive, rounds


def candidates(boards: np.ndarray, side: int) -> np.ndarray:
    """Boards (B, N) of digits as candidates (N, B) uint16; a blank may hold anything."""
    return np.where(boards > 0, np.left_shift(1, np.maximum(boards, 1).astype(int) - 1), 2**side - 1).T.astype(np.uint16)


def digits(state: np.ndarray) -> np.ndarray:
    """Candidates (N, B), one for each cell, as boards (B, N) int8."""
    return (np.bitwise_count(state - np.uint16(1)) + 1).astype(np.int8).T


def _once_and_twice(state, groups):
    """Bits that at least one, and at least two, cells of each unit have; (3 * side, B)."""
    once = twice = np.zeros((len(groups), state.shape[1]), np.uint16)
    for cells in groups.T:
        bits = state[cells]
        once, twice = once | bits, twice | (once & bits)
    return once, twice


def _any_of(of_units, of_cell):
    return of_units[of_cell[:, 0]] | of_units[of_cell[:, 1]] | of_units[of_cell[:, 2]]


def _guess(state, left, side):
    """Every candidate of each board's most constrained cell, as boards of their own, and which board each comes from."""
    cell = np.where(left > 1, left, 99).argmin(axis=0)
    bits = np.left_shift(1, np.arange(side)).astype(np.uint16)
    board, digit = np.nonzero(state[cell, np.arange(len(cell))][:, None] & bits)
    guessed = state[:, board]
    guessed[cell[board], np.arange(len(board))] = bits[digit]
    return guessed, board
