import numpy as np
import pytest

from stegastamp.detector.finding import fit, geometry
from stegastamp.detector.training.scenes import Scene, maps


def perfect(*quads, side=128):
    quads = np.float32(quads)
    return maps(Scene(np.zeros((side, side, 3), np.uint8), quads, quads))


@pytest.mark.parametrize("seed", range(8))
def test_a_perfect_map_gives_the_corners_to_a_fraction_of_a_cell(seed):
    generator = np.random.default_rng(seed)
    quad = np.float32(geometry.seen_by_camera(1.2, *generator.uniform(0, (6, 0.6, 6)), 3.0) * generator.uniform(40, 70) + 64)
    (found,) = fit.quads(perfect(quad))
    # A cell is four pixels wide.
    assert geometry.corner_error(found.quad, quad) * np.sqrt(geometry.area(quad)) < 0.6
    assert found.score > 0.93


def test_pictures_side_by_side_are_two():
    left, right = geometry.square(40) + np.float32([20, 40]), geometry.square(40) + np.float32([60, 40])
    found = sorted((each.quad for each in fit.quads(perfect(left, right))), key=lambda quad: quad[0, 0])
    assert len(found) == 2
    assert geometry.overlap(found[0], left) > 0.9 and geometry.overlap(found[1], right) > 0.9


def test_a_picture_at_the_edge_of_the_frame_is_found():
    quad = geometry.square(60) + np.float32([0, 68])
    (found,) = fit.quads(perfect(quad))
    assert geometry.overlap(found.quad, quad) > 0.95


def test_a_covered_corner_costs_little():
    quad = geometry.square(80) + np.float32(24)
    seen = perfect(quad)
    seen[6:8, 6:8] = 0  # Eight pixels of 80 either way.
    (found,) = fit.quads(seen)
    assert geometry.corner_error(found.quad, quad) < 0.03


def test_nothing_gives_nothing():
    assert fit.quads(np.zeros((32, 32, 2), np.float32)) == []
    speck = np.zeros((32, 32, 2), np.float32)
    speck[3, 3] = 1
    assert fit.quads(speck) == []


def test_noise_is_survived():
    for seed in range(5):
        for candidate in fit.quads(np.random.default_rng(seed).random((32, 48, 2)).astype(np.float32)):
            assert candidate.quad.shape == (4, 2) and np.isfinite(candidate.quad).all()


def test_no_more_than_asked_for_and_the_best_first():
    quads = [geometry.square(30) + np.float32([x, y]) for x in (5, 80) for y in (5, 80)]
    found = fit.quads(perfect(*quads), most=3)
    assert len(found) == 3
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
