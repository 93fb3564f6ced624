import cv2
import numpy as np
import pytest
from skimage import data

from stegastamp.measure import camera
from stegastamp.measure.attacks import ATTACKS, NATIVE_ATTACKS, attack_key

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


PHOTO = data.astronaut()[:140, :200]


def attacked(name, image=PHOTO, of="a"):
    return NATIVE_ATTACKS[name].apply(image, attack_key(0, of, name))


@pytest.mark.parametrize("name", NATIVE_ATTACKS)
def test_a_native_attack_takes_any_size_and_hangs_on_names_alone(name, monkeypatch):
    monkeypatch.setattr(camera, "RASTER", 200)
    monkeypatch.setattr(camera, "PHOTO_SIDE", (90, 160))
    before = PHOTO.copy()
    found = attacked(name)
    assert found.dtype == np.uint8 and found.ndim == 3 and found.shape[-1] == 3
    assert np.array_equal(found, attacked(name)) and np.array_equal(PHOTO, before)
    assert (name == "none") == np.array_equal(found, PHOTO)
    assert NATIVE_ATTACKS[name].text
    assert attacked(name, data.astronaut()[:41, :97]).size


def test_every_image_has_its_own_chance():
    assert not np.array_equal(attacked("noise"), attacked("noise", of="b"))
    assert not np.array_equal(attack_key(0, "a", "noise"), attack_key(1, "a", "noise"))


SIZES = {
    "crop_90_percent": (126, 180),
    "crop_75_percent": (105, 150),
    "square": (140, 140),
    "4_to_5": (140, 112),
    "16_to_9": (112, 200),
    "9_to_16": (140, 78),
    "strip_left": (140, 170),
    "strip_right": (140, 180),
    "strip_above": (119, 200),
    "strip_below": (133, 200),
    "rotation_45": (140, 200),
    "rotation_90": (200, 140),
}


@pytest.mark.parametrize(("name", "shape"), SIZES.items())
def test_sizes_that_change(name, shape):
    assert attacked(name).shape[:2] == shape


def test_geometry_of_crop_and_turns():
    assert np.array_equal(attacked("crop_90_percent"), PHOTO[7:133, 10:190])
    turned = attacked("rotation_90")
    assert np.array_equal(turned, np.rot90(PHOTO)) or np.array_equal(turned, np.rot90(PHOTO, 3))
    assert NATIVE_ATTACKS["rotation_90"].turned and not NATIVE_ATTACKS["rotation_15"].turned
    point = np.zeros((101, 101, 3), np.uint8)
    point[50, 90:93] = 255
    for name, degrees in (("rotation_5", 5), ("rotation_15", 15), ("rotation_45", 45)):
        row, column = np.argwhere(attacked(name, point)[..., 0] > 60).mean(0) - 50
        assert abs(np.degrees(np.arctan2(row, column))) == pytest.approx(degrees, abs=0.6)


def test_strips_are_taken_off_the_sides_they_are_named_after():
    assert np.array_equal(attacked("strip_left"), PHOTO[:, 30:])
    assert np.array_equal(attacked("strip_right"), PHOTO[:, :180])
    assert np.array_equal(attacked("strip_above"), PHOTO[21:])
    assert np.array_equal(attacked("strip_below"), PHOTO[:133])


def test_cuts_to_an_aspect():
    assert np.array_equal(attacked("square"), PHOTO[:, 30:170])
    assert np.array_equal(attacked("4_to_5"), PHOTO[:, 62:174])
    assert np.array_equal(attacked("16_to_9"), PHOTO[14:126])


def test_all_is_seen_of_what_is_turned_by_any_angle():
    white = np.full((60, 90, 3), 255, np.uint8)
    assert len({attacked("rotation_any", white, of).shape for of in "abcd"}) > 1
    for of in "abcd":
        assert attacked("rotation_any", white, of).astype(float).sum() == pytest.approx(white.astype(float).sum(), rel=0.03)


def test_colours_by_hand():
    grey = np.full((5, 5, 3), 100, np.uint8)
    light = 100 / 255
    expected = {"brightness": (light - 0.2, light + 0.2), "contrast": (light * 0.6, light * 1.4), "gamma": (light**0.6, light**1.6)}
    for name, values in expected.items():
        assert int(attacked(name, grey)[0, 0, 0]) in [round(255 * value) for value in values]
    for name in ("hue", "saturation", "gaussian_blur", "motion_blur", "crop_75_percent"):
        assert (attacked(name, grey) == 100).all()
    red = np.zeros((5, 5, 3), np.uint8) + np.uint8([200, 0, 0])
    assert attacked("hue", red)[0, 0].tolist() in ([200, 60, 0], [200, 0, 60])
    lit = attacked("saturation", red)[0, 0]
    assert len(set(lit.tolist())) == 1 or lit[0] == 255


def test_files_get_smaller_pixels_or_coarser_ones():
    small = attacked("screenshot").shape
    assert 70 <= small[0] < 140 and small[0] / small[1] == pytest.approx(0.7, abs=0.02)
    error = [np.abs(attacked(name).astype(int) - PHOTO).mean() for name in ("jpeg90", "jpeg75", "jpeg50", "jpeg30")]
    assert error == sorted(error)
    assert 0.5 < np.abs(attacked("webp50").astype(int) - PHOTO).mean() < 12


def test_a_large_photo_is_blurred_as_much_as_a_small_one():
    large = cv2.resize(PHOTO, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    for name in ("gaussian_blur", "resize_half"):
        small, shrunk = attacked(name), cv2.resize(attacked(name, large), (200, 140), interpolation=cv2.INTER_AREA)
        if name == "gaussian_blur":
            assert np.abs(small.astype(int) - shrunk).mean() < 3
        else:
            assert np.abs(small.astype(int) - PHOTO).mean() > np.abs(shrunk.astype(int) - PHOTO).mean()


def test_batches_are_no_single_images():
    with pytest.raises(ValueError, match="H, W, 3"):
        NATIVE_ATTACKS["none"].apply(IMAGES, KEYS[0])
