"""Sudokus: every puzzle has one solution, symmetries keep it so, and held-out solutions stay out of training."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrm.puzzles import sudoku, sudoku_solver
from hrm.puzzles.sudoku import Sudoku, dig, is_held_out, random_solutions, shuffle
from hrm.puzzles.sudoku_solver import BOXES, is_valid_answer, solve


def count_by_hand(board: list[int], side: int) -> int:
    """Solutions of a board by plain backtracking, up to 2."""
    high, wide = BOXES[side]
    place = lambda o: (o // side, o % side, (o // side // high, o % side // wide))  # noqa: E731

    def fits(cell, digit):
        others = (o for o in range(side * side) if o != cell and board[o] == digit)
        return all(here != there for o in others for here, there in zip(place(cell), place(o), strict=True))

    if not all(fits(cell, digit) for cell, digit in enumerate(board) if digit):
        return 0
    if 0 not in board:
        return 1
    cell = board.index(0)
    return min(2, sum(count_by_hand([*board[:cell], digit, *board[cell + 1 :]], side) for digit in range(1, side + 1) if fits(cell, digit)))


def test_there_are_288_sudokus_of_side_4():
    found = solve(np.zeros((1, 16), np.int8), 4, limit=1000)
    assert found.solutions[0] == 288


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(4, 12))
def test_solutions_are_counted_as_by_backtracking(seed, givens):
    numbers = np.random.default_rng(seed)
    board = random_solutions(numbers, 4, 1)
    board[0, numbers.permutation(16)[givens:]] = 0
    if seed % 3 == 0:
        board[0, numbers.integers(16)] = numbers.integers(1, 5)  # Often a contradiction.
    assert solve(board, 4).solutions[0] == count_by_hand(board[0].tolist(), 4)


@pytest.mark.parametrize(("side", "low", "high"), [(4, 5, 7), (6, 14, 18), (9, 28, 40)])
def test_dug_boards_have_one_solution_and_the_givens_asked_for(side, low, high):
    numbers = np.random.default_rng(0)
    solutions = random_solutions(numbers, side, 40)
    assert is_valid_answer(solutions, side).all()
    boards = dig(numbers, solutions, side, numbers.integers(low, high + 1, 40))
    solved = solve(boards, side)
    assert (solved.solutions == 1).all() and (solved.answer == solutions).all()
    assert ((boards > 0).sum(axis=1) <= high).mean() > 0.9
    for board, solution in zip(*shuffle(numbers, boards, solutions, side), strict=True):
        again = solve(board[None], side)
        assert again.solutions[0] == 1 and (again.answer[0] == solution).all()


def test_a_known_hard_board_needs_guesses_and_an_easy_one_none():
    # Arto Inkala's board of 2010, and a grid with one digit missing.
    hard = "..53.....8......2..7..1.5..4....53...1..7...6..32...8..6.5....9..4....3......97.."
    board = np.array([[0 if c == "." else int(c) for c in hard]], np.int8)
    found = solve(board, 9)
    assert found.solutions[0] == 1 and found.guesses[0] >= 1
    easy = found.answer.copy()
    easy[0, 40] = 0
    assert solve(easy, 9).guesses[0] == 0 and solve(easy, 9).rounds[0] == 1


def test_no_training_step_shows_a_held_out_solution():
    source = Sudoku(4, (5, 7), "any", 100, seed=0)
    shown = np.concatenate([source.batch(0, step, 64).labels for step in range(20)]) - 1
    held_out = source.held_out(50)
    assert not is_held_out(shown).any() and is_held_out(held_out.labels - 1).all()
    assert len(np.unique(shown, axis=0)) > 100
    given = held_out.tokens > sudoku.BLANK
    assert (held_out.tokens[given] == held_out.labels[given]).all()
    np.testing.assert_array_equal(source.batch(1, 2, 8).tokens, Sudoku(4, (5, 7), "any", 100, seed=0).batch(1, 2, 8).tokens)


def test_grades_are_kept_and_the_impossible_is_refused():
    source = Sudoku(9, (24, 30), "search", 20, seed=0)
    boards = source.batch(0, 0, 20)
    assert (solve((boards.tokens - 1).astype(np.int8), 9).guesses > 0).all() and (boards.difficulty >= 10).all()
    with pytest.raises(ValueError, match="no Sudoku of side 4 with 0 to 3 givens"):
        Sudoku(4, (0, 3), "any", 10, seed=0).held_out(10)


def test_every_unit_has_each_cell_three_times_in_all():
    for side in BOXES:
        assert np.bincount(sudoku_solver.units(side).ravel()).tolist() == [3] * side * side
