import numpy as np
import pytest

from stegastamp.detector.finding import geometry
from stegastamp.detector.training.clutter import add_clutter, fill, inset
from stegastamp.detector.training.scenes import CORE, Layout, Scene, compose, maps
from tests.fixtures.stegastamp import blobs

LAYOUT = Layout(240, 320, (0.08, 0.4), 35.0, blur=0.4)


def scenes(count, close_up=False, layout=LAYOUT):
    pictures = [blobs(150, 200, 100 + number) for number in range(3)]
    for seed in range(count):
        generator = np.random.default_rng(seed)
        yield pictures, compose(blobs(200, 300, seed), pictures, [blobs(90, 90, 50)] * 2, layout, generator, close_up)


@pytest.mark.parametrize("turn", [0.0, 0.4, np.pi / 4])
def test_a_filled_polygon_is_as_large_as_it_is_meant_to_be(turn):
    quad = geometry.seen_by_camera(1.0, turn, 0.0, 0.0, 3.0) * 60 + 50.3
    image = np.zeros((100, 100), np.uint8)
    fill(image, quad, 255)
    assert np.sqrt(image.sum() / 255) == pytest.approx(60, abs=0.2)
    assert (image.sum(0) * (np.arange(100) + 0.5)).sum() / image.sum() == pytest.approx(50.3, abs=0.1)


def test_an_inset_square_is_smaller_on_every_side_and_a_thin_one_stays():
    assert inset(geometry.square(10), 1.0) == pytest.approx(geometry.square(8) + 1)
    thin = np.float32([[0, 0], [10, 0], [10, 1], [0, 1]])
    assert np.array_equal(inset(thin, 1.0), thin)


def test_pictures_lie_in_the_frame_and_none_on_another():
    for _, scene in scenes(12):
        assert scene.frame.shape == (240, 320, 3) and scene.frame.dtype == np.uint8
        assert 1 <= len(scene.quads) <= 3
        assert scene.quads.min() >= -0.01 and (scene.quads <= np.array([320, 240]) + 0.01).all()
        for number, paper in enumerate(scene.papers):
            assert all(geometry.overlap(paper, other) == 0 for other in scene.papers[:number])


def test_the_first_picture_covers_what_it_should():
    shares = [geometry.area(scene.quads[0]) / (240 * 320) for _, scene in scenes(20)]
    assert min(shares) > 0.079 and max(shares) < 0.41 and max(shares) > 2 * min(shares)


def test_what_lies_in_a_quad_is_the_picture_upright():
    for pictures, scene in scenes(4, layout=Layout(240, 320, (0.2, 0.4), 35.0, blur=0.4, finer=2)):
        seen = geometry.rectify(scene.frame, scene.quads[0], 64).astype(float)
        likeness = [np.corrcoef(np.rot90(seen, turn).ravel(), _small(pictures[0]).ravel())[0, 1] for turn in range(4)]
        assert likeness[0] > 0.85 and likeness[0] > max(likeness[1:]) + 0.2


def test_a_close_up_is_nearly_upright():
    upright = geometry.square(240, geometry.MARGIN)
    found = [scene.quads[0] for _, scene in scenes(8, close_up=True, layout=Layout(240, 240, (0.1, 0.4), 35.0))]
    assert all(geometry.overlap(geometry.order(quad), upright) > 0.7 for quad in found)
    assert len({int(np.argmin(quad.sum(axis=1))) for quad in found}) > 1


def test_a_scene_is_a_function_of_its_generator():
    for (_, first), (_, second) in zip(scenes(3), scenes(3), strict=True):
        assert np.array_equal(first.frame, second.frame) and np.array_equal(first.quads, second.quads)


def test_the_maps_hold_the_areas_of_pictures_and_cores():
    quad = geometry.seen_by_camera(1.2, 0.3, 0.5, 1.0, 3.0) * 70 + 64
    scene = Scene(np.zeros((128, 128, 3), np.uint8), np.float32([quad]), np.float32([quad]))
    picture, core = maps(scene)[..., 0], maps(scene)[..., 1]
    assert picture.shape == (32, 32)
    assert picture.sum() * 16 == pytest.approx(geometry.area(quad), rel=0.01)
    # Of a tilted picture only about, for what is nearer looks larger.
    assert core.sum() * 16 == pytest.approx(CORE**2 * geometry.area(quad), rel=0.1)
    assert (core <= picture + 0.01).all()


def test_every_kind_of_clutter_is_drawn():
    drawn = set()
    for seed in range(30):
        frame = np.zeros((120, 160, 3), np.uint8)
        add_clutter(frame, blobs(60, 80, 3), np.random.default_rng(seed))
        drawn.add(int((frame > 0).any(-1).sum()))
    assert len(drawn) > 20 and max(drawn) > 3000


def _small(picture):
    return geometry.rectify(picture, np.float32([[0, 0], [200, 0], [200, 150], [0, 150]]), 64).astype(float)
