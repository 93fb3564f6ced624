"""Patterns with a hole, completed from what is left of them."""

import numpy as np
import pytest

from arc.solving.search.transformations.completing import TRANSFORMATIONS

ROW, COLUMN = np.indices((6, 6))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("complete tiles", 1 + ROW % 2 + 3 * (COLUMN % 3)),
        ("complete slanted", 1 + (ROW + COLUMN) % 4),
        ("complete mirrors", 1 + (np.minimum(ROW, 5 - ROW) + 2 * np.minimum(COLUMN, 5 - COLUMN)) % 9),
        ("with mirror columns", 1 + np.minimum(COLUMN, 5 - COLUMN) + ROW),
        ("with mirror rows", 1 + np.minimum(ROW, 5 - ROW) + COLUMN),
        ("with transpose", 1 + (ROW * COLUMN) % 8),
        ("with half turn", 1 + np.minimum(ROW * 6 + COLUMN, 35 - ROW * 6 - COLUMN) % 9),
    ],
)
def test_a_hole_is_filled(name, pattern):
    pattern = pattern.astype(np.int8)
    holed = pattern.copy()
    holed[1, 3:5] = 0
    assert TRANSFORMATIONS[name](holed).tolist() == pattern.tolist()


def test_a_single_wrong_cell_is_outvoted():
    pattern = (1 + ROW % 2 + 3 * (COLUMN % 2)).astype(np.int8)
    wrong = pattern.copy()
    wrong[2, 3] = 9
    assert TRANSFORMATIONS["usual tiles"](wrong).tolist() == pattern.tolist()


def test_what_has_no_pattern_is_left_alone():
    grid = np.random.default_rng(0).integers(1, 10, (6, 6)).astype(np.int8)
    assert TRANSFORMATIONS["complete tiles"](grid) is None and TRANSFORMATIONS["complete mirrors"](grid) is None


@pytest.mark.parametrize(
    ("name", "along_columns", "expected"),
    [
        ("continue rows", "continue columns", [2, 1, 2, 1, 2, 1, 2, 1, 2]),
        ("continue right", "continue down", [0, 0, 0, 1, 2, 1, 2, 1, 2]),
        ("continue left", "continue up", [2, 1, 2, 1, 2, 0, 0, 0, 0]),
    ],
)
def test_a_row_goes_on_as_it_began_but_not_a_single_cell(name, along_columns, expected):
    grid = np.zeros((2, 9), np.int8)
    grid[0, [3, 4]] = 1, 2
    grid[1, 5] = 7
    assert TRANSFORMATIONS[name](grid).tolist() == [expected, grid[1].tolist()]
    assert TRANSFORMATIONS[along_columns](grid.T).T.tolist() == [expected, grid[1].tolist()]


def test_gaps_are_repeated_too():
    grid = np.array([[0, 2, 0, 8, 0, 0, 0, 0, 0, 0]], np.int8)
    assert TRANSFORMATIONS["continue right"](grid).tolist() == [[0, 2, 0, 8, 0, 2, 0, 8, 0, 2]]
