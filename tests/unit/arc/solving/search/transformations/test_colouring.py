"""Colours of a small grid changed."""

import numpy as np
import pytest

from arc.solving.search.transformations.colouring import TRANSFORMATIONS

GRID = np.array([[1, 1, 0], [2, 0, 0]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("only 1", [[1, 1, 0], [0, 0, 0]]),
        ("without 1", [[0, 0, 0], [2, 0, 0]]),
        ("only rarest", [[0, 0, 0], [2, 0, 0]]),
        ("without rarest", [[1, 1, 0], [0, 0, 0]]),
        ("paint commonest", [[1, 1, 0], [1, 0, 0]]),
        ("negative", [[0, 0, 1], [0, 1, 1]]),
        ("exchange", [[2, 2, 0], [1, 0, 0]]),
        ("ground commonest", [[1, 1, 1], [2, 1, 1]]),
        ("only zero", [[0, 0, 1], [0, 1, 1]]),
    ],
)
def test_each_changes_what_it_names(name, expected):
    assert TRANSFORMATIONS[name](GRID).tolist() == expected


def test_the_commonest_colour_becomes_the_background():
    assert TRANSFORMATIONS["background"](np.array([[4, 4, 0]], np.int8)).tolist() == [[0, 0, 4]]
    assert TRANSFORMATIONS["background"](GRID) is None


def test_no_colour_is_commonest_where_two_are_as_common():
    assert TRANSFORMATIONS["only commonest"](np.array([[1, 2]], np.int8)) is None
