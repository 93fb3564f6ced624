"""A picture and the input."""

import numpy as np
import pytest

from arc.solving.search.transformations.with_input import WITH_INPUT

GIVEN = np.array([[1, 2], [0, 3]], np.int8)
PICTURE = np.array([[0, 4], [0, 4]], np.int8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cut the input", [[2], [3]]),
        ("cut where 2", [[4]]),
        ("mask of the input", [[0, 2], [0, 3]]),
        ("hole in the input", [[1, 0], [0, 0]]),
        ("over the input", [[1, 4], [0, 4]]),
        ("under the input", [[1, 2], [0, 3]]),
        ("unlike the input", [[0, 4], [0, 4]]),
        ("beside the input", [[1, 2, 0, 4], [0, 3, 0, 4]]),
        ("above the input", [[0, 4], [0, 4], [1, 2], [0, 3]]),
        ("product with the input", [[0, 4, 0, 4], [0, 4, 0, 4], [0, 0, 0, 4], [0, 0, 0, 4]]),
        ("product of the input", [[0, 0, 1, 2], [0, 0, 0, 3], [0, 0, 1, 2], [0, 0, 0, 3]]),
    ],
)
def test_each_joins_the_two(name, expected):
    assert WITH_INPUT[name](PICTURE, GIVEN).tolist() == expected


def test_a_small_picture_is_repeated_or_stretched_as_the_input_is_large():
    large, small = np.zeros((2, 4), np.int8), np.array([[7, 8]], np.int8)
    assert WITH_INPUT["repeated as the input"](small, large).tolist() == [[7, 8, 7, 8]] * 2
    assert WITH_INPUT["stretched as the input"](small, large).tolist() == [[7, 7, 8, 8]] * 2
    assert WITH_INPUT["cut the input"](small, large) is None


def test_a_picture_takes_the_only_colour_of_the_input():
    assert WITH_INPUT["painted as the input"](PICTURE, np.array([[0, 6]], np.int8)).tolist() == [[0, 6], [0, 6]]
    assert WITH_INPUT["painted as the input"](PICTURE, GIVEN) is None
