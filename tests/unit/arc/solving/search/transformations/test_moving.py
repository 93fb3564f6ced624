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
