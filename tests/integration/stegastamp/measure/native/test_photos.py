import numpy as np
import pytest

from stegastamp.measure import camera
from stegastamp.measure.attacks import NATIVE_ATTACKS
from stegastamp.measure.native import photos, scores
from stegastamp.measure.native.case import Case, read, views
from stegastamp.pictures.photos import find_images, read_image
from tests.fixtures.grid_stamper import GridStamper


@pytest.fixture(scope="module")
def measured(photos_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(camera, "RASTER", 160)
        patch.setattr(camera, "PHOTO_SIDE", (100, 150))
        paths = find_images(photos_folder)[:3]
        return photos.measure(GridStamper(), paths, 2), photos.measure(GridStamper(), paths[1:2], 2)


def test_what_is_plain_is_read_and_what_carries_nothing_is_not(measured):
    found, _ = measured
    assert found.names == ("0.png", "1.png", "10.png") and found.sizes == ((80, 96),) * 3
    assert set(found.accuracy) == {*NATIVE_ATTACKS, "unmarked"}
    assert all(values.shape == (3, 2) for values in (*found.accuracy.values(), *found.success["text7_hard"].values()))
    for name in ("none", "jpeg90", "jpeg30", "noise", "resize_half", "saturation"):
        assert found.accuracy[name].min() > 0.95, name
    assert found.success["text7_hard"]["none"].all() and found.success["text7_soft"]["as_sent"].all()
    assert set(found.success) == {"text7_hard", "text7_soft", "text5_soft", "text4_soft"}
    assert set(found.search) == set(NATIVE_ATTACKS) and found.search["none"].shape == (3, 1) and found.search["none"].all()
    # No logit says which way is up, but the message does.
    assert found.search["rotation_90"].all()
    # Squares of a tenth of the side do not survive a crop or a turn by 15 degrees.
    for name in ("crop_75_percent", "rotation_15"):
        assert found.accuracy[name].max() < 0.9 and not found.success["text7_hard"][name].any()
    assert abs(found.accuracy["unmarked"].mean() - 0.5) < 0.12


def test_the_picture_is_measured(measured):
    found, _ = measured
    assert set(found.quality) == {"psnr", "ssim", "colour_difference"}
    assert (found.quality["psnr"] < 20).all() and (found.quality["ssim"] < 0.9).all() and (found.quality["colour_difference"] > 5).all()
    # A grid of ten squares a side has its energy below 16 cycles.
    assert found.energy["luma"][:16].sum() > 0.7 * found.energy["luma"].sum() > 0
    assert found.curve["psnr"].shape == (3, 5) and (np.diff(found.curve["psnr"].mean(0)) < 0).all()
    assert found.strengths == pytest.approx((0.25, 0.35, 0.5, 0.7, 1.0))


def test_a_photo_scores_the_same_whatever_stands_beside_it(measured):
    found, alone = measured
    for name, values in alone.accuracy.items():
        assert np.array_equal(found.accuracy[name][1:2], values)
    assert np.array_equal(found.quality["psnr"][1:2], alone.quality["psnr"])


def test_reading_is_that_of_the_stamper(photos_folder):
    image = read_image(photos_folder / "3.png")
    assert np.array_equal(read(GridStamper(), [image])[0], GridStamper().read_image(image))


def test_a_rotation_is_chosen_without_asking_for_the_message(photos_folder):
    stamper = GridStamper()
    case = Case.of(photos_folder / "0.png", 2, 100, 0)
    stamped = case.stamp(stamper, 0)

    class Surest(GridStamper):
        """Logits of the view whose upper left is brightest are tenfold."""

        def logits(self, images):
            return super().logits(images) * np.where(images[:, 0, 0].sum(-1) == images[:, 0, 0].sum(-1).max(), 10, 1)[:, None]

    brightest = max(views(stamped, 40, True), key=lambda view: int(view[0, 0].sum()))
    assert np.allclose(read(Surest(), [stamped], True)[0], 10 * stamper.logits(brightest[None])[0])


def test_a_photo_that_cannot_be_read_is_named(photos_folder, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match="bad.png is no readable image"):
        photos.measure(GridStamper(), [tmp_path / "bad.png"], 1)


def test_the_number_of_finished_photos_is_told(photos_folder, monkeypatch):
    monkeypatch.setattr(scores, "NATIVE_ATTACKS", {"none": NATIVE_ATTACKS["none"]})
    monkeypatch.setattr(scores, "CURVE_ATTACKS", ("none",))
    told = []
    photos.measure(GridStamper(), find_images(photos_folder)[:4], 1, done=told.append)
    assert told == [1, 2, 3, 4]
