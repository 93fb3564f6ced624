import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from arc.grids.symmetries import dihedral
from arc.grids.tasks import Pair, Task, load
from arc.solving.frames import SOURCES, background_of, frames, turned

SPOTS = np.array([[0, 3, 0], [4, 0, 0]], np.int8)
LINES = np.array([[1, 2, 5, 3, 0], [0, 2, 5, 0, 4]], np.int8)


def task(*outputs, inputs=(SPOTS, SPOTS[::-1])):
    """A task with these outputs and the first input as its test."""
    return Task("made", tuple(Pair(a, np.array(b, np.int8)) for a, b in zip(inputs, outputs, strict=True)), (Pair(inputs[0], None),))


def seen(frame, grid):
    """What the sources of a frame show of a grid, (V, height, width)."""
    return grid.ravel()[frame.sources(grid)]


def test_an_output_as_large_as_its_input_lies_over_it():
    first = frames(task(SPOTS[:, ::-1], SPOTS))[0]
    assert first.name == "same" and np.array_equal(seen(first, SPOTS), [SPOTS])


def test_an_enlargement_sees_the_input_repeated_and_stretched():
    large = np.kron(SPOTS, np.ones((2, 2), np.int8))
    first = frames(task(large, large))[0]
    assert first.name == "times (2, 2)"
    shown = seen(first, SPOTS)
    assert np.array_equal(shown[0], np.tile(SPOTS, (2, 2))) and np.array_equal(shown[1], large)
    assert np.array_equal(shown[2], np.block([[SPOTS, SPOTS[:, ::-1]], [SPOTS[::-1], SPOTS[::-1, ::-1]]]))
    assert first.sources(np.zeros((16, 2), np.int8)) is None


def test_a_crop_is_the_one_that_holds_the_right_cells():
    grid = np.array([[0, 0, 0, 0], [0, 2, 2, 0], [0, 0, 0, 0], [3, 3, 0, 0]], np.int8)
    found = frames(task([[3, 3]], [[3, 3]], inputs=(grid, np.roll(grid, 1, axis=0))))
    assert np.array_equal(seen(found[0], grid), [[[3, 3]]])
    assert any(np.array_equal(seen(one, grid), [[[2, 2]]]) for one in found)


def test_panels_lie_over_one_another_unless_one_is_the_answer():
    names = [one.name for one in frames(task([[0, 2], [0, 0]], [[0, 0], [0, 2]], inputs=(LINES, LINES[::-1])))]
    assert names.index("panels (1, 2) apart 1") < names.index("crop left half")
    left = task(LINES[:, :2], LINES[::-1, :2], inputs=(LINES, LINES[::-1]))
    assert np.array_equal(seen(frames(left)[0], LINES)[0], LINES[:, :2])


def test_a_lattice_has_a_cell_for_each_band():
    grid = np.array([[1, 1, 5, 0, 5, 2], [1, 1, 5, 0, 5, 2], [5] * 6, [0, 0, 5, 3, 5, 0]], np.int8)
    (lattice,) = (one for one in frames(task([[1, 0, 2], [0, 3, 0]], inputs=(grid,))) if one.name == "lattice")
    assert seen(lattice, grid).tolist() == [[[1, 0, 2], [0, 3, 0]]]


def test_no_rule_is_found_where_there_is_none():
    assert frames(task([[1]], [[1, 2, 3, 4, 5, 6, 7]])) == []


def test_the_background_is_black_where_every_input_has_it():
    assert background_of(task(SPOTS, SPOTS)) == 0
    assert background_of(task(SPOTS, inputs=(np.array([[7, 7, 1]]),))) == 7


@given(arrays.arrays(np.int8, (3, 4), elements=st.integers(0, 9)), st.integers(0, 7))
def test_turned_sources_show_the_turned_picture(grid, symmetry):
    sources = np.array([[[0, 5], [11, 2], [3, 3]]])
    shown = dihedral(grid, symmetry).ravel()[turned(sources, grid.shape, symmetry)[0]]
    assert np.array_equal(shown, dihedral(grid.ravel()[sources[0]], symmetry))


@pytest.mark.parametrize(("task_id", "name"), [("0520fde7", "panels (1, 2) apart 1"), ("c3e719e8", "times (3, 3)"), ("a5313dff", "same")])
def test_frames_of_arc(task_id, name):
    given_task = load("arc-agi-1-training")[task_id]
    first = frames(given_task)[0]
    assert first.name == name and len(first.sources(given_task.test[0].input)) <= SOURCES
    assert first.sources(given_task.test[0].input).shape[1:] == given_task.test[0].output.shape
