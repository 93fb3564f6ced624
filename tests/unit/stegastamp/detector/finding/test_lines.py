import numpy as np
import pytest

from stegastamp.detector.finding import geometry, lines
from stegastamp.detector.training.clutter import fill
from tests.unit.stegastamp.detector.finding.test_contours import QUAD, frame


@pytest.mark.parametrize("colour", [(200, 210, 190), (20, 20, 20), (110, 50, 60)])
def test_a_plain_picture_is_found_by_lightness_and_by_colour_alone(colour):
    best = lines.quads(frame(colour))[0]
    assert geometry.overlap(best.quad, QUAD) > 0.97 and 0.5 < best.score <= 1


def test_a_picture_whose_inside_and_outside_change_is_found_where_contours_are_lost():
    """Dark and bright stripes behind it and across it: no level of lightness is on one side of the outline alone."""
    x = np.arange(960)
    stripes = np.where(x // 80 % 2, 60, 190).astype(np.uint8)
    image = np.repeat(np.tile(stripes, (720, 1))[..., None], 3, -1)
    inside = np.zeros((720, 960, 3), np.uint8)
    fill(inside, QUAD, (1, 1, 1))
    image = np.where(inside > 0, 255 - image, image).astype(np.uint8)
    assert max(geometry.overlap(each.quad, QUAD) for each in lines.quads(image)) > 0.95


def test_a_part_of_a_picture_whose_edges_run_on_scores_less_than_the_whole():
    image = frame((200, 210, 190))
    # A line across the picture makes two smaller quads of it.
    middle = np.float32([QUAD[0] + QUAD[1], QUAD[3] + QUAD[2]]) / 2
    fill(image, np.float32([middle[0] - (3, 0), middle[0] + (3, 0), middle[1] + (3, 0), middle[1] - (3, 0)]), (20, 20, 20))
    first, *rest = lines.quads(image)
    assert geometry.overlap(first.quad, QUAD) > 0.97
    half = np.float32([QUAD[0], middle[0], middle[1], QUAD[3]])
    assert any(geometry.overlap(each.quad, half) > 0.9 and each.score < first.score for each in rest)


def test_few_lines_and_none_make_no_quads():
    assert lines.quads(np.full((90, 120, 3), 128, np.uint8)) == []
    image = np.full((300, 400, 3), 70, np.uint8)
    fill(image, np.float32([[50, 250], [200, 40], [350, 250]]), (220, 220, 220))
    assert lines.quads(image) == []


def test_a_large_frame_gives_the_same_quads_in_its_own_pixels():
    image = frame((200, 210, 190))
    large = image.repeat(2, 0).repeat(2, 1)
    (small, *_), (found, *_) = lines.quads(image), lines.quads(large)
    assert np.abs(found.quad - 2 * small.quad).max() < 8


def test_quads_differ_and_are_limited():
    found = lines.quads(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8).repeat(12, 0).repeat(12, 1), most=4)
    assert len(found) <= 4
    assert all(geometry.overlap(a.quad, b.quad) < lines.SAME for n, a in enumerate(found) for b in found[:n])
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
