"""Small pictures of what there is how often."""

import numpy as np
import pytest

from arc.solving.search.transformations.counting import TRANSFORMATIONS

GRID = np.array([[6, 0, 6], [0, 0, 0], [5, 0, 6]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("colours row", [[6, 5]]),
        ("colours column", [[6], [5]]),
        ("colours row backwards", [[5, 6]]),
        ("bars", [[6, 6, 6], [5, 0, 0]]),
        ("commonest colour", [[6]]),
        ("rarest colour", [[5]]),
        ("as many as cells", [[6, 6, 6, 6]]),
        ("as many as parts", [[6, 6, 6, 6]]),
        ("rows by count", [[0, 0, 0], [6, 0, 6], [5, 0, 6]]),
    ],
)
def test_each_counts(name, expected):
    assert TRANSFORMATIONS[name](GRID).tolist() == expected


def test_parts_across_corners_are_one():
    assert TRANSFORMATIONS["diagonal of parts"](np.array([[1, 0, 0, 1], [0, 1, 0, 0]], np.int8)).tolist() == [[1, 0], [0, 1]]


def test_nothing_is_no_picture():
    assert all(TRANSFORMATIONS[name](np.zeros((2, 2), np.int8)) is None for name in ("bars", "colours row", "as many as parts"))
