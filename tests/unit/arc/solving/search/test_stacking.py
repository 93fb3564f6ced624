"""Pictures laid over one another."""

import numpy as np

from arc.solving.search.pieces import Piece
from arc.solving.search.stacking import stacks


def piece(shown, asked, name, depth=1, is_picture=True):
    return Piece(np.array(shown, np.int8), np.array(asked, np.int8), (name,), depth, is_picture)


TARGET = np.array([1, 2, 2, 3])


def test_what_is_the_answer_alone_comes_first():
    fits = list(stacks([piece(TARGET, [4, 5], "this"), piece([0, 0, 0, 0], [0, 0], "none")], TARGET))
    assert [(fit.asked.tolist(), fit.cost) for fit in fits] == [([4, 5], 1.0)]


def test_an_upper_picture_hides_what_a_lower_one_has_wrong():
    upper, lower = piece([1, 0, 0, 3], [0, 3], "upper"), piece([9, 2, 2, 9], [7, 8], "lower")
    (fit,) = stacks([lower, upper], TARGET)
    assert fit.path == ("upper", "over", "lower") and fit.asked.tolist() == [7, 3] and fit.cost == 3.0


def test_nothing_is_stacked_that_leaves_a_cell_open_or_wrong():
    assert list(stacks([piece([1, 0, 0, 3], [0, 3], "upper"), piece([0, 2, 9, 0], [7, 8], "lower")], TARGET)) == []
    assert list(stacks([piece(TARGET, [4, 5], "fact", is_picture=False)], TARGET)) == []


def test_the_simplest_of_equals_is_taken():
    upper, two = piece([1, 0, 0, 3], [0, 3], "upper"), [piece([0, 2, 2, 0], [7, 0], f"depth {depth}", depth) for depth in (3, 1, 2)]
    assert next(iter(stacks([upper, *two], TARGET))).path[-1] == "depth 1"
