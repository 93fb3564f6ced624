import cv2
import numpy as np
import pytest

from stegastamp.detector import tracking
from stegastamp.detector.finding import geometry
from stegastamp.detector.reading import Reader
from stegastamp.detector.tracking import Tracker, follow, numbered_like
from stegastamp.message.formats import formats_for
from tests.fixtures.detector import Spread
from tests.fixtures.stegastamp import blobs

QUAD = np.float32([[60, 50], [200, 60], [190, 190], [55, 180]])

TEXT = formats_for(100)[0]


def frames(picture, count, noise=0.0):
    """A picture that moves by (2, 1) pixels a frame on black: (frame, true quad)."""
    for number in range(count):
        quad = QUAD + np.float32([2, 1]) * number
        frame = cv2.warpPerspective(picture, geometry.resampling(geometry.square(len(picture)), quad), (300, 240))
        grain = np.random.default_rng(number).normal(0, noise, frame.shape) if noise else 0
        yield np.clip(frame + grain, 0, 255).astype(np.uint8), quad


@pytest.fixture(scope="module")
def stamped(spread, grey):
    return spread.stamp_image(grey, TEXT.encode("film").astype(np.float32))


def test_flow_follows_a_picture_that_moves():
    picture = cv2.resize(blobs(60, 60, 4), (240, 240))
    (first, quad), (second, moved) = frames(picture, 2)
    found = follow(*(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second)), quad)
    assert found == pytest.approx(moved, abs=0.5)


def test_flow_loses_what_is_gone():
    picture = np.random.default_rng(0).integers(0, 255, (240, 240, 3), dtype=np.uint8)
    (first, quad), _ = frames(picture, 2)
    grey = cv2.cvtColor(first, cv2.COLOR_RGB2GRAY)
    assert follow(grey, np.zeros_like(grey), quad) is None
    assert follow(np.zeros_like(grey), grey, quad) is None


def test_the_corners_of_a_track_keep_their_order():
    assert np.array_equal(numbered_like(np.roll(QUAD, 3, axis=0) + 1, QUAD), QUAD + 1)


def test_a_film_is_read_and_the_quad_stays_on_the_picture(stamped, spread, bright):
    tracker = Tracker(bright, Reader(spread), every=4)
    for frame, quad in frames(stamped, 6):
        (track,) = tracker.see(frame)
        assert geometry.overlap(track.quad, quad) > 0.93
    assert [each.reading.text for each in tracker.readings] == ["film"]
    assert track.frames == 6


def test_the_sum_over_frames_reads_what_no_frame_says(grey):
    """The detector is not asked here: the quads are known, the mark is weak, and every frame is mostly noise."""
    weak = Spread()
    weak.strength = 0.02
    stamped = weak.stamp_image(grey, TEXT.encode("film").astype(np.float32))
    reader = Reader(weak)
    track = tracking.Track(QUAD, np.zeros((8, 100), np.float32))
    alone = []
    for frame, quad in frames(stamped, 25, noise=120):
        logits = reader.logits(frame, quad)
        alone.append(reader.message(logits, 1.0))
        track.add(logits, reader)
    assert alone.count(None) >= 23
    assert track.reading is not None and track.reading.text == "film"


def test_a_track_that_is_lost_ends_but_what_it_said_stays(stamped, spread, bright):
    tracker = Tracker(bright, Reader(spread), every=1)
    for frame, _ in frames(stamped, 2):
        tracker.see(frame)
    for _ in range(tracking.PATIENCE + 2):
        assert tracker.see(np.zeros((240, 300, 3), np.uint8)) == []
    assert tracker.tracks == [] and [each.reading.text for each in tracker.readings] == ["film"]
