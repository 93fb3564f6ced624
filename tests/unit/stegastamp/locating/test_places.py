"""Photos with the waves of a mark in them, cut, turned by any angle, mirrored: the true place comes first, or is among the first."""

import cv2
import numpy as np
import pytest
from skimage import data

from stegastamp.locating import turns
from stegastamp.locating.places import framed, places
from stegastamp.locating.spectrum import Spectrum
from stegastamp.network.waves import PHASE, WAVES

STRENGTH = 1.2
"""Amplitude of each wave, in levels of 255."""
WITHIN = 0.03
"""Of the mark's sides: what a decoder that has a localiser bears."""


def waved(photo, strength=STRENGTH):
    """A photo with the waves of a mark, as a network of 128 pixels draws them."""
    row, column = np.mgrid[:128, :128] / 128
    mark = sum(np.cos(2 * np.pi * (across * column + down * row) + PHASE * number) for number, (across, down) in enumerate(WAVES))
    mark = cv2.resize(mark, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return np.uint8(np.clip(np.rint(photo + strength * mark.reshape(*photo.shape[:2], 1)), 0, 255))


@pytest.fixture(scope="module")
def stamped():
    return waved(data.coffee())  # 600 x 400


def cut(picture, left, top, right, bottom):
    """The part between those shares of the sides, as it comes back from a JPEG, and its corners."""
    height, width = picture.shape[:2]
    part = picture[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
    part = cv2.imdecode(cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], cv2.IMREAD_UNCHANGED)
    return part.reshape(*part.shape[:2], -1), np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


PARTS = {
    "the middle square": (1 / 6, 0, 5 / 6, 1),
    "the square at the left": (0, 0, 2 / 3, 1),
    "4:5": (0.3, 0, 0.3 + 8 / 15, 1),
    "16:9": (0, 0.078, 1, 0.922),
    "without a strip at the left": (0.15, 0, 1, 1),
    "without a strip at the right": (0, 0, 0.95, 1),
    "without a strip above": (0, 0.1, 1, 1),
    "without a strip below": (0, 0, 1, 0.85),
    "the middle": (0.125, 0.125, 0.875, 0.875),
    "a corner": (0.2, 0.1, 1, 0.9),
    "all of it": (0, 0, 1, 1),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_put_where_it_was(stamped, name):
    picture, corners = cut(stamped, *PARTS[name])
    found = places(Spectrum(picture), 8)
    assert min(np.abs(place.corners - corners).max() for place in found[: 3 if name == "a corner" else 1]) < WITHIN


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_in_any_orientation(stamped, turns, mirrored):
    picture, corners = cut(stamped, 0.1, 0, 0.8, 1)
    if mirrored:
        picture, corners = picture[:, ::-1], corners[[1, 0, 3, 2]]
    found = places(Spectrum(np.ascontiguousarray(np.rot90(picture, turns))), 8)
    assert np.abs(found[0].corners - np.roll(corners, -turns, axis=0)).max() < WITHIN


@pytest.mark.parametrize("kind", ["grey", "16 bits", "small", "large"])
def test_pictures_of_every_kind(stamped, kind):
    picture, corners = cut(stamped, *PARTS["the middle square"])
    picture = {
        "grey": lambda: cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None],
        "16 bits": lambda: picture.astype(np.uint16) * 257,
        "small": lambda: cv2.resize(picture, (200, 200), interpolation=cv2.INTER_AREA),
        "large": lambda: cv2.resize(picture, (1500, 1500), interpolation=cv2.INTER_CUBIC),
    }[kind]()
    assert np.abs(places(Spectrum(picture), 8)[0].corners - corners).max() < WITHIN


def test_places_are_apart_and_the_best_comes_first(stamped):
    found = places(Spectrum(cut(stamped, *PARTS["4:5"])[0]), 12)
    assert len(found) == 12
    assert [place.score for place in found] == sorted((place.score for place in found), reverse=True)
    pairs = [(one, other) for number, one in enumerate(found) for other in found[:number]]
    assert min(np.abs(one.corners - other.corners).max() for one, other in pairs) > 0.03


def test_a_mark_stands_out_of_its_photo(stamped):
    assert places(Spectrum(stamped), 1)[0].score > places(Spectrum(data.coffee()), 1)[0].score + 4


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 1), (40, 400, 3)])
def test_too_narrow_to_tell(shape):
    assert places(Spectrum(np.zeros(shape, np.uint8)), 4) == [] or shape == (1, 1, 3)


@pytest.mark.parametrize("level", [0, 255])
def test_a_plain_picture_is_no_error(level):
    assert all(np.isfinite(place.score) for place in places(Spectrum(np.full((90, 120, 3), level, np.uint8)), 4))


def turned(picture, degrees, room=1.0, zoom=1.0):
    """Turned about its middle in a canvas of its own shape, on black, and its corners in the mark."""
    height, width = picture.shape[:2]
    size = round(room * width), round(room * height)
    how = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, zoom)
    how[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    canvas = np.array([[0, 0], [size[0], 0], size, [0, size[1]]]) - 0.5
    back = cv2.invertAffineTransform(how)
    corners = (canvas @ back[:, :2].T + back[:, 2] + 0.5) / (width, height)
    return cv2.warpAffine(picture, how, size, flags=cv2.INTER_CUBIC), corners


@pytest.mark.parametrize(("degrees", "room"), [(5, 1.0), (-15, 1.0), (33, 1.0), (45, 1.0), (5, 1.5), (45, 1.5), (-62, 2.0), (80, 2.0)])
def test_what_is_shown_at_an_angle_is_the_whole_mark(stamped, degrees, room):
    picture, corners = turned(stamped, degrees, room)
    spectrum = Spectrum(picture)
    found = framed(spectrum, spectrum.edges[0])
    assert min(np.abs(place.corners - corners).max() for place in found) < WITHIN * room**2  # Far from the mark.


@pytest.mark.parametrize("degrees", [8, -15, 20])
def test_a_mark_at_an_angle_without_edges(stamped, degrees):
    """As an application straightens a photo: turned, and enlarged until nothing but photo is seen."""
    picture, corners = turned(stamped, degrees, zoom=np.cos(np.radians(degrees)) + 1.5 * abs(np.sin(np.radians(degrees))))
    spectrum = Spectrum(picture)
    ((angle, score),) = turns.angles(spectrum, 1)
    assert np.degrees(angle) == pytest.approx(-degrees % 90, abs=1.5)
    assert min(np.abs(place.corners - corners).max() for place in places(spectrum, 4, (angle,))) < 2 * WITHIN


def test_a_mark_at_an_angle_stands_out_of_its_photo(stamped):
    marked, plain = (turns.angles(Spectrum(turned(photo, 15, zoom=1.4)[0]), 1)[0][1] for photo in (stamped, data.coffee()))
    assert marked > plain + 4


def test_angles_are_apart(stamped):
    found = np.array([angle for angle, _ in turns.angles(Spectrum(stamped), 5)])
    apart = np.abs((found[:, None] - found + np.pi / 4) % (np.pi / 2) - np.pi / 4)
    assert (apart[~np.eye(5, dtype=bool)] >= turns.APART).all()
    assert (np.abs((found + np.pi / 4) % (np.pi / 2) - np.pi / 4) >= turns.APART).all()
