"""Pictures by number."""

import numpy as np

from arc.solving.search.pool import NOTHING, Pool


def test_equal_pictures_have_one_number_and_other_shapes_another():
    pool = Pool()
    one, again, other = (pool.add(np.array(grid, np.int8)) for grid in ([[1, 2]], [[1, 2]], [[1], [2]]))
    assert one == again != other and len(pool.grids) == 2


def test_no_picture_an_empty_one_and_one_too_large_are_nothing():
    pool = Pool()
    assert [pool.add(grid) for grid in (None, np.zeros((0, 3), np.int8), np.zeros((31, 1), np.int8))] == [NOTHING] * 3


def test_a_change_is_computed_once_and_counted():
    pool, asked = Pool(), []

    def add(grid):
        asked.append(grid)
        return grid + 1

    number = pool.add(np.array([[1]], np.int8))
    assert pool.change("add", add, number) == pool.change("add", add, number) == pool.add(np.array([[2]], np.int8))
    assert len(asked) == pool.work == 1
