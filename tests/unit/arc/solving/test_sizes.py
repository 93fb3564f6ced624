"""Sizes read off the input."""

import numpy as np

from arc.grids.tasks import Pair, Task
from arc.solving.frames import frames
from arc.solving.sizes import sizes

ROWS = [np.array([[2] * drawn + [0] * (width - drawn)], np.int8) for drawn, width in ((1, 6), (2, 8), (3, 10), (2, 12))]


def made(rule):
    *shown, asked = ROWS
    return Task("made", tuple(Pair(grid, np.zeros(rule(grid), np.int8)) for grid in shown), (Pair(asked, None),))


def test_half_as_high_as_the_input_is_wide():
    (name, size), *_ = sizes(made(lambda grid: (grid.shape[1] // 2, grid.shape[1])), 0)
    assert size(ROWS[-1]) == (6, 12) and name == "width*1/2+0 x width*1/1+0"


def test_as_long_as_there_are_cells():
    (_, size), *_ = sizes(made(lambda grid: (1, int((grid > 0).sum()) + 1)), 0)
    assert size(ROWS[-1]) == (1, 3)


def test_a_frame_of_that_size_shows_the_input_repeated_and_stretched():
    found = frames(made(lambda grid: (grid.shape[1] // 2, grid.shape[1])))
    sources = found[0].sources(ROWS[-1])
    assert found[0].name.startswith("size") and sources.shape == (2, 6, 12) and (sources[0] == np.arange(12)).all()


def test_what_follows_no_rule_has_no_size():
    sides = iter([(3, 5), (17, 2), (4, 29)])
    assert list(sizes(made(lambda grid: next(sides)), 0)) == []
