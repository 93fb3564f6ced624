import cv2
import numpy as np
import pytest
from skimage import data

from stegastamp.attacks import ATTACKS

KEYS = np.random.default_rng(1).integers(-(2**31), 2**31, (3, 2)).astype(np.int32)
IMAGES = np.repeat(data.astronaut()[None, 60:124, 200:264], 3, 0)
FLAT = np.full((3, 64, 64, 3), 100, np.uint8)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gives_bytes_that_hang_on_image_and_key_alone(name):
    before = IMAGES.copy()
    attacked = ATTACKS[name](IMAGES, KEYS)
    assert attacked.dtype == np.uint8 and attacked.shape == IMAGES.shape
    assert np.array_equal(IMAGES, before)
    assert np.array_equal(ATTACKS[name](IMAGES[1:], KEYS[1:]), attacked[1:])
    assert (name == "png") == np.array_equal(attacked, IMAGES)


@pytest.mark.parametrize("name", ["motion_blur", "noise", "hue", "warp_5_percent"])
def test_chance_differs_from_key_to_key(name):
    first, second, third = ATTACKS[name](IMAGES, KEYS)
    assert not np.array_equal(first, second) and not np.array_equal(second, third)


@pytest.mark.parametrize("quality", [90, 75, 50])
def test_jpeg_is_that_of_opencv(quality):
    file = cv2.imencode(".jpg", cv2.cvtColor(IMAGES[0], cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    expected = cv2.cvtColor(cv2.imdecode(file, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    assert np.array_equal(ATTACKS[f"jpeg{quality}"](IMAGES, KEYS)[0], expected)


def test_strengths_on_a_flat_grey():
    change = {name: ATTACKS[name](FLAT, KEYS).astype(int) - 100 for name in ATTACKS}
    assert set(np.unique(change["contrast"])) <= {-50, 50}
    assert set(np.unique(change["brightness"])) <= {-76, -77, 76, 77}
    assert set(np.unique(np.abs(change["hue"]))) <= {25, 26}
    assert all(np.ptp(change[name], axis=(1, 2)).max() == 0 for name in ("contrast", "brightness", "hue"))
    assert change["noise"].std() == pytest.approx(0.02 * 255, rel=0.05)
    for name in ("png", "gaussian_blur", "motion_blur", "desaturation", "resize_half"):
        assert not change[name].any()


def test_desaturation_is_the_luma():
    grey = ATTACKS["desaturation"](IMAGES, KEYS).astype(float)
    assert np.abs(grey - (IMAGES @ [0.3, 0.6, 0.1])[..., None]).max() <= 0.51


def test_motion_blur_smears_a_point_along_a_line():
    point = np.zeros((3, 21, 21, 3), np.uint8)
    point[:, 10, 10] = 255
    for smeared in ATTACKS["motion_blur"](point, KEYS)[..., 0]:
        assert int(smeared.sum()) == pytest.approx(255, abs=8)
        offsets = np.argwhere(smeared > 3) - 10
        assert np.abs(offsets).max() in (2, 3)
        # One long axis and one short: a line, whatever its direction.
        spread = np.linalg.eigvalsh(np.cov(offsets.T, aweights=smeared[smeared > 3]))
        assert spread[1] > 8 * spread[0]


def test_warp_moves_content_by_at_most_5_percent():
    ramp = np.broadcast_to(np.arange(100, dtype=np.uint8)[None, None, :, None] + 100, (3, 100, 100, 3))
    warped = ATTACKS["warp_5_percent"](ramp, KEYS)[:, 10:90, 10:90].astype(int)
    shift = np.abs(warped - ramp[:, 10:90, 10:90])
    assert (shift.max(axis=(1, 2, 3)) >= 1).all() and shift.max() <= 6


def test_resize_half_takes_away_the_finest_pattern():
    checkers = np.uint8(np.indices((64, 64)).sum(0) % 2 * 255)[None, :, :, None].repeat(3, -1)
    assert np.ptp(ATTACKS["resize_half"](checkers, KEYS[:1])) == 0


def test_floats_are_refused():
    with pytest.raises(ValueError, match="uint8"):
        ATTACKS["png"](IMAGES / 255, KEYS)
