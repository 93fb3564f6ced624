"""The list of held-out hard Sudokus is what mining gives."""

import numpy as np

from hrm.puzzles import hard
from hrm.puzzles.sudoku import BLANK
from hrm.puzzles.sudoku_csv import read_sudoku_csv


def test_the_list_begins_with_the_first_boards_that_are_mined(tmp_path, monkeypatch):
    monkeypatch.setenv("HRM_CACHE", str(tmp_path))
    mined, listed = hard.hard_boards(9, 0, 0, held_out=True), read_sudoku_csv(hard.LISTED)
    count = len(mined.boards)
    assert count > 32 and np.array_equal(listed.tokens[:count] - BLANK, mined.boards)
    assert np.array_equal(listed.labels[:count] - BLANK, mined.solutions)
    assert np.allclose(listed.difficulty[:count], mined.guesses, atol=0.01)
