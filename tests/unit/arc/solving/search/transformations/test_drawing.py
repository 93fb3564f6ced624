"""Rays, connections and whole lines."""

import numpy as np
import pytest

from arc.solving.search.transformations.drawing import TRANSFORMATIONS

TWO = np.array([[0, 0, 0, 0], [4, 0, 0, 4], [0, 0, 0, 0]], np.int8)
SPOT = np.array([[0, 0, 0], [0, 5, 0], [0, 0, 0]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rays down", [[0, 0, 0], [0, 5, 0], [0, 5, 0]]),
        ("rays up", [[0, 5, 0], [0, 5, 0], [0, 0, 0]]),
        ("rays left", [[0, 0, 0], [5, 5, 0], [0, 0, 0]]),
        ("rays right", [[0, 0, 0], [0, 5, 5], [0, 0, 0]]),
        ("rays up left", [[5, 0, 0], [0, 5, 0], [0, 0, 0]]),
        ("rays down left", [[0, 0, 0], [0, 5, 0], [5, 0, 0]]),
        ("rays straight", [[0, 5, 0], [5, 5, 5], [0, 5, 0]]),
        ("rays slanted", [[5, 0, 5], [0, 5, 0], [5, 0, 5]]),
        ("lines", [[0, 5, 0], [5, 5, 5], [0, 5, 0]]),
        ("lines along columns", [[0, 5, 0], [0, 5, 0], [0, 5, 0]]),
    ],
)
def test_a_spot_sends_rays(name, expected):
    assert TRANSFORMATIONS[name](SPOT).tolist() == expected


def test_cells_of_one_colour_are_connected_and_others_are_not():
    assert TRANSFORMATIONS["connect rows"](TWO).tolist() == [[0] * 4, [4] * 4, [0] * 4]
    assert TRANSFORMATIONS["connect columns"](TWO).tolist() == TWO.tolist()
    unlike = np.where(np.arange(4) == 3, TWO // 2, TWO)
    assert TRANSFORMATIONS["connect rows"](unlike).tolist() == unlike.tolist()


def test_a_ray_ends_at_the_next_thing():
    assert TRANSFORMATIONS["rays right"](np.array([[1, 0, 2, 0]], np.int8)).tolist() == [[1, 1, 2, 2]]
