import keras
import numpy as np
import pytest

from arc.canvas import to_canvas
from arc.config import Config
from arc.skills import draw_pair
from arc.views import VIEWS, views


def rows(grid, side=6):
    """Each view of the rows, and of the columns, as a list."""
    canvas = to_canvas(np.array(grid, np.int8), side)[None]
    found = {name: np.asarray(value).reshape(side, side) for name, value in views(keras.ops.convert_to_tensor(canvas), side).items()}
    assert all((found[f"row_{name}"] == found[f"row_{name}"][:, :1]).all() for name in VIEWS)
    return {name: (value[:, 0] if name.startswith("row") else value[0]).tolist() for name, value in found.items()}


def test_places_in_the_bounding_box():
    found = rows([[0, 0, 0, 0], [0, 0, 5, 0], [0, 5, 0, 0], [0, 0, 0, 0]])
    assert found["row_box_from_start"] == [0, 1, 2, 0, 0, 0] and found["row_box_from_end"] == [0, 2, 1, 0, 0, 0]
    assert found["column_box_from_start"] == [0, 1, 2, 0, 0, 0] and found["column_box_from_end"] == [0, 2, 1, 0, 0, 0]


def test_places_in_bands_and_frame():
    found = rows([[0, 3, 0, 0], [3, 3, 3, 3], [0, 3, 0, 7], [0, 3, 0, 0], [3, 3, 3, 3]])
    assert found["row_band"] == [1, 0, 2, 2, 0, 0] and found["row_within_band"] == [1, 0, 1, 2, 0, 0]
    assert found["row_frame_from_start"] == [0, 1, 2, 3, 4, 0]
    assert found["column_band"] == [1, 0, 2, 2, 0, 0] and found["column_within_band"] == [1, 0, 1, 2, 0, 0]


@pytest.mark.parametrize("index", range(5))
def test_a_mirrored_crop_can_be_read_off_the_views(index):
    pair = draw_pair("7468f01a", 0, index, cap=10)
    found = rows(pair.input, 10)
    answer = np.zeros(pair.output.shape, np.int8)
    for row, column in np.argwhere(pair.input >= 0):
        place = found["row_box_from_start"][row] - 1, found["column_box_from_end"][column] - 1
        if min(place) >= 0:
            answer[place] = pair.input[row, column]
    assert np.array_equal(answer, pair.output)


@pytest.mark.parametrize("index", range(5))
def test_bands_are_as_many_as_the_output_is_large(index):
    pair = draw_pair("1190e5a7", 0, index, cap=10)
    found = rows(pair.input, 10)
    assert (max(found["row_band"]), max(found["column_band"])) == pair.output.shape


def test_equivariant_colours_know_no_background():
    with pytest.raises(ValueError, match="object_view takes colour 0 for the background"):
        Config(object_view=True, equivariant=True)
