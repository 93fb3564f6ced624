"""Pictures that are not whole: cut, in margins, turned; by the released `quick`, which knows no waves, and `base`, which does."""

import cv2
import numpy as np
import pytest
from skimage import data

import stegastamp
from stegastamp.locating.places import Place
from stegastamp.message.acceptance import FALSE_ACCEPT, Reading
from stegastamp.pictures import codec, tries
from stegastamp.pictures.tries import FRAMES, SHARES, described


@pytest.fixture(scope="module")
def quick():
    return stegastamp.load(codec.RELEASED / "quick")


@pytest.fixture(scope="module")
def base():
    return stegastamp.load(codec.RELEASED / "base")


@pytest.fixture(scope="module")
def stamped(quick):
    return quick.encode(data.chelsea(), "Hello")


@pytest.fixture(scope="module")
def waved(base):
    return base.encode(data.coffee(), "Hello")  # 600 x 400


def jpeg(picture):
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], cv2.IMREAD_COLOR)


@pytest.mark.parametrize("kept", [0.95, 0.9])
def test_a_cropped_picture(quick, stamped, kept):
    height, width = stamped.shape[:2]
    top, left = round((1 - kept) / 2 * height), round((1 - kept) / 2 * width)
    found = quick.decode(stamped[top : height - top, left : width - left])
    assert (found.message, found.frame, found.way) == ("Hello", pytest.approx(1 / kept), "part")


@pytest.mark.parametrize("which", ["quick", "base"])
@pytest.mark.parametrize("part", [0.9, 0.6])
def test_a_picture_in_a_margin(which, part, request):
    model, picture = request.getfixturevalue(which), request.getfixturevalue({"quick": "stamped", "base": "waved"}[which])
    down, right = (round(length * (1 / part - 1) / 2) for length in picture.shape[:2])
    framed = cv2.copyMakeBorder(picture, down // 2, down, right, right // 4, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    found = model.decode(np.rot90(framed))
    assert (found.message, found.rotation, found.mirrored) == ("Hello", 270, False)
    assert found.way == ("margins" if part == 0.6 else found.way)


CUTS = {
    "3:2 to a square": (100, 0, 500, 400),
    "4:5, off the middle": (60, 0, 380, 400),
    "16:9": (0, 31, 600, 369),
    "15 % off the left": (90, 0, 600, 400),
    "15 % off below": (0, 0, 600, 340),
    "5 % off above": (0, 20, 600, 400),
    "the middle": (75, 50, 525, 350),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_along_one_axis_or_both(base, waved, name):
    left, top, right, bottom = CUTS[name]
    found = base.decode(jpeg(waved[top:bottom, left:right]))
    assert (found.message, found.rotation, found.mirrored) == ("Hello", 0, False)
    if found.way == "part":
        assert found.frame == pytest.approx((600 * 400 / ((right - left) * (bottom - top))) ** 0.5, rel=0.05)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_cut_in_any_orientation(base, waved, turns, mirrored):
    held = np.rot90(waved[:, 100:500][:, :: -1 if mirrored else 1], turns)
    found = base.decode(jpeg(np.ascontiguousarray(held)))
    back = np.rot90(held, found.rotation // 90)
    assert np.array_equal(back[:, ::-1] if found.mirrored else back, waved[:, 100:500])
    assert (found.message, found.way) == ("Hello", "part")


@pytest.mark.parametrize("degrees", [15, -62, 160])
@pytest.mark.parametrize("room", ["cut", "expanded", "smaller"])
def test_turned_by_any_angle(base, waved, degrees, room):
    height, width = waved.shape[:2]
    zoom = 0.6 if room == "smaller" else 1.0
    size = (800, 800) if room == "expanded" else (width, height)
    how = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, zoom)
    how[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    found = base.decode(jpeg(cv2.warpAffine(waved, how, size, flags=cv2.INTER_AREA)))
    assert (found.message, found.mirrored) == ("Hello", False)
    # This photo has black sides: on black its edges tell the angle roughly, and the network's localiser the rest.
    assert abs((found.rotation + degrees + 180) % 360 - 180) <= 15


def test_straightened(base, waved):
    how = cv2.getRotationMatrix2D((299.5, 199.5), 9, 1.25)
    assert base.decode(jpeg(cv2.warpAffine(waved, how, (600, 400)))).message == "Hello"


def test_what_is_only_partly_seen_is_read_on_white_and_on_black(base):
    alpha = np.full(data.coffee().shape[:2], 200, np.uint8)
    picture = base.encode(np.dstack([data.coffee(), alpha]), "Hello")
    assert base.decode(picture[:, 100:500]).way == "part"


def test_all_tries_of_a_call_share_its_risk():
    assert sum(SHARES) == 1
    assert 1.0 not in FRAMES


def test_tries_are_counted(monkeypatch, base):
    """Every row of logits that is read is paid for, and all together cost what there is."""
    paid = []

    def read(logits, formats, shares):
        assert len(shares) == len(logits)
        paid.extend(shares)

    monkeypatch.setattr(tries, "read", read)
    page = cv2.copyMakeBorder(data.coffee(), 90, 90, 90, 90, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    assert base.decode(np.dstack([page, np.full(page.shape[:2], 255, np.uint8)])) is None
    assert len(paid) == 2 * (8 + 8 + 2 * tries.SUREST)
    assert sum(paid) == pytest.approx(1 - SHARES.page)


def test_frames_are_counted(monkeypatch, quick):
    paid = []
    monkeypatch.setattr(tries, "read", lambda logits, formats, shares: paid.extend(shares))
    assert quick.decode(data.coffee()) is None
    assert sum(paid) == pytest.approx(1 - SHARES.page - SHARES.margins - SHARES.angles)


def test_a_try_that_is_less_likely_costs_more(quick, stamped):
    upright, turned = quick.decode(stamped), quick.decode(np.rot90(stamped))
    # 1/2 for upright, 1/8 for the seven others together.
    ratio = turned.false_accept_probability / upright.false_accept_probability
    assert ratio == pytest.approx(0.5 / (0.125 / 7), rel=0.3)


@pytest.mark.parametrize("photo", [data.coffee, data.rocket, data.camera, data.page, data.brick])
def test_photos_without_a_stamp_say_nothing(base, photo):
    assert base.decode(photo()) is None


def test_how_a_part_is_held():
    reading = Reading("a", "text7", 0, 100, FALSE_ACCEPT)
    corners = np.array([[0.2, 0.0], [0.7, 0.0], [0.7, 1.0], [0.2, 1.0]])
    upright = described(reading, Place(corners, 0.0))
    assert (upright.rotation, upright.mirrored, upright.frame) == (0, False, pytest.approx(2**0.5))
    # Turned by a quarter counterclockwise, the picture's top left is the mark's top right.
    assert described(reading, Place(np.roll(corners, -1, axis=0), 0.0)).rotation == 270
    mirrored = described(reading, Place(corners[[1, 0, 3, 2]], 0.0))
    assert (mirrored.rotation, mirrored.mirrored) == (0, True)
