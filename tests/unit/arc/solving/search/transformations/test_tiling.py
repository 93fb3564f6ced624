"""Repetitions, and what repeats taken once."""

import numpy as np
import pytest

from arc.solving.search.transformations.tiling import TRANSFORMATIONS

GRID = np.array([[1, 0], [0, 2]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("repeat 1x2", [[1, 0, 1, 0], [0, 2, 0, 2]]),
        ("stretch 2x1", [[1, 0], [1, 0], [0, 2], [0, 2]]),
        ("stretch colours", [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 2, 2], [0, 0, 2, 2]]),
        ("mirror beside", [[1, 0, 0, 1], [0, 2, 2, 0]]),
        ("mirror above", [[0, 2], [1, 0], [1, 0], [0, 2]]),
        ("mirror four", [[1, 0, 0, 1], [0, 2, 2, 0], [0, 2, 2, 0], [1, 0, 0, 1]]),
        ("turn four", [[1, 0, 0, 1], [0, 2, 2, 0], [0, 2, 2, 0], [1, 0, 0, 1]]),
        ("product of itself", [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 2]]),
        ("product of negative", [[0, 0, 1, 0], [0, 0, 0, 2], [1, 0, 0, 0], [0, 2, 0, 0]]),
    ],
)
def test_each_is_larger(name, expected):
    assert TRANSFORMATIONS[name](GRID).tolist() == expected


@pytest.mark.parametrize("made_by", ["repeat 2x2", "repeat 3x1", "repeat 1x2"])
def test_the_unit_is_what_was_repeated(made_by):
    assert TRANSFORMATIONS["unit"](TRANSFORMATIONS[made_by](GRID)).tolist() == GRID.tolist()


def test_what_was_stretched_shrinks():
    assert TRANSFORMATIONS["shrink"](TRANSFORMATIONS["stretch 3x3"](GRID)).tolist() == GRID.tolist()
    assert TRANSFORMATIONS["shrink"](GRID) is None
    assert TRANSFORMATIONS["without repeats"](np.array([[1, 1, 2], [1, 1, 2]], np.int8)).tolist() == [[1, 2]]
    assert TRANSFORMATIONS["without empty"](np.array([[1, 0, 2], [0, 0, 0]], np.int8)).tolist() == [[1, 2]]
    assert TRANSFORMATIONS["without blank"](np.array([[1, 0, 2], [7, 7, 7], [0, 0, 0]], np.int8)).tolist() == [[1, 0, 2]]


def test_nothing_grows_beyond_what_a_grid_may_be():
    assert TRANSFORMATIONS["repeat 2x2"](np.ones((16, 1), np.int8)) is None
