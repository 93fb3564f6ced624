"""Two attempts from the search and the networks."""

import numpy as np

from arc.solving.joining import joined
from arc.solving.search.answering import Found
from arc.solving.voting import Vote

ONE, TWO, THREE, FOUR = (np.array([[colour]], np.int8) for colour in (1, 2, 3, 4))


def found(*grids, weight=1.0):
    return [Found((grid,), weight, "rule", 1.0) for grid in grids]


def told(*arguments):
    return [(who, int(grid[0, 0])) for who, grid in joined(*arguments)]


def test_the_search_goes_first_and_the_networks_second():
    assert told(found(ONE, TWO), 0, [Vote(THREE, 0.5), Vote(FOUR, 0.4)], FOUR) == [("search", 1), ("network", 3)]


def test_where_both_agree_the_search_has_the_second_attempt_too():
    assert told(found(ONE, TWO), 0, [Vote(ONE, 0.5), Vote(FOUR, 0.4)], FOUR) == [("search", 1), ("search", 2)]
    assert told(found(ONE), 0, [Vote(ONE, 0.5), Vote(FOUR, 0.4)], THREE) == [("search", 1), ("network", 4)]


def test_each_alone_has_both():
    assert told(found(ONE, TWO), 0, [], FOUR) == [("search", 1), ("search", 2)]
    assert told([], 0, [Vote(ONE, 0.5), Vote(TWO, 0.4)], FOUR) == [("network", 1), ("network", 2)]


def test_the_input_stands_in_for_what_is_missing():
    assert told([], 0, [], FOUR) == [("input", 4), ("input", 4)]
    assert told(found(ONE), 0, [], FOUR) == [("search", 1), ("input", 4)]


def test_each_test_input_has_its_own():
    two = [Found((ONE, TWO), 1.0, "rule", 1.0)]
    assert told(two, 1, [], FOUR) == [("search", 2), ("input", 4)]


def test_what_hardly_anything_votes_for_goes_after_the_networks():
    assert told(found(ONE, TWO, weight=0.01), 0, [Vote(THREE, 0.5), Vote(FOUR, 0.4)], FOUR) == [("network", 3), ("search", 1)]
