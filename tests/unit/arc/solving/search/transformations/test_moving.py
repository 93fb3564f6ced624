"""Cells and objects moved."""

import numpy as np
import pytest

from arc.solving.search.transformations.moving import TRANSFORMATIONS

GRID = np.array([[1, 1, 0], [0, 2, 0], [0, 0, 0]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fall down", [[0, 0, 0], [0, 1, 0], [1, 2, 0]]),
        ("fall right", [[0, 1, 1], [0, 0, 2], [0, 0, 0]]),
        ("fall up", [[1, 1, 0], [0, 2, 0], [0, 0, 0]]),
        ("shift down", [[0, 0, 0], [1, 1, 0], [0, 2, 0]]),
        ("shift left", [[1, 0, 0], [2, 0, 0], [0, 0, 0]]),
        ("roll up", [[0, 2, 0], [0, 0, 0], [1, 1, 0]]),
        ("move to edge down", [[0, 0, 0], [1, 1, 0], [0, 2, 0]]),
        ("move to edge right", [[0, 1, 1], [0, 0, 2], [0, 0, 0]]),
        ("objects fall down", [[0, 0, 0], [1, 1, 0], [0, 2, 0]]),
    ],
)
def test_each_goes_where_it_says(name, expected):
    assert TRANSFORMATIONS[name](GRID).tolist() == expected


def test_an_object_lands_on_another_as_it_is():
    grid = np.array([[3, 3], [0, 0], [0, 4], [0, 0]], np.int8)
    assert TRANSFORMATIONS["objects fall down"](grid).tolist() == [[0, 0], [0, 0], [3, 3], [0, 4]]
    assert TRANSFORMATIONS["fall down"](grid).tolist() == [[0, 0], [0, 0], [0, 3], [3, 4]]


APART = np.array([[1, 0, 0, 2, 0], [1, 0, 0, 0, 0], [1, 0, 0, 1, 0], [0, 0, 0, 0, 3]], np.int8)


def changed(name, grid=APART):
    return TRANSFORMATIONS[name](grid).tolist()


def test_everything_in_its_rows_moves_to_the_largest_part():
    assert changed("move to largest") == [[1, 2, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 3]]


def test_to_the_largest_of_its_colour_or_away():
    assert changed("move to own colour") == [[1, 0, 0, 2, 0], [1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 3]]
    assert changed("move to own colour or go") == [[1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]


def test_lines_go_there():
    assert changed("line to largest") == [[1, 2, 2, 2, 0], [1, 0, 0, 0, 0], [1, 1, 1, 1, 0], [0, 0, 0, 0, 3]]
    assert changed("line to own colour")[0] == APART[0].tolist()


def test_alone_nothing_moves():
    assert TRANSFORMATIONS["move to largest"](np.eye(2, dtype=np.int8)) is None


def test_what_is_beside_neither_side_may_go_slanted():
    assert changed("move to largest any way")[1] == [1, 0, 3, 0, 0]
