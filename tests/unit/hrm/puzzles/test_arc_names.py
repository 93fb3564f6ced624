"""The rows of a published ARC table, by their names."""

import numpy as np
import pytest

from arc.grids.augmentation import Augmentation
from hrm.puzzles.arc_names import are_published, rows_by_task

GRID = np.array([[0, 1, 2], [3, 4, 5]])
PUBLISHED = [
    lambda grid: grid,
    lambda grid: np.rot90(grid, 1),
    lambda grid: np.rot90(grid, 2),
    lambda grid: np.rot90(grid, 3),
    np.fliplr,
    np.flipud,
    np.transpose,
    lambda grid: np.fliplr(np.rot90(grid, 1)),
]
"""What the published data sets do for t0 to t7."""


@pytest.mark.parametrize("turn", range(8))
@pytest.mark.parametrize("between", ["|||", "_"])
def test_a_variant_is_the_published_one(turn, between):
    colours = "0291387456"
    rows = rows_by_task(["<blank>", f"a{between}t{turn}{between}{colours}", "a"])["a"]
    assert rows[0] == (2, Augmentation()) and rows[1][0] == 1
    wanted = PUBLISHED[turn](np.array(list(map(int, colours)))[GRID])
    np.testing.assert_array_equal(rows[1][1].apply(GRID), wanted)
    np.testing.assert_array_equal(rows[1][1].invert(wanted), GRID)


def test_what_is_no_task_or_no_variant_has_no_row_of_a_task():
    names = ["<blank>", "a|||t1|||0123456789", "b", "b|||t9|||0123456789", "b|||t1|||0000000000", "<blank>"]
    assert list(rows_by_task(names)) == ["b", "b|||t9|||0123456789", "b|||t1|||0000000000"]


def test_tables_of_runs_are_none_of_these():
    assert not are_published(()) and not are_published(["a|||3|||0291387456", "sudoku"])
    assert are_published(["<blank>", "a"]) and are_published(["a", "a|||t3|||0291387456"])
