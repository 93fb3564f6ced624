"""Mirrors and turns of a grid on which each is different."""

import numpy as np
import pytest

from arc.solving.search.transformations.turning import TRANSFORMATIONS

GRID = np.array([[1, 2, 3], [4, 5, 6]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mirror columns", [[3, 2, 1], [6, 5, 4]]),
        ("mirror rows", [[4, 5, 6], [1, 2, 3]]),
        ("half turn", [[6, 5, 4], [3, 2, 1]]),
        ("transpose", [[1, 4], [2, 5], [3, 6]]),
        ("transpose other", [[6, 3], [5, 2], [4, 1]]),
        ("turn left", [[3, 6], [2, 5], [1, 4]]),
        ("turn right", [[4, 1], [5, 2], [6, 3]]),
    ],
)
def test_each_moves_every_cell(name, expected):
    assert TRANSFORMATIONS[name](GRID).tolist() == expected
