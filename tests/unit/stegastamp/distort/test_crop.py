import numpy as np
import pytest
import tensorflow as tf

from longrun.step import seeding
from stegastamp.distort.crop import SMALLEST, SMALLEST_OTHER, boxes, cropped, is_cut
from stegastamp.locating.views import placed

KEYS = seeding.sample_keys(6, 0, 4000)


def test_as_many_as_asked_are_cut_along_either_axis_and_both_at_every_place():
    parts = boxes(KEYS, 0.6).numpy()
    left, top, right, bottom = parts.T
    assert parts.min() >= 0 and parts.max() <= 1 + 1e-6
    cut = is_cut(boxes(KEYS, 0.6)).numpy()
    assert cut.mean() == pytest.approx(0.6, abs=0.03)
    assert np.array_equal(parts[~cut], np.tile(np.float32([0, 0, 1, 1]), (np.count_nonzero(~cut), 1)))
    across, down = (right - left)[cut], (bottom - top)[cut]
    assert min(across.min(), down.min()) == pytest.approx(SMALLEST, abs=0.01)
    assert np.maximum(across, down).min() == pytest.approx(SMALLEST_OTHER, abs=0.02)
    for one in (across, down):
        assert (one == 1).mean() == pytest.approx(0.3, abs=0.04)
    # Off the left side alone, off the right one alone, and out of the middle.
    columns = cut & (right - left < 1)
    for end in (left[columns] == 0, right[columns] >= 1 - 1e-6):
        assert end.mean() == pytest.approx(1 / 6, abs=0.03)


def test_the_part_stays_and_its_mean_colour_lies_around_it():
    images = tf.random.stateless_uniform((2, 8, 8, 3), (1, 2))
    parts = tf.constant([[0.25, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
    out, images = cropped(images, parts).numpy(), images.numpy()
    assert np.allclose(out[1], images[1], atol=1e-6)
    assert np.allclose(out[0, :, 2:], images[0, :, 2:], atol=1e-6)
    assert np.allclose(out[0, :, :2], images[0, :, 2:].mean((0, 1)), atol=1e-6)


def test_a_pixel_at_an_edge_shows_as_much_as_lies_in_the_part():
    row = np.float32([0.0, 1.0, 1.0, 1.0])
    images = tf.constant(np.tile(row[None, None, :, None], (1, 4, 1, 3)))
    out = cropped(images, tf.constant([[0.125, 0.0, 1.0, 1.0]])).numpy()
    colour = 3 / 3.5
    assert np.allclose(out[0, :, 0], colour / 2, atol=1e-6) and np.allclose(out[0, :, 1:], 1.0, atol=1e-6)


def test_it_is_what_a_picture_that_was_cut_is_decoded_from():
    """To half a level of grey and the averaging on the way."""
    rows, columns = np.mgrid[:64, :64]
    smooth = np.stack([120 + 80 * np.sin(rows / 9), 120 + 60 * np.cos(columns / 7), 2.0 * rows + columns], -1)
    picture = np.uint8(np.rint(smooth))
    corners = np.array([[0.25, 0], [1, 0], [1, 1], [0.25, 1]])
    seen = placed(picture[:, 16:], corners, 64)
    out = cropped(tf.constant(np.float32(picture[None])), tf.constant([[0.25, 0.0, 1.0, 1.0]])).numpy()[0]
    assert np.abs(out - seen).mean() < 1.0
