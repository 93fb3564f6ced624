"""Rectangles."""

import numpy as np

from arc.solving.search.transformations.rectangles import TRANSFORMATIONS

GRID = np.array([[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 0, 2, 0]], np.int8)


def changed(name, grid=GRID):
    found = TRANSFORMATIONS[name](grid)
    return None if found is None else found.tolist()


def test_the_largest_empty_rectangle():
    assert changed("largest empty") == [[0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 0, 0]]
    assert changed("largest empty", np.ones((2, 2), np.int8)) is None


def test_wherever_a_square_fits():
    assert changed("empty squares 2") == changed("largest empty") and changed("empty squares 3") is None


def test_what_is_thick_and_what_is_thin():
    assert changed("thick") == [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]
    assert changed("thin") == [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 1, 0, 2, 0]]


def test_single_cells_and_gaps_go():
    grid = np.full((5, 5), 3, np.int8)
    grid[2, 2] = 7
    assert changed("cleaned", grid) == np.full((5, 5), 3).tolist()


def test_each_colour_keeps_its_largest_rectangle():
    assert changed("rectangles of colours") == [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 2, 0]]
