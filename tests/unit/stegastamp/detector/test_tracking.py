import cv2
import numpy as np
import pytest

from stegastamp.detector import tracking
from stegastamp.detector.finding import geometry
from stegastamp.detector.finding.fit import Candidate
from stegastamp.detector.reading import Reader
from stegastamp.detector.tracking import Tracker, follow, numbered_like
from stegastamp.message.acceptance import FALSE_ACCEPT
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


def test_what_was_read_is_not_asked_again(stamped, spread, bright, monkeypatch):
    reader = Reader(spread)
    tracker, asked, logits = Tracker(bright, reader), [], reader.logits
    monkeypatch.setattr(reader, "logits", lambda *words: asked.append(1) or logits(*words))
    for frame, _ in frames(stamped, 8):
        tracker.see(frame)
    tracker.end()
    assert len(asked) == 1 and [(track.frames, track.summed) for track in tracker.readings] == [(8, 1)]


def test_the_sums_of_a_track_share_half_of_its_risk(spread):
    """k frames in a row that would each be read cost 1/2, 1/6, ... of it."""
    reader, shares = Reader(spread), []
    reader.message = lambda logits, share: shares.append(share)
    track = tracking.Track(QUAD, np.zeros((8, 100), np.float32))
    for _ in range(200):
        track.add(np.zeros((8, 100), np.float32), reader)
    assert shares[:3] == pytest.approx([1 / 4, 1 / 12, 1 / 24]) and 0.49 < sum(shares) <= 0.5


def test_a_stamp_that_only_a_photo_says_is_followed_from_there(stamped, spread, bright, monkeypatch):
    """The quick search sees nothing; the thorough one, for photos, knows where the stamp is."""
    shown = list(frames(stamped, 6))
    searches = []

    def quads(frame, second_opinion=True):
        searches.append(second_opinion)
        return [Candidate(shown[0][1], 1.0)] if second_opinion else []

    monkeypatch.setattr(bright, "quads", quads)
    tracker = Tracker(bright, Reader(spread))
    seen = [tracker.see(frame) for frame, _ in shown]
    assert searches.count(True) == 1 and all(len(tracks) == 1 for tracks in seen)
    assert tracker.readings[0].reading.text == "film" and tracker.readings[0].frames == 6
    assert geometry.overlap(tracker.readings[0].quad, shown[-1][1]) > 0.9
    assert 0 < tracker.readings[0].reading.false_accept_probability <= FALSE_ACCEPT


def test_where_nothing_is_said_the_cost_of_photos_is_bounded(spread, bright, monkeypatch):
    searches = []
    monkeypatch.setattr(bright, "quads", lambda frame, second_opinion=True: searches.append(second_opinion) or [])
    tracker = Tracker(bright, Reader(spread))
    for number in range(60):
        tracker.see(np.full((60, 80, 3), 50 + number % 2, np.uint8))
    tracker.end()
    assert searches.count(True) == 4  # The first, the best of 25 twice, and of what is left.
    assert tracker.readings == []
