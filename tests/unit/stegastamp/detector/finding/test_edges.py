import numpy as np
import pytest

from stegastamp.detector.finding import edges, geometry
from stegastamp.detector.training.clutter import fill
from stegastamp.detector.training.scenes import Layout, compose
from tests.fixtures.stegastamp import blobs


def scene(seed):
    layout = Layout(480, 640, (0.15, 0.4), 30.0, blur=0.5)
    return compose(blobs(300, 400, seed), [blobs(300, 350, seed + 50)], [], layout, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(6))
def test_sides_that_are_off_go_to_the_edges_of_the_picture(seed):
    true = geometry.order(scene(seed).quads[0])
    off = true + np.random.default_rng(seed).uniform(-0.03, 0.03, (4, 2)) * np.sqrt(geometry.area(true))
    found = edges.snap(scene(seed).frame, np.float32(off))[0]
    assert geometry.corner_error(off, true) > 0.01
    assert geometry.corner_error(found, true) < 0.006


def test_sides_that_are_right_stay(seed=1):
    true = geometry.order(scene(seed).quads[0])
    assert geometry.corner_error(edges.snap(scene(seed).frame, true)[0], true) < 0.005


def test_where_there_is_no_edge_nothing_moves():
    quad = np.float32([[20, 10], [90, 25], [80, 95], [12, 70]])
    assert edges.snap(np.full((120, 120, 3), 90, np.uint8), quad)[0] == pytest.approx(quad, abs=0.2)


def test_of_a_picture_on_paper_both_outlines_are_offered():
    picture = np.float32([[100, 80], [300, 100], [290, 300], [90, 280]])
    paper = geometry.transform(np.float32([[-0.04, -0.04], [1.04, -0.04], [1.04, 1.04], [-0.04, 1.04]]), geometry.square(1), picture)
    frame = np.full((380, 400, 3), 40, np.uint8)
    fill(frame, paper, (240, 240, 240))
    fill(frame, picture, (120, 90, 140))
    found = edges.snap(frame, (picture + paper) / 2)
    assert 1 < len(found) <= 16
    for true in (picture, paper):
        assert min(geometry.corner_error(each, true) for each in found) < 0.006
