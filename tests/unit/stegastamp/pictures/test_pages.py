"""Stamped pictures on pages, as in screenshots: what `decode` prints, and what its tries cost."""

import json

import cv2
import numpy as np
import pytest
from skimage import data

import stegastamp
from stegastamp.__main__ import main
from stegastamp.detector.finding.fit import Candidate
from stegastamp.pictures import codec, pages, tries
from stegastamp.pictures.picture import Picture
from stegastamp.pictures.tries import SHARES


@pytest.fixture(scope="module")
def base():
    return stegastamp.load(codec.RELEASED / "base")


@pytest.fixture(scope="module")
def stamped(base):
    return base.encode(data.coffee(), "Hello", strength=0.03)  # 600 x 400


def page(picture, background=255, ink=60):
    """A window with a bar above, lines of text and the picture, and where it lies."""
    seen = np.full((760, 1100, 3), background, np.uint8)
    seen[:60] = 225 if background > 100 else 40
    for line in range(20):
        cv2.rectangle(seen, (760, 140 + 20 * line), (900 + 37 * line % 180, 148 + 20 * line), (ink,) * 3, -1)
    height, width = picture.shape[:2]
    seen[150 : 150 + height, 90 : 90 + width] = picture
    return seen, np.float32([[90, 150], [90 + width, 150], [90 + width, 150 + height], [90, 150 + height]])


class Finder:
    """Finds what it is told."""

    def __init__(self, *quads):
        self.candidates = [Candidate(np.float32(quad), 1.0) for quad in quads]

    def quads(self, frame, second_opinion=True):
        return self.candidates


@pytest.mark.parametrize(("background", "ink"), [(255, 60), (24, 200)])
def test_a_screenshot_is_read_by_the_command(tmp_path, capsys, stamped, background, ink):
    seen, corners = page(stamped, background, ink)
    assert cv2.imwrite(str(tmp_path / "screen.jpg"), seen[..., ::-1])
    assert main(["decode", str(tmp_path / "screen.jpg"), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["images"]
    assert (found["message"], found["way"], len(found["stamps"])) == ("Hello", "page", 1)
    assert np.abs(np.subtract(found["corners"], corners)).max() < 12
    assert main(["decode", str(tmp_path / "screen.jpg")]) == 0
    printed = capsys.readouterr()
    assert printed.out == "Hello\n"
    assert "in a picture on it at" in printed.err and printed.err.count("\n") == 1


def test_two_pictures_on_a_page_are_both_read(base, stamped):
    other = base.encode(data.chelsea(), "other", strength=0.03)
    seen = np.full((500, 1200, 3), 250, np.uint8)
    seen[40:440, 30:630], seen[80:380, 680:1131] = stamped, other
    quads = [[[30, 40], [630, 40], [630, 440], [30, 440]], [[680, 80], [1131, 80], [1131, 380], [680, 380]]]
    found = pages.read_page(base.stamper, Finder(quads[0], np.float32(quads[0]) + 3, quads[1]), Picture(seen), base.formats())
    assert sorted(one.reading.message for one in found) == ["Hello", "other"]
    assert {one.reading.way for one in found} == {"page"}


def test_a_turned_picture_on_a_page(base, stamped):
    seen, _ = page(np.ascontiguousarray(np.rot90(stamped)))
    (found,) = pages.read_page(base.stamper, Finder([[90, 150], [490, 150], [490, 750], [90, 750]]), Picture(seen), base.formats())
    assert (found.reading.message, found.reading.rotation) == ("Hello", 270)


def test_a_picture_that_the_window_cuts(base, stamped):
    seen, _ = page(np.ascontiguousarray(stamped[:, :450]))
    (found,) = pages.read_page(base.stamper, Finder([[90, 150], [540, 150], [540, 550], [90, 550]]), Picture(seen), base.formats())
    assert (found.reading.message, found.reading.way) == ("Hello", "page")


def test_tries_on_a_page_are_paid_for(monkeypatch, base):
    paid = []
    monkeypatch.setattr(pages, "read", lambda logits, formats, shares: paid.extend(shares))
    monkeypatch.setattr(tries, "read", lambda logits, formats, shares: paid.extend(shares))
    monkeypatch.setattr(pages, "STANDS_OUT", 0.0)  # All that may be tried is.
    quads = [np.float32([[x, 0], [x + 90, 0], [x + 90, 90], [x, 90]]) for x in range(0, 500, 25)]
    assert pages.read_page(base.stamper, Finder(*quads), Picture(data.coffee()), base.formats()) == []
    assert len(paid) == pages.SUREST + 7 + tries.SUREST
    assert sum(paid) == pytest.approx(SHARES.page)


def test_nothing_found_is_nothing_read(base):
    assert pages.read_page(base.stamper, Finder(), Picture(np.full((300, 400, 3), 255, np.uint8)), base.formats()) == []


def test_without_a_detector_it_is_said(tmp_path, capsys, monkeypatch):
    path = tmp_path / "photo.png"
    assert cv2.imwrite(str(path), data.rocket())
    weights = str(codec.RELEASED / "quick")
    assert main(["decode", str(path), "--checkpoint", weights]) == 1
    assert capsys.readouterr() == ("", f"{path}: no message; pictures on it were looked for too\n")
    monkeypatch.setattr(codec, "RELEASED", tmp_path)
    assert main(["decode", str(path), "--checkpoint", weights]) == 1
    assert capsys.readouterr() == ("", f"{path}: no message; there is no detector to look for pictures on it\n")
