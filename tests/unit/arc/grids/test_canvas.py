import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from arc.grids.canvas import context_canvas, to_canvas, to_grid
from arc.grids.tasks import Pair

grids = arrays(np.int8, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.integers(0, 9))


@given(grids)
def test_a_grid_comes_back_from_its_canvas(grid):
    assert np.array_equal(to_grid(to_canvas(grid, 6)), grid)


@given(arrays(np.int32, (9,), elements=st.integers(0, 10)), grids.filter(lambda grid: max(grid.shape) <= 3))
def test_an_answer_is_right_just_where_every_cell_of_the_canvas_is(canvas, grid):
    assert np.array_equal(to_grid(canvas), grid) == np.array_equal(canvas, to_canvas(grid, 3))


def test_holes_stay_and_an_empty_canvas_is_one_hole():
    assert to_grid(np.array([1, 10, 10, 2])).tolist() == [[1, 10], [10, 2]]
    assert to_grid(np.full(4, 10)).tolist() == [[10]]


def test_a_large_grid_is_refused_by_name():
    with pytest.raises(ValueError, match="task 7: input: 3x11 does not fit the model's canvas of 10x10"):
        to_canvas(np.zeros((3, 11), np.int8), 10, "task 7: input")


def test_demonstrations_stand_input_before_output():
    pair = Pair(np.array([[1]], np.int8), np.array([[2, 3]], np.int8))
    assert context_canvas([pair], 2).tolist() == [1, 10, 10, 10, 2, 3, 10, 10]
