import numpy as np
import pytest

from stegastamp.pictures import crops
from tests.fixtures.stegastamp import busy_photos, flat_photos


@pytest.mark.parametrize(("height", "width"), [(32, 32), (200, 33), (31, 90), (5, 7), (1, 1), (400, 400)])
def test_crops_have_their_shape_whatever_the_image(height, width):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    for number in range(30):
        crop = crops.random_crop(image, 32, np.array([number, -number], np.int32))
        assert crop.shape == (32, 32, 3) and crop.dtype == np.uint8


def test_crops_are_flipped_placed_and_scaled_by_their_key():
    image = np.zeros((256, 256, 3), np.uint8)
    image[..., 0], image[..., 1] = np.arange(256)[:, None], np.arange(256)[None, :]
    found = [crops.random_crop(image, 32, np.array([number, 7], np.int32)).astype(int) for number in range(300)]
    assert np.array_equal(found[0], crops.random_crop(image, 32, np.array([0, 7], np.int32)))
    upright = np.array([crop[-1, 0, 0] > crop[0, 0, 0] for crop in found])
    unmirrored = np.array([crop[0, -1, 1] > crop[0, 0, 1] for crop in found])
    assert 0.4 < upright.mean() < 0.6 and 0.4 < unmirrored.mean() < 0.6
    assert abs(np.corrcoef(upright, unmirrored)[0, 1]) < 0.2
    sides = np.array([1 + np.ptp(crop[..., 0]) for crop in found])
    # From 32 (one to one) to 128, half of them below the geometric mean of the two.
    assert sides.min() < 35 and 115 < sides.max() <= 128
    assert 55 < np.median(sides) < 73
    assert min(crop[..., 0].min() for crop in found) < 10 and max(crop[..., 0].max() for crop in found) > 245


def test_crops_of_the_exact_size_are_the_image():
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    flips = {image[::v, ::h].tobytes() for v in (1, -1) for h in (1, -1)}
    assert {crops.random_crop(image, 32, np.array([n, 0], np.int32)).tobytes() for n in range(40)} == flips


def test_held_out_crops_take_turns_and_stay_the_same():
    photos = flat_photos(3)
    found = crops.held_out_crops(photos, 32, 8)
    assert found[:, 0, 0, 0].tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    busy = busy_photos(3)
    assert np.array_equal(crops.held_out_crops(busy, 32, 8), crops.held_out_crops(busy, 32, 8))
    # The first cases of a longer evaluation are those of a short one.
    assert np.array_equal(crops.held_out_crops(busy, 32, 5), crops.held_out_crops(busy, 32, 8)[:5])


def test_evaluation_messages_are_fair_and_stay_the_same():
    messages = crops.evaluation_messages(200, 100)
    assert messages.dtype == np.float32 and set(np.unique(messages)) == {0.0, 1.0}
    assert abs(messages.mean() - 0.5) < 0.015
    assert np.array_equal(messages, crops.evaluation_messages(200, 100))


def test_resize_averages_down_and_interpolates_up():
    checkers = (np.indices((8, 8)).sum(0) % 2 * 200).astype(np.uint8)[..., None].repeat(3, -1)
    assert np.unique(crops.resize(checkers, (4, 4))).tolist() == [100]
    assert crops.resize(checkers, (5, 16)).shape == (5, 16, 3)
    assert crops.resize(checkers, (8, 8)) is checkers
