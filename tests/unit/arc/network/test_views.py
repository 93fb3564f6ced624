import keras
import numpy as np
import pytest

from arc.grids.canvas import to_canvas
from arc.network.views import VIEWS, pointers, views
from arc.skills import draw_pair
from tests.fixtures.arc import made


def places(grid, side=6):
    """Each view of each cell, (side, side)."""
    canvas = to_canvas(np.array(grid, np.int8), side)[None]
    return {name: np.asarray(value).reshape(side, side) for name, value in views(keras.ops.convert_to_tensor(canvas), side).items()}


def rows(grid, side=6):
    """Each view of the rows, and of the columns, as a list; but of marks, which are seen by cell."""
    found = {name: value for name, value in places(grid, side).items() if not name.endswith("mark")}
    assert set(found) == {f"{axis}_{name}" for axis in ("row", "column") for name in VIEWS if name != "mark"}
    assert all((value == value[:, :1]).all() if name.startswith("row") else (value == value[:1]).all() for name, value in found.items())
    return {name: (value[:, 0] if name.startswith("row") else value[0]).tolist() for name, value in found.items()}


def read_off(grid, row_view, column_view, shape, side=10):
    """What the cells of an answer of that shape find where the places are their own row and column, from 1: the largest colour."""
    found, answer = places(grid, side), np.zeros(shape, np.int8)
    for row, column in np.ndindex(grid.shape):
        place = found[f"row_{row_view}"][row, column] - 1, found[f"column_{column_view}"][row, column] - 1
        if min(place) >= 0 and place[0] < shape[0] and place[1] < shape[1]:
            answer[place] = max(answer[place], grid[row, column])
    return answer


def test_places_in_the_bounding_box():
    found = rows([[0, 0, 0, 0], [0, 0, 5, 0], [0, 5, 0, 0], [0, 0, 0, 0]])
    assert found["row_box_from_start"] == [0, 1, 2, 0, 0, 0] and found["row_box_from_end"] == [0, 2, 1, 0, 0, 0]
    assert found["column_box_from_start"] == [0, 1, 2, 0, 0, 0] and found["column_box_from_end"] == [0, 2, 1, 0, 0, 0]


def test_places_in_bands_and_frame():
    found = rows([[0, 3, 0, 0], [3, 3, 3, 3], [0, 3, 0, 7], [0, 3, 0, 0], [3, 3, 3, 3]])
    assert found["row_band"] == [1, 0, 2, 2, 0, 0] and found["column_band"] == [1, 0, 2, 2, 0, 0]
    assert found["row_frame"] == [0, 1, 2, 3, 4, 0] and found["column_frame"] == [0, 1, 2, 3, 0, 0]


def test_without_lines_the_frame_is_the_grid():
    found = rows([[1, 0], [0, 2], [3, 0]])
    assert found["row_frame"] == [1, 2, 3, 0, 0, 0] and found["column_frame"] == [1, 2, 0, 0, 0, 0]


def test_halves_leave_out_the_middle_of_an_odd_number():
    found = rows([[0] * 4] * 5)
    assert found["row_half"] == [1, 1, 0, 2, 2, 0] and found["row_within_half"] == [1, 2, 0, 1, 2, 0]
    assert found["column_half"] == [1, 1, 2, 2, 0, 0] and found["column_within_half"] == [1, 2, 1, 2, 0, 0]


def test_cells_beside_a_mark():
    found = places([[0, 0, 0, 0], [0, 5, 0, 0], [0, 0, 0, 0]], 4)
    assert found["row_mark"].tolist() == [[1, 1, 1, 0], [2, 2, 2, 0], [3, 3, 3, 0], [0, 0, 0, 0]]
    assert found["column_mark"].tolist() == [[1, 2, 3, 0], [1, 2, 3, 0], [1, 2, 3, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("index", range(5))
def test_answers_can_be_read_off_the_views(index):
    crop = draw_pair("7468f01a", 0, index, cap=10)
    assert np.array_equal(read_off(crop.input, "box_from_start", "box_from_end", crop.output.shape), crop.output)
    overlay = draw_pair("137eaa0f", 0, index, cap=10)
    assert np.array_equal(read_off(overlay.input, "mark", "mark", (3, 3)), overlay.output)
    frame = draw_pair("5daaa586", 0, index, cap=10)
    cropped = read_off(frame.input, "frame", "frame", frame.output.shape)
    assert np.array_equal(cropped[cropped > 0], frame.output[cropped > 0])  # The rays are still to be drawn.
    odd = draw_pair("88a62173", 0, index, cap=10)
    blocks = places(odd.input, 10)
    within = (blocks["row_half"] > 0) & (blocks["column_half"] > 0)
    canvas = to_canvas(odd.input, 10).reshape(10, 10)
    found = [canvas[within & (blocks["row_half"] == row) & (blocks["column_half"] == column)] for row in (1, 2) for column in (1, 2)]
    assert any(np.array_equal(cells, odd.output.ravel()) for cells in found)


@pytest.mark.parametrize("index", range(5))
def test_bands_are_as_many_as_the_output_is_large(index):
    pair = draw_pair("1190e5a7", 0, index, cap=10)
    found = rows(pair.input, 10)
    assert (max(found["row_band"]), max(found["column_band"])) == pair.output.shape


def test_a_cell_of_the_answer_points_at_the_cells_in_its_place():
    grid = np.array([[0, 0, 0], [0, 1, 2], [0, 3, 4]], np.int8)
    found = pointers(views(keras.ops.convert_to_tensor(to_canvas(grid, 4)[None]), 4), 4)
    weights = {name: np.asarray(value)[0].reshape(4, 4, 4, 4) for name, value in found["answer"].items()}
    assert weights["mirrored_box"][0, 0, 1, 2] == 1 and weights["mirrored_box"][0, 0].sum() == 1
    assert weights["box"][0, 0, 1, 1] == 1 and weights["box"][2].sum() == 0
    halves = np.argwhere(weights["half"][0, 0] == 0.25).tolist()
    assert halves == [[0, 0], [0, 2], [2, 0], [2, 2]]
    among = np.asarray(found["query"]["half"])[0].reshape(4, 4, 4, 4)
    assert np.array_equal(among[2, 0], weights["half"][0, 0]) and among[1, 1].sum() == 0
    quarter = np.asarray(found["query"]["quarter"])[0].reshape(4, 4, 4, 4)
    assert quarter[0, 2, 0, 2] == 1 and quarter[0, 1].sum() == 0


def test_equivariant_colours_know_no_background():
    with pytest.raises(ValueError, match="object_view takes colour 0 for the background"):
        made(object_view=True, equivariant=True)
