from itertools import product

import av
import numpy as np
import pytest

from stegastamp.films.upright import IDENTITY, coded, matrix_of, pixels, shown, turned
from tests.fixtures.films import frames_of, moving, write_film

ONE = 1 << 16
MATRICES = [(a, b, 0, c, d, 0, 0, 0, 1 << 30) for a, b, c, d in (*((x, 0, 0, y) for x, y in product((ONE, -ONE), repeat=2)),
            *((0, x, y, 0) for x, y in product((ONE, -ONE), repeat=2)))]  # fmt: skip
"""The eight ways in which a picture can lie."""


@pytest.mark.parametrize("matrix", MATRICES)
def test_a_picture_is_turned_as_its_matrix_says_and_back(matrix):
    a, b, c, d = (number // ONE for number in (matrix[0], matrix[1], matrix[3], matrix[4]))
    picture = np.arange(6 * 4).reshape(6, 4)
    seen = turned(picture, matrix)
    # x' = a x + c y, y' = b x + d y, moved to where all coordinates are positive.
    rows, columns = np.mgrid[:6, :4]
    across, down = a * columns + c * rows, b * columns + d * rows
    expected = np.zeros(seen.shape, int)
    expected[down - down.min(), across - across.min()] = picture
    assert np.array_equal(seen, expected)
    assert np.array_equal(coded(seen, matrix), picture)


@pytest.mark.parametrize("matrix", MATRICES[1:])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_the_matrix_of_a_film_is_found(matrix, suffix, tmp_path):
    (frame,) = frames_of(write_film(tmp_path / f"film{suffix}", moving(1), matrix=matrix))
    assert matrix_of(frame)[:5] == matrix[:5]
    assert np.array_equal(shown(frame), turned(pixels(frame), matrix))


def test_a_film_without_a_matrix_stands_as_it_is_coded(tmp_path):
    (frame,) = frames_of(write_film(tmp_path / "film.mp4", moving(1)))
    assert matrix_of(frame) == IDENTITY and np.array_equal(shown(frame), pixels(frame))


def test_what_is_transparent_is_put_on_white():
    array = np.full((4, 4, 4), 100, np.uint8)
    array[..., 3] = [[255, 0, 51, 255]] * 4
    assert pixels(av.VideoFrame.from_ndarray(array, format="rgba"))[0, :, 0].tolist() == [100, 255, 224, 100]
    array[..., 3] = 255
    assert (pixels(av.VideoFrame.from_ndarray(array, format="rgba")) == 100).all()


@pytest.mark.parametrize("space", [1, 5, 9])
def test_colours_are_those_that_the_tags_say(space):
    colour = np.zeros((16, 16, 3), np.uint8) + np.uint8([200, 60, 30])
    frame = av.VideoFrame.from_ndarray(colour, format="rgb24").reformat(format="yuv444p", dst_colorspace=space)
    frame.colorspace = space
    assert np.abs(pixels(frame).astype(int) - colour).max() <= 3
