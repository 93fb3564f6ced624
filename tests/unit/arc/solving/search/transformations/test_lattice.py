"""Grids of lines."""

import numpy as np

from arc.solving.search.transformations.lattice import TRANSFORMATIONS, into_lattice

GRID = np.array([[1, 0, 5, 2, 2], [0, 0, 5, 0, 2], [5, 5, 5, 5, 5], [0, 0, 5, 3, 3], [0, 0, 5, 3, 3]], np.int8)


def test_each_field_is_a_cell():
    assert TRANSFORMATIONS["fields"](GRID).tolist() == [[1, 2], [0, 3]]
    assert TRANSFORMATIONS["fields commonest"](GRID).tolist() == [[0, 2], [0, 3]]
    assert TRANSFORMATIONS["fields counted"](GRID).tolist() == [[1, 3], [0, 4]]


def test_a_small_picture_goes_back_into_the_fields():
    found = into_lattice(np.array([[1, 2], [3, 4]], np.int8), GRID)
    assert found[0].tolist() == [1, 1, 5, 2, 2] and found[-1].tolist() == [3, 3, 5, 4, 4] and (found[2] == 5).all()
    assert into_lattice(np.zeros((3, 2), np.int8), GRID) is None


def test_a_grid_without_lines_has_no_fields():
    assert TRANSFORMATIONS["fields"](np.arange(9, dtype=np.int8).reshape(3, 3)) is None
