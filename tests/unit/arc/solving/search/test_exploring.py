"""What the search makes of inputs."""

import numpy as np

from arc.solving.search.exploring import Exploration
from arc.solving.search.pool import Pool

INPUTS = [np.array(grid, np.int8) for grid in ([[0, 1, 0], [2, 2, 0]], [[3, 3, 3], [0, 0, 4]])]


def explored(depth, work=3000, inputs=INPUTS):
    pool = Pool()
    states = list(Exploration(pool, inputs, work, depth).states())
    return pool, {tuple(pool.grids[number].tobytes() for number in state.numbers): state for state in states}, states


def test_no_two_states_have_the_same_pictures():
    pool, _, states = explored(2)
    assert len({state.numbers for state in states}) == len(states) > 200
    assert all(len(state.numbers) == 2 for state in states)


def test_the_largest_object_is_a_step_away_and_cut_out_two():
    pool, _, states = explored(2, 6000)
    kept = tuple(pool.add(np.array(grid, np.int8)) for grid in ([[0, 0, 0], [2, 2, 0]], [[3, 3, 3], [0, 0, 0]]))
    largest = tuple(pool.add(np.array(grid, np.int8)) for grid in ([[2, 2]], [[3, 3, 3]]))
    depths = {state.numbers: state.depth for state in states}
    assert depths[kept] == 1 and depths[largest] <= 2


def test_every_picture_of_a_list_may_be_changed_before_they_are_put_together():
    """Two objects cut out and set below one another."""
    pool, _, states = explored(2, 6000, [np.array([[1, 1, 0, 0, 0], [1, 3, 0, 2, 0], [0, 0, 0, 2, 2]], np.int8)])
    numbers = (pool.add(np.array([[1, 1], [1, 3], [2, 0], [2, 2]], np.int8)),)
    assert next(state.path for state in states if state.numbers == numbers)[1:] == ("each crop drawn", "column")


def test_work_is_bounded_and_repeats():
    pool, _, states = explored(3, work=1000)
    again = explored(3, work=1000)[2]
    assert states == again and 1000 <= pool.work < 4000


def test_deeper_states_come_later():
    depths = [state.depth for state in explored(2)[2]]
    assert depths[0] == 0 and max(depths) == 2
    assert depths.index(2) > depths.count(1) // 2
