"""Colours by other names, and back."""

import numpy as np

from arc.grids.tasks import Pair, Task
from arc.solving.search.renaming import background_first, by_frequency


def task(*grids):
    pairs = [Pair(np.array(grid, np.int8), np.array(grid, np.int8)) for grid in grids]
    return Task("made", tuple(pairs[:-1]), (Pair(pairs[-1].input, None),))


def test_the_background_becomes_zero_and_comes_back():
    renamed = background_first(task([[8, 8, 0]], [[8, 8, 3]]))
    assert renamed.task.train[0].input.tolist() == renamed.task.train[0].output.tolist() == [[0, 0, 8]]
    assert renamed.names[0][renamed.task.test[0].input].tolist() == [[8, 8, 3]]


def test_colours_are_numbered_by_how_common_they_are_in_each_input():
    renamed = by_frequency(task([[0, 5, 5, 7]], [[0, 2, 2, 5]], [[0, 9, 4, 9]]))
    assert [pair.input.tolist() for pair in renamed.task.pairs] == [[[0, 1, 1, 2]], [[0, 1, 1, 2]], [[0, 1, 2, 1]]]
    assert renamed.task.train[0].output.tolist() == [[0, 1, 1, 2]]
    assert renamed.names[0][renamed.task.test[0].input].tolist() == [[0, 9, 4, 9]]


def test_where_all_inputs_have_one_order_nothing_is_renamed():
    assert by_frequency(task([[0, 5, 5]], [[0, 0, 5]], [[5]])) is None


def test_where_each_input_has_its_own_background_it_is_the_commonest_colour():
    renamed = by_frequency(task([[8, 8, 8, 3]], [[4, 4, 4, 0]], [[1, 1, 1, 2]]))
    assert [pair.input.tolist() for pair in renamed.task.pairs] == [[[0, 0, 0, 1]]] * 3
    assert renamed.names[0][renamed.task.test[0].input].tolist() == [[1, 1, 1, 2]]
