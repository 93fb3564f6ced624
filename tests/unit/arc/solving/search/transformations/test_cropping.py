"""Crops of a small grid."""

import numpy as np
import pytest

from arc.solving.search.transformations.cropping import TRANSFORMATIONS, largest_rectangle

GRID = np.array([[0, 0, 0, 0], [0, 2, 2, 0], [0, 2, 3, 0], [0, 0, 0, 0]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("crop drawn", [[2, 2], [2, 3]]),
        ("crop within", [[2, 2], [2, 3]]),
        ("crop frame", [[2, 2], [2, 3]]),
        ("crop upper half", [[0, 0, 0, 0], [0, 2, 2, 0]]),
        ("crop right half", [[0, 0], [2, 0], [3, 0], [0, 0]]),
        ("crop colour 3", [[3]]),
        ("crop rarest", [[3]]),
        ("crop commonest", [[2, 2], [2, 3]]),
        ("crop first column", [[0, 0, 0], [2, 2, 0], [2, 3, 0], [0, 0, 0]]),
    ],
)
def test_each_cuts_its_part_out(name, expected):
    assert TRANSFORMATIONS[name](GRID).tolist() == expected


def test_within_a_colour_is_inside_its_frame():
    grid = np.array([[5, 5, 5], [5, 7, 5], [5, 5, 5]], np.int8)
    assert TRANSFORMATIONS["crop within 5"](grid).tolist() == [[7]]


@pytest.mark.parametrize("name", ["crop colour 4", "crop within 3"])
def test_what_is_not_there_is_not_cut(name):
    assert TRANSFORMATIONS[name](GRID) is None


def test_the_largest_rectangle_may_touch_anything():
    mask = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 1, 1]], bool)
    size, box = largest_rectangle(mask)
    assert size == 6 and mask[box].all() and mask[box].shape == (3, 2)
    assert largest_rectangle(np.zeros((2, 2), bool)) is None
