import numpy as np

from stegastamp.detector.finding import contours, geometry, search
from stegastamp.detector.training.clutter import fill

QUAD = np.float32([[200, 150], [600, 200], [580, 560], [160, 500]])


def frame(colour):
    image = np.random.default_rng(0).integers(60, 80, (720, 960, 3), dtype=np.uint8)
    fill(image, QUAD, colour)
    return image


def test_a_plain_picture_is_found_by_lightness_and_by_colour_alone():
    for colour in ((200, 210, 190), (20, 20, 20), (110, 50, 60)):
        best = contours.quads(frame(colour))[0]
        assert geometry.overlap(best.quad, QUAD) > 0.95 and 0.3 < best.score < 1


def test_a_disc_is_no_picture():
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    image = np.full((300, 400, 3), 70, np.uint8)
    fill(image, 150 + 90 * np.stack([np.cos(angles), np.sin(angles)], axis=1), (220, 220, 220))
    assert contours.quads(image) == []


def test_nothing_is_nothing():
    assert contours.quads(np.full((90, 120, 3), 128, np.uint8)) == []


def test_without_a_network_contours_are_all_there_is():
    detector = search.load("contours")
    assert detector.seen(frame((200, 210, 190))) == []
    found = detector.quads(frame((200, 210, 190)), second_opinion=False)
    assert geometry.overlap(found[0].quad, QUAD) > 0.97
