"""What makes one picture of a list special."""

import numpy as np

from arc.solving.search.transformations.choosing import chosen, measured


def special(*pictures):
    """Name -> number of the picture that has it."""
    return dict(chosen([measured(np.array(picture, np.int8)) for picture in pictures]))


LINE = [[1, 1, 1], [0, 0, 0]]
SPOT = [[0, 0, 0], [0, 0, 2]]
CORNER = [[3, 0, 0], [3, 3, 0]]


def test_size_place_and_symmetry_are_seen():
    found = special(SPOT, LINE, CORNER)
    assert found["least cells"] == 0 and found["most width"] == 1 and found["most area"] == 2
    assert found["least fullness"] == 2 and found["least symmetry"] == 2 and found["least upper"] == 0
    assert found["number 2"] == 1 and found["last"] == 2


def test_two_as_large_are_not_the_largest_unless_they_look_alike():
    assert "most cells" not in special(LINE, SPOT, CORNER)
    assert special(SPOT, LINE, [[0, 0, 0], [1, 1, 1]])["most cells"] == 1


def test_the_odd_one_out_is_the_one_that_looks_like_no_other():
    assert special(LINE, LINE, CORNER)["least alike"] == 2
    assert special(LINE, CORNER, [[0, 0, 0], [2, 2, 2]])["least of the shape"] == 1
    assert special([[4]], [[4]], [[5]])["least of the colour"] == 2


def test_holes_are_counted():
    ring = [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    assert special(ring, [[1, 1, 1], [1, 1, 1], [1, 1, 1]])["most holes"] == 0


def test_where_all_are_alike_nothing_is_special_but_their_number():
    assert {name.split()[0] for name in special(LINE, LINE)} == {"number", "last"}


def test_the_only_one_is_everything():
    found = special(LINE)
    assert found["most cells"] == found["least cells"] == found["least alike"] == 0
