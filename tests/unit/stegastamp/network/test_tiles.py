"""A mark in tiles: the networks of a smaller one, once for each tile."""

import numpy as np
import pytest
import tensorflow as tf

from longrun import UserError
from longrun.config import changed
from longrun.step import seeding
from stegastamp.config import Config
from stegastamp.distort import warp
from stegastamp.network import localiser
from stegastamp.network.model import build_decoder, build_encoder

WIDTHS = {"encoder_widths": (4, 4, 8, 8, 8), "decoder_widths": (4, 4), "decoder_strides": (2, 2)}
ONE = changed(Config(), size=32, bits=8, sync=0.3, **WIDTHS)
FOUR = changed(ONE, size=64, tiles=2)


def test_tiles_are_cut_row_by_row():
    images = np.random.default_rng(0).random((2, 64, 64, 3)).astype(np.float32)
    tiles = np.array(localiser.in_tiles(tf.constant(images), 2))
    assert np.array_equal(tiles[1], images[0, :32, 32:]) and np.array_equal(tiles[6], images[1, 32:, :32])
    assert localiser.in_tiles(images, 1) is images


def test_one_homography_goes_through_what_all_tiles_say():
    keys = seeding.sample_keys(0, 0, 3)
    corners = warp.random_corners(keys, 64, tf.constant(0.1), False, warp.Motion(0.1, 0.05, 0.03))
    truth = localiser.normalised(warp.invert(warp.homography(corners, warp.image_corners(3, 64))), 64)
    wanted = localiser.true_field(truth, 16)
    # What each tile sees of it, in its own half sides.
    seen = 2 * wanted.numpy().reshape(3, 2, 8, 2, 8, 2).transpose(0, 1, 3, 2, 4, 5).reshape(12, 8, 8, 2)
    field = localiser.of_tiles(tf.concat([seen, tf.fill((12, 8, 8, 1), -4.0)], -1), 2)
    assert np.allclose(field[..., :2], wanted, atol=1e-6)
    found = localiser.fit_homography(field)
    before, after = (localiser.displacement(localiser.true_field(matrix)).numpy() for matrix in (truth, truth @ found))
    assert (before > 0.02).all() and (after < 1e-3).all()
    loss, left, _ = localiser.localisation(truth, [field, found])
    # Half a tile's tolerance off: the decoder of one tile lives with it, that of four is told.
    off = tf.constant([[1, 0, 0.02], [0, 1, 0], [0, 0, 1]], tf.float32)
    assert left < 1e-3 and loss < localiser.localisation(truth, [field + 0.05, found])[0]
    near = tf.linalg.inv(truth) @ off
    assert np.array_equal(localiser.corrected(truth, near), near)
    assert np.allclose(localiser.corrected(truth, near, 2), tf.linalg.inv(truth))


def test_the_encoder_of_one_tile_fits_and_its_mark_is_repeated():
    one, four = build_encoder(ONE), build_encoder(FOUR)
    assert [weight.shape for weight in one.trainable_weights] == [weight.shape for weight in four.trainable_weights]
    assert [weight.path for weight in one.trainable_weights] == [weight.path for weight in four.trainable_weights]
    message = np.random.default_rng(1).integers(0, 2, (1, 8)).astype(np.float32)
    residual = np.array(four([np.full((1, 64, 64, 3), 0.5, np.float32), message, np.ones((1, 1), np.float32)]))[0]
    quarters = [residual[:32, :32], residual[:32, 32:], residual[32:, :32], residual[32:, 32:]]
    for quarter in quarters[1:]:
        assert np.corrcoef(quarters[0].ravel(), quarter.ravel())[0, 1] > 0.9


def test_the_decoder_adds_up_what_the_tiles_say():
    one, four = build_decoder(ONE), build_decoder(FOUR)
    generator = np.random.default_rng(2)
    weights = [generator.normal(0, 0.2, each.shape).astype(np.float32) for each in one.get_weights()]
    one.set_weights(weights)
    four.set_weights(weights)
    images = generator.random((2, 64, 64, 3)).astype(np.float32)
    expected = np.array(one(localiser.in_tiles(images, 2))).reshape(2, 4, 8).sum(1)
    assert np.abs(expected).max() > 0.1
    assert np.array(four(images)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"tiles": 0}, "tiles must be at least 1, not 0"),
        ({"tiles": 3}, r"size / tiles \(3\) must be a multiple of 16 and of secret_scale \(4\), not 64 / tiles \(3\)"),
        ({"transformer": "compact"}, "a mark in tiles is read with the transformer localiser or none, not compact"),
    ],
)
def test_tiles_that_do_not_fit_are_named(changes, complaint):
    with pytest.raises(UserError, match=complaint):
        changed(FOUR, **changes)
