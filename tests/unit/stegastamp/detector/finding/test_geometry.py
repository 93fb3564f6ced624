import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stegastamp.detector.finding import geometry

QUAD = np.float32([[20, 10], [90, 25], [80, 95], [12, 70]])


@given(st.permutations(range(4)))
def test_the_order_of_corners_does_not_depend_on_how_they_come(rows):
    assert np.array_equal(geometry.order(QUAD[rows]), QUAD)


def test_overlap_of_squares_by_hand():
    square = geometry.square(10)
    assert geometry.overlap(square, square) == pytest.approx(1)
    assert geometry.overlap(square, square + [5, 0]) == pytest.approx(1 / 3)
    assert geometry.overlap(square, square + [20, 0]) == 0


def test_a_square_with_a_margin_leaves_it_on_every_side():
    assert geometry.square(150, 0.25).tolist() == [[25, 25], [125, 25], [125, 125], [25, 125]]


def test_corner_error_is_the_distance_whatever_the_first_corner():
    assert geometry.corner_error(QUAD, QUAD) == 0
    moved = np.roll(geometry.square(10) + [3, 4], 2, axis=0)
    assert geometry.corner_error(moved, geometry.square(10)) == pytest.approx(0.5)


def test_the_corners_of_a_quad_go_to_the_corners_of_the_target():
    square = geometry.square(64)
    assert geometry.transform(QUAD, QUAD, square) == pytest.approx(square, abs=1e-3)


@pytest.mark.parametrize("finer", [1, 2])
def test_rectifying_an_upright_square_is_cutting_it_out(finer):
    frame = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    cut = frame[20 : 20 + 32 * finer, 30 : 30 + 32 * finer]
    averaged = cut.reshape(32, finer, 32, finer, 3).mean((1, 3))
    flat = geometry.rectify(frame, geometry.square(32 * finer) + np.float32([30, 20]), 32)
    assert np.abs(flat - averaged).max() <= 1


def test_a_margin_shows_what_lies_around():
    frame = np.zeros((100, 100, 3), np.uint8)
    frame[25:75, 25:75] = 255
    flat = geometry.rectify(frame, geometry.square(50) + np.float32(25), 60, 0.25)
    assert flat[15:45, 15:45].min() == 255 and flat[:9].max() == 0


def test_a_picture_facing_the_camera_keeps_its_shape():
    quad = geometry.seen_by_camera(2.0, 0.0, 0.0, 1.0, 3.0)
    width, height = np.sqrt(2), np.sqrt(0.5)
    assert quad == pytest.approx(np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2))


@given(st.floats(0.6, 1.6), st.floats(0, 6.3), st.floats(0, 0.8), st.floats(0, 6.3), st.floats(1.5, 5))
def test_whatever_the_view_the_picture_stays_clockwise_and_convex(aspect, turn, tilt, axis, distance):
    quad = geometry.seen_by_camera(aspect, turn, tilt, axis, distance)
    ahead = np.roll(quad, -1, axis=0) - quad
    behind = np.roll(ahead, 1, axis=0)
    assert (behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0] > 0).all()


def test_the_near_side_of_a_tilted_picture_is_longer_and_the_far_side_shorter():
    quad = geometry.seen_by_camera(1.0, 0.0, np.radians(40), 0.0, 2.0)
    top, bottom = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3])
    assert max(top, bottom) / min(top, bottom) == pytest.approx((2 + 0.5 * np.sin(np.radians(40))) / (2 - 0.5 * np.sin(np.radians(40))))


@pytest.mark.parametrize(("edge", "halvings"), [(60, 0), (150, 0), (210, 1), (420, 2)])
def test_a_large_quad_is_cut_from_a_half_of_the_frame(edge, halvings):
    frame = np.random.default_rng(0).integers(0, 256, (481, 640, 3), dtype=np.uint8)
    halves, quad = geometry.Halves(frame), geometry.square(edge) + np.float32([30, 20])
    chosen, scale = halves.for_quad(quad, 64)
    assert chosen.shape[1] == 640 / 2**halvings
    assert quad * scale == pytest.approx(quad / 2**halvings, rel=0.01)
    smooth = geometry.Halves(cv2.GaussianBlur(frame, (0, 0), 8))
    difference = np.abs(smooth.rectify(quad, 64).astype(int) - geometry.rectify(cv2.GaussianBlur(frame, (0, 0), 8), quad, 64))
    assert difference.max() <= 2
