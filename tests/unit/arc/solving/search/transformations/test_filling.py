"""Areas and borders of a ring with a spot beside it."""

import numpy as np
import pytest

from arc.solving.search.transformations.filling import TRANSFORMATIONS

RING = np.array([[3, 3, 3, 0, 0], [3, 0, 3, 0, 0], [3, 3, 3, 0, 6]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fill enclosed", [[3, 3, 3, 0, 0], [3, 3, 3, 0, 0], [3, 3, 3, 0, 6]]),
        ("enclosed", [[0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0]]),
        ("outside", [[0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [0, 0, 0, 1, 0]]),
        ("boxes", [[3, 3, 3, 0, 0], [3, 3, 3, 0, 0], [3, 3, 3, 0, 6]]),
        ("box lines", [[3, 3, 3, 0, 0], [3, 0, 3, 0, 0], [3, 3, 3, 0, 6]]),
        ("without single", [[3, 3, 3, 0, 0], [3, 0, 3, 0, 0], [3, 3, 3, 0, 0]]),
        ("grown edges", [[3, 3, 3, 3, 0], [3, 3, 3, 3, 6], [3, 3, 3, 6, 6]]),
        ("around edges", [[0, 0, 0, 3, 0], [0, 3, 0, 3, 6], [0, 0, 0, 6, 0]]),
        ("edge of grid", [[1, 1, 1, 1, 1], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]]),
    ],
)
def test_each_knows_inside_from_outside(name, expected):
    assert TRANSFORMATIONS[name](RING).tolist() == expected


def test_a_border_and_an_interior_are_the_whole():
    block = np.full((3, 4), 8, np.int8)
    assert TRANSFORMATIONS["interior"](block).tolist() == [[0] * 4, [0, 8, 8, 0], [0] * 4]
    assert (TRANSFORMATIONS["interior"](block) + TRANSFORMATIONS["border"](block) == block).all()


def test_a_cell_among_others_takes_their_colour():
    block = np.full((3, 3), 2, np.int8)
    block[1, 1] = 7
    assert (TRANSFORMATIONS["smoothed"](block) == 2).all()


def test_nothing_is_enclosed_by_nothing():
    assert TRANSFORMATIONS["fill enclosed"](np.zeros((2, 2), np.int8)) is None
