from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from longrun import UserError
from stegastamp.detector import spectrum
from stegastamp.detector.finding import geometry
from stegastamp.detector.finding.fit import Candidate
from stegastamp.detector.reading import ORIENTATIONS, WITHIN, Reader, own_corners, read_all, turned
from stegastamp.message.formats import formats_for

QUAD = np.float32([[90, 60], [350, 90], [330, 330], [60, 300]])

TEXT = formats_for(100)[0]


@pytest.fixture(scope="module")
def stamped(spread, grey):
    return spread.stamp_image(grey, TEXT.encode("Hello").astype(np.float32))


def hang(picture, quad, height=400, width=420):
    source = geometry.square(len(picture))
    return cv2.warpPerspective(picture, geometry.resampling(source, quad), (width, height))


def noisy(frame, amount):
    noise = np.random.default_rng(3).normal(0, amount, frame.shape)
    return np.clip(frame + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("orientation", range(ORIENTATIONS))
def test_a_stamp_is_read_whatever_side_is_up(stamped, spread, orientation):
    """The picture is hung turned and mirrored; the corners of the answer begin where the stamp's own top left is."""
    # Turning back is undone: mirroring is its own inverse, and turns go the other way.
    picture = np.rot90(stamped, -(orientation % 4))
    picture = picture[:, ::-1] if orientation >= 4 else picture
    found = Reader(spread).read(hang(picture, QUAD), QUAD)
    assert (found.text, found.corrected, found.mirrored) == ("Hello", 0, orientation >= 4)
    assert np.array_equal(turned(picture, orientation), stamped)
    mark = np.zeros((100, 100), np.uint8)
    mark[0, 0] = 1
    mark = np.rot90(mark, -(orientation % 4))
    mark = mark[:, ::-1] if orientation >= 4 else mark
    row, column = np.argwhere(mark)[0]
    expected = QUAD[{(0, 0): 0, (0, 99): 1, (99, 99): 2, (99, 0): 3}[row, column]]
    assert np.array_equal(found.quad[0], expected)
    assert np.array_equal(found.quad, own_corners(QUAD, orientation))


def test_corners_that_are_off_are_nudged_into_place(stamped, spread):
    reader, frame = Reader(spread), noisy(hang(stamped, QUAD), 40)
    off = QUAD + 1.8 * np.float32([[4, -2], [-3, 4], [-4, -3], [3, 4]])
    assert reader.message(reader.logits(frame, off), 0.5) is None
    found = reader.read(frame, off)
    assert found.text == "Hello" and 0 < found.false_accept_probability <= 2e-6
    assert geometry.corner_error(found.quad, QUAD) < geometry.corner_error(off, QUAD)


def test_where_a_stamper_finds_its_mark_by_itself_nothing_is_nudged(stamped, spread):
    reader, off = Reader(spread), QUAD + 1.8 * np.float32([[4, -2], [-3, 4], [-4, -3], [3, 4]])
    reader.within = WITHIN
    assert reader.read(noisy(hang(stamped, QUAD), 40), off) is None
    assert reader.read(hang(stamped, QUAD), QUAD).text == "Hello"


def test_a_picture_without_a_stamp_says_nothing(spread, grey):
    assert Reader(spread).read(noisy(hang(grey, QUAD), 20), QUAD) is None
    assert read_all(Reader(spread), noisy(hang(grey, QUAD), 20), []) == ([], [])


def test_a_stamp_is_told_once_however_many_quads_cover_it(stamped, spread):
    beside = geometry.square(30) + np.float32(5)
    candidates = [Candidate(quad, 1.0) for quad in (QUAD + 25, QUAD, QUAD + 1, beside)]
    read, silent = read_all(Reader(spread), hang(stamped, QUAD), candidates)
    assert [each.text for each in read] == ["Hello"]
    assert len(silent) == 1 and np.array_equal(silent[0], beside)


def test_a_stamper_that_holds_no_text_is_refused_at_once():
    class Small:
        bits, size = 8, 32

    with pytest.raises(UserError, match="8 bits"):
        Reader(Small())


def test_where_a_localiser_reads_the_same_is_not_read_again(stamped, spread):
    """Quads beside one that was tried are left out where the Stamper finds the mark by itself, and only there."""

    class Tolerant:
        config = SimpleNamespace(model=SimpleNamespace(transformer="localiser"), mark=SimpleNamespace(sync=0.0))
        bits, size = spread.bits, spread.size

        def __init__(self):
            self.seen = 0

        def logits(self, images):
            self.seen += len(images)
            return spread.logits(images)

    frame = hang(stamped, QUAD)
    candidate = Candidate(QUAD + 60, 1.0, (QUAD + 61, QUAD - 40, QUAD, QUAD + 2))
    tolerant = Tolerant()
    assert Reader(tolerant).read(frame, candidate).text == "Hello"
    assert tolerant.seen == 3 * ORIENTATIONS
    assert len(Reader(spread).apart(candidate)) == 5


def test_where_marks_carry_waves_only_what_shows_them_is_read(stamped, spread, grey, monkeypatch):
    """At the quad where they are clearest; what shows none is read where nothing else says anything."""
    reader, tried = Reader(spread), []
    monkeypatch.setattr(reader, "waves", True)
    original = reader.logits
    monkeypatch.setattr(reader, "logits", lambda frame, quad: tried.append(quad) or original(frame, quad))
    other = geometry.square(120) + np.float32([430, 20])
    frame = hang(stamped, QUAD, width=600)
    frame[20:140, 430:550] = cv2.resize(grey, (120, 120))
    clearest = geometry.Halves(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)).rectify(QUAD, spectrum.SIDE)
    # Blocks of a picture in plain sight are no waves, so the waves are seen where the test says so.
    monkeypatch.setattr(spectrum, "clarity", lambda view: 2.0 * np.array_equal(view, clearest))
    candidates = [Candidate(other, 1.0), Candidate(QUAD + np.float32([40, -40]), 0.5, (QUAD,))]
    read, silent = read_all(reader, frame, candidates)
    assert [each.text for each in read] == ["Hello"] and np.array_equal(read[0].quad, QUAD)
    assert np.array_equal(tried, [QUAD]) and np.array_equal(silent, [other])

    tried.clear()
    monkeypatch.setattr(spectrum, "clarity", lambda view: 0.0)
    read, silent = read_all(reader, frame, candidates)
    assert [each.text for each in read] == ["Hello"] and len(tried) > 1 and np.array_equal(silent, [other])
