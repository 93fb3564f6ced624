"""Boards mined for the guesses that they need."""

import numpy as np
import pytest

from hrm.puzzles import mining
from hrm.puzzles.mining import Mined, Size
from hrm.puzzles.sudoku import is_held_out, random_solutions
from hrm.puzzles.sudoku_solver import solve

SMALL = Size(common=24, kept=8, moves=4, least=2.0)


@pytest.fixture(scope="module")
def minimal() -> Mined:
    return mining.common(np.random.default_rng(1), 9, lambda solutions: ~is_held_out(solutions), 24)


def test_minimal_boards_need_every_clue(minimal):
    found = solve(minimal.boards, 9)
    assert (found.solutions == 1).all() and (found.answer == minimal.solutions).all()
    for row in (0, 1):
        clues = np.flatnonzero(minimal.boards[row])
        fewer = np.tile(minimal.boards[row], (len(clues), 1))
        fewer[np.arange(len(clues)), clues] = 0
        assert (solve(fewer, 9).solutions == 2).all()


def test_a_clue_that_others_imply_can_go(minimal):
    more = minimal.boards.copy()
    blank = (more == 0).argmax(axis=1)
    more[np.arange(len(more)), blank] = minimal.solutions[np.arange(len(more)), blank]
    assert mining.can_go(more, blank, 9).all()
    assert not mining.can_go(minimal.boards, minimal.boards.argmax(axis=1), 9).any()


def test_a_swap_keeps_the_solution_the_only_one(minimal):
    swapped, sound = mining.swap(np.random.default_rng(2), minimal.boards, minimal.solutions, 9)
    assert sound.mean() > 0.1
    found = solve(swapped[sound], 9)
    assert (found.solutions == 1).all() and (found.answer == minimal.solutions[sound]).all()
    assert ((swapped != minimal.boards).sum(axis=1)[sound] == 2).all()


def test_grades_do_not_hang_on_the_order_of_the_cells(minimal):
    one, other = (mining.graded(np.random.default_rng(seed), minimal.boards, minimal.solutions, 9, 16) for seed in (3, 4))
    assert np.abs(one.guesses - other.guesses).mean() < 0.5
    assert np.corrcoef(one.guesses, other.guesses)[0, 1] > 0.9


def test_mining_finds_harder_boards_of_allowed_solutions():
    found, again = (mining.mine(np.random.default_rng(5), 9, is_held_out, SMALL) for _ in range(2))
    assert len(found.boards) and (found.guesses >= SMALL.least).all()
    assert (found.boards == again.boards).all()
    assert is_held_out(found.solutions).all() and (solve(found.boards, 9).answer == found.solutions).all()
    assert len(np.unique(found.boards, axis=0)) == len(found.boards)


def test_all_solutions_are_given_where_they_are_asked_for():
    from hrm.puzzles.sudoku_solver import candidates, search

    empty, every = np.zeros((1, 16), np.int8), []
    assert search(candidates(empty, 4), 4, 1000, every).solutions == 288
    assert len(np.unique(np.concatenate([answers for _, answers in every]), axis=0)) == 288


def test_few_lines_do_not_crowd_out_the_rest():
    solutions = np.repeat(random_solutions(np.random.default_rng(6), 4, 2), [99, 1], axis=0)
    drawn = mining._spread(np.random.default_rng(7), solutions, np.arange(100), 400)
    assert 0.4 < (drawn == 99).mean() < 0.6
