"""Pictures put where they lie in a mark, and margins taken away."""

import cv2
import numpy as np
import pytest
from skimage import data

from stegastamp.locating.views import placed, within_margins
from stegastamp.network.stamp import network_view

WHOLE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)


def difference(one, other):
    return np.abs(one.astype(int) - other).mean()


def test_the_whole_is_what_a_network_sees():
    photo = data.coffee()
    assert difference(placed(photo, WHOLE, 128), network_view(photo, 128)) < 1.5


def test_a_part_is_seen_in_its_place_on_its_mean_colour():
    photo = data.coffee()
    seen = placed(photo[:, 150:450], np.array([[0.25, 0], [0.75, 0], [0.75, 1], [0.25, 1]]), 128)
    assert difference(seen[:, 34:94], network_view(photo, 128)[:, 34:94]) < 2
    assert np.abs(seen[:, :30] - photo[:, 150:450].mean((0, 1))).max() < 2


@pytest.mark.parametrize("turns", range(4))
def test_turned_and_mirrored(turns):
    photo = data.coffee()
    corners = np.roll(WHOLE[[1, 0, 3, 2]], -turns, axis=0)
    assert difference(placed(np.rot90(photo[:, ::-1], turns), corners, 128), network_view(photo, 128)) < 1.5


def test_grey_and_sixteen_bits():
    grey = data.camera()[..., None]
    seen = placed(grey.astype(np.uint16) * 257, WHOLE, 64)
    assert seen.shape == (64, 64, 3) and seen.dtype == np.uint8
    assert difference(seen, network_view(grey, 64)) < 1.5


@pytest.mark.parametrize("colour", [(255, 255, 255), (18, 18, 18), (200, 220, 190)])
@pytest.mark.parametrize("margins", [(60, 90, 40, 120), (80, 80, 0, 0), (0, 0, 30, 0)])
def test_margins_of_one_colour(colour, margins):
    """Above, below, left, right; after JPEG."""
    photo = data.chelsea()
    page = cv2.copyMakeBorder(photo, *margins, cv2.BORDER_CONSTANT, value=colour)
    page = cv2.imdecode(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    rows, columns = within_margins(page)
    expected = (margins[0], margins[0] + photo.shape[0], margins[2], margins[2] + photo.shape[1])
    assert np.abs(np.subtract((rows.start, rows.stop, columns.start, columns.stop), expected)).max() <= 6  # JPEG's blocks.


def test_bars_of_two_colours():
    page = cv2.copyMakeBorder(data.chelsea(), 50, 0, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    page = cv2.copyMakeBorder(page, 0, 40, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    rows, columns = within_margins(page)
    assert (abs(rows.start - 50) <= 2, abs(rows.stop - 350) <= 2, columns) == (True, True, slice(0, 451))


@pytest.mark.parametrize("photo", [data.chelsea, data.astronaut, data.coffee])
def test_a_photo_has_none(photo):
    assert within_margins(photo()) is None


@pytest.mark.parametrize("shape", [(1, 1, 3), (300, 200, 1)])
def test_one_colour_alone_is_no_margin(shape):
    assert within_margins(np.full(shape, 9, np.uint8)) is None
