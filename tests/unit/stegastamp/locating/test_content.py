"""Corners of one colour, their edges, and the rectangle between them."""

import cv2
import numpy as np
import pytest
from skimage import data

from stegastamp.locating.content import alike, apart, axes, edges, rectangle, shown

ANGLES = [4, 17, 45, 70, 88]


def turned(degrees, size=(260, 220), fill=0):
    """Brightness of a photo of 180 x 120 turned clockwise about (140, 105), after JPEG."""
    photo = cv2.resize(data.chelsea(), (180, 120), interpolation=cv2.INTER_AREA)
    how = cv2.getRotationMatrix2D((89.5, 59.5), -degrees, 1)
    how[:, 2] += 140 - 89.5, 105 - 59.5
    page = cv2.warpAffine(photo, how, size, borderValue=(fill,) * 3)
    page = cv2.imdecode(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_GRAYSCALE)
    return np.float32(page)


@pytest.mark.parametrize("degrees", ANGLES)
@pytest.mark.parametrize("fill", [0, 255, 90])
def test_a_photo_turned_on_one_colour(degrees, fill):
    mask = shown(turned(degrees, fill=fill))
    assert mask.mean() == pytest.approx(180 * 120 / (260 * 220), rel=0.04)
    (angle, *_) = edges(mask, 2)
    assert np.degrees(apart(angle, np.radians(degrees))) < 1.5
    middle, sides = rectangle(mask, angle)
    order = [0, 1] if abs(np.degrees(angle) - degrees) < 45 else [1, 0]
    assert np.abs(sides[order] - (180, 120)).max() < 7
    assert np.abs(axes(angle).T @ middle - (140 - 129.5, 105 - 109.5)).max() < 3


@pytest.mark.parametrize("degrees", [6, 30, 45])
def test_a_photo_whose_corners_are_cut_off(degrees):
    mask = shown(turned(degrees, (180, 130)))
    assert np.degrees(apart(edges(mask, 1)[0], np.radians(degrees))) < 2


@pytest.mark.parametrize("photo", [data.chelsea, data.astronaut])
def test_a_photo_without_corners_has_no_edges(photo):
    grey = cv2.resize(cv2.cvtColor(photo(), cv2.COLOR_RGB2GRAY), (192, 150), interpolation=cv2.INTER_AREA)
    mask = shown(np.float32(grey))
    assert mask.all() or edges(mask, 2) == []


def test_one_colour_alone():
    assert shown(np.full((40, 60), 7, np.float32)).all()


def test_directions_know_no_quarter_turns():
    assert alike(0.02, np.pi / 2 - 0.02) and not alike(0.0, np.pi / 4)
    assert apart(0.1, 0.1 + np.pi) == pytest.approx(0, abs=1e-9)
