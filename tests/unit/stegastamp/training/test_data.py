import numpy as np

from stegastamp.training import data
from tests.fixtures.stegastamp import busy_photos, flat_photos


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
