"""Splits of pictures into lists."""

import numpy as np
import pytest

from arc.solving.search.transformations.splitting import SPLITS

GRID = np.array([[1, 0, 2], [2, 0, 2], [0, 0, 0]], np.int8)
PANELS = np.array([[1, 5, 2], [5, 5, 5], [3, 5, 4]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("colours", [[[1, 0, 0], [0, 0, 0], [0, 0, 0]], [[0, 0, 2], [2, 0, 2], [0, 0, 0]]]),
        ("objects", [[[1, 0, 0], [2, 0, 0], [0, 0, 0]], [[0, 0, 2], [0, 0, 2], [0, 0, 0]]]),
        ("rows", [[[1, 0, 2]], [[2, 0, 2]], [[0, 0, 0]]]),
        ("thirds beside", [[[1], [2], [0]], [[0], [0], [0]], [[2], [2], [0]]]),
    ],
)
def test_each_gives_its_list(name, expected):
    assert [grid.tolist() for grid in SPLITS[name](GRID)] == expected


def test_parts_have_one_colour_each():
    assert len(SPLITS["parts"](GRID)) == 3
    assert [int(part.max()) for part in SPLITS["parts"](GRID)] == [1, 2, 2]


def test_panels_lie_between_lines():
    assert [grid.tolist() for grid in SPLITS["panels"](PANELS)] == [[[1]], [[2]], [[3]], [[4]]]
    assert SPLITS["panels"](np.array([[1, 2], [3, 4]], np.int8)) == []


def test_areas_are_what_is_empty_together():
    assert [grid.tolist() for grid in SPLITS["areas"](np.array([[0, 3, 0]], np.int8))] == [[[1, 0, 0]], [[0, 0, 1]]]


def test_squares_lie_along_the_longer_side():
    assert [grid.tolist() for grid in SPLITS["squares"](np.array([[1], [2], [3]], np.int8))] == [[[1]], [[2]], [[3]]]
    assert SPLITS["squares"](GRID) == []
