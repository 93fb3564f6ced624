"""One picture from a list."""

import numpy as np
import pytest

from arc.solving.search.transformations.combining import COMBINATIONS

PICTURES = [np.array(one, np.int8) for one in ([[1, 0, 1]], [[2, 0, 0]], [[0, 0, 3]])]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("over", [[1, 0, 1]]),
        ("over backwards", [[2, 0, 3]]),
        ("where all", [[0, 0, 0]]),
        ("where one", [[0, 0, 0]]),
        ("where none", [[0, 1, 0]]),
        ("where equal", [[0, 0, 0]]),
        ("count", [[2, 0, 2]]),
        ("usual", [[0, 0, 0]]),
        ("by size", [[2, 0, 2]]),
        ("column", [[1, 0, 1], [2, 0, 0], [0, 0, 3]]),
        ("row backwards", [[0, 0, 3, 2, 0, 0, 1, 0, 1]]),
        ("column by size backwards", [[0, 0, 3], [2, 0, 0], [1, 0, 1]]),
    ],
)
def test_each_joins_three(name, expected):
    assert COMBINATIONS[name](PICTURES).tolist() == expected


def test_and_or_of_two():
    two = [np.array(one, np.int8) for one in ([[1, 0, 1]], [[2, 2, 0]])]
    assert COMBINATIONS["where all"](two).tolist() == [[1, 0, 0]]
    assert COMBINATIONS["where one"](two).tolist() == [[0, 2, 1]]
    assert COMBINATIONS["over"](two).tolist() == [[1, 2, 1]]


def test_four_are_set_out_in_a_square_or_shown_as_cells():
    four = [np.full((1, 1), colour, np.int8) for colour in (1, 2, 3, 4)]
    assert COMBINATIONS["square"](four).tolist() == COMBINATIONS["cells"](four).tolist() == [[1, 2], [3, 4]]


def test_pictures_of_two_sizes_are_not_laid_over_one_another():
    unlike = [np.ones((1, 1), np.int8), np.ones((1, 2), np.int8)]
    assert COMBINATIONS["over"](unlike) is None and COMBINATIONS["row"](unlike).tolist() == [[1, 1, 1]]


def test_pictures_of_several_sizes_lie_on_one_middle():
    small, large = np.array([[5]], np.int8), np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.int8)
    assert COMBINATIONS["centred"]([small, large]).tolist() == [[1, 1, 1], [1, 5, 1], [1, 1, 1]]
    assert COMBINATIONS["centred"]([small, large[:2]]) is None
    assert COMBINATIONS["centred backwards"]([small, np.full((3, 1), 4, np.int8)]).tolist() == [[4], [4], [4]]
