import numpy as np
import pytest

from stegastamp.pictures.photos import Photos
from stegastamp.training import data


def flat_photos(count, height=48, width=40):
    """Photo i is grey i all over, so that a crop tells where it is from."""
    return Photos(tuple(map(str, range(count))), tuple(np.full((height, width, 3), i, np.uint8) for i in range(count)))


def busy_photos(count):
    draw = np.random.default_rng(0)
    return Photos(tuple(map(str, range(count))), tuple(draw.integers(0, 256, (40 + i, 50, 3), dtype=np.uint8) for i in range(count)))


def taken(batches):
    return [{name: value.numpy() for name, value in batch.items()} for batch in batches]


def test_a_batch_is_a_function_of_seed_and_step():
    photos = busy_photos(5)
    whole = taken(data.batches(photos, 32, 4, 3, 0, 8))
    tail = taken(data.batches(photos, 32, 4, 3, 5, 8))
    assert len(whole) == 8 and len(tail) == 3
    for one, other in zip(whole[5:], tail, strict=True):
        assert np.array_equal(one["image"], other["image"])
        assert np.array_equal(one["keys"], other["keys"])
    another = next(data.batches(photos, 32, 4, 4, 0, 8))
    assert not np.array_equal(another["image"], whole[0]["image"])
    assert not np.array_equal(whole[0]["image"], whole[1]["image"])


def test_shapes_and_types():
    batch = next(data.batches(busy_photos(3), 32, 4, 0, 0, 1))
    assert (batch["image"].shape, batch["image"].dtype.name) == ((4, 32, 32, 3), "uint8")
    assert (batch["keys"].shape, batch["keys"].dtype.name) == ((4, 2), "int32")


def test_every_photo_comes_once_an_epoch():
    order = np.concatenate([batch["image"][:, 0, 0, 0] for batch in taken(data.batches(flat_photos(12), 32, 4, 0, 0, 9))])
    epochs = order.reshape(3, 12)
    assert np.array_equal(np.sort(epochs, axis=1), np.tile(np.arange(12), (3, 1)))
    assert not np.array_equal(epochs[0], epochs[1])


def test_batches_may_be_larger_than_the_collection():
    [batch] = taken(data.batches(flat_photos(3), 32, 8, 0, 0, 1))
    assert sorted(np.unique(batch["image"][:, 0, 0, 0], return_counts=True)[1]) == [2, 3, 3]


@pytest.mark.parametrize(("height", "width"), [(32, 32), (200, 33), (31, 90), (5, 7), (1, 1), (400, 400)])
def test_crops_have_their_shape_whatever_the_image(height, width):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    for number in range(30):
        crop = data.random_crop(image, 32, np.array([number, -number], np.int32))
        assert crop.shape == (32, 32, 3) and crop.dtype == np.uint8


def test_crops_are_flipped_placed_and_scaled_by_their_key():
    image = np.zeros((256, 256, 3), np.uint8)
    image[..., 0], image[..., 1] = np.arange(256)[:, None], np.arange(256)[None, :]
    crops = [data.random_crop(image, 32, np.array([number, 7], np.int32)).astype(int) for number in range(300)]
    assert np.array_equal(crops[0], data.random_crop(image, 32, np.array([0, 7], np.int32)))
    upright = np.array([crop[-1, 0, 0] > crop[0, 0, 0] for crop in crops])
    unmirrored = np.array([crop[0, -1, 1] > crop[0, 0, 1] for crop in crops])
    assert 0.4 < upright.mean() < 0.6 and 0.4 < unmirrored.mean() < 0.6
    assert abs(np.corrcoef(upright, unmirrored)[0, 1]) < 0.2
    sides = np.array([1 + np.ptp(crop[..., 0]) for crop in crops])
    # From 32 (one to one) to 128, half of them below the geometric mean of the two.
    assert sides.min() < 35 and 115 < sides.max() <= 128
    assert 55 < np.median(sides) < 73
    assert min(crop[..., 0].min() for crop in crops) < 10 and max(crop[..., 0].max() for crop in crops) > 245


def test_crops_of_the_exact_size_are_the_image():
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    flips = {image[::v, ::h].tobytes() for v in (1, -1) for h in (1, -1)}
    assert {data.random_crop(image, 32, np.array([n, 0], np.int32)).tobytes() for n in range(40)} == flips


def test_held_out_crops_take_turns_and_stay_the_same():
    photos = flat_photos(3)
    crops = data.held_out_crops(photos, 32, 8)
    assert crops[:, 0, 0, 0].tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    busy = busy_photos(3)
    assert np.array_equal(data.held_out_crops(busy, 32, 8), data.held_out_crops(busy, 32, 8))
    # The first cases of a longer evaluation are those of a short one.
    assert np.array_equal(data.held_out_crops(busy, 32, 5), data.held_out_crops(busy, 32, 8)[:5])


def test_evaluation_messages_are_fair_and_stay_the_same():
    messages = data.evaluation_messages(200, 100)
    assert messages.dtype == np.float32 and set(np.unique(messages)) == {0.0, 1.0}
    assert abs(messages.mean() - 0.5) < 0.015
    assert np.array_equal(messages, data.evaluation_messages(200, 100))


def test_resize_averages_down_and_interpolates_up():
    checkers = (np.indices((8, 8)).sum(0) % 2 * 200).astype(np.uint8)[..., None].repeat(3, -1)
    assert np.unique(data.resize(checkers, (4, 4))).tolist() == [100]
    assert data.resize(checkers, (5, 16)).shape == (5, 16, 3)
    assert data.resize(checkers, (8, 8)) is checkers
