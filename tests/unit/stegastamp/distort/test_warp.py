import cv2
import numpy as np
import pytest
import tensorflow as tf

from longrun.step import seeding
from stegastamp.distort import warp
from tests.places import GOLDEN

IDENTITY = np.float32([[1, 0, 0, 0, 1, 0, 0, 0]])
KEYS = seeding.sample_keys(5, 0, 4)
MAKES_COLOUR = ("random", "randomrgb")


def photos(count=4, size=16, channels=3):
    return tf.constant(np.random.default_rng(1).uniform(0, 1, (count, size, size, channels)).astype(np.float32))


@pytest.mark.parametrize("fill", [0.0, 1.0])
def test_transform_has_the_bits_of_tensorflow_addons(fill):
    golden = np.load(GOLDEN / "stegastamp" / "tfa_transform.npz")
    images = golden["images"].astype(np.float32) / 255
    for numbers, expected in zip(golden["homographies"], golden[f"fill_{fill:.0f}"], strict=True):
        assert np.array_equal(warp.transform(images, np.tile(numbers, (len(images), 1)), fill), expected)


def test_transform_with_one_homography_each_has_the_bits_of_tensorflow_addons():
    golden = np.load(GOLDEN / "stegastamp" / "tfa_transform.npz")
    images = golden["images"].astype(np.float32) / 255
    assert np.array_equal(warp.transform(images, golden["homographies"][2:4]), golden["one_each"])


def test_transform_by_hand():
    row = tf.reshape(tf.constant([1.0, 2, 4, 8]), (1, 1, 4, 1))
    shifted = warp.transform(row, np.float32([[1, 0, 0.5, 0, 1, 0, 0, 0]]))
    assert np.array_equal(np.ravel(shifted), [1.5, 3, 6, 4])
    assert np.array_equal(np.ravel(warp.transform(row, np.float32([[1, 0, 0.5, 0, 1, 0, 0, 0]]), fill=2.0)), [1.5, 3, 6, 5])


def random_quads(count=6, size=400):
    corners = np.float32([[0, 0], [size, 0], [size, size], [0, size]])
    return corners + np.random.default_rng(2).uniform(-0.1, 0.1, (count, 4, 2)).astype(np.float32) * size


def project(numbers, points):
    x, y = points[:, 0], points[:, 1]
    k = numbers[6] * x + numbers[7] * y + 1
    return np.stack([numbers[0] * x + numbers[1] * y + numbers[2], numbers[3] * x + numbers[4] * y + numbers[5]], -1) / k[:, None]


def test_homography_takes_corners_to_corners_as_opencv():
    source, target = random_quads(), random_quads()[::-1]
    found = warp.homography(source, target).numpy()
    for numbers, before, after in zip(found, source, target, strict=True):
        assert np.allclose(project(numbers, before), after, atol=2e-3)
        assert np.allclose([*numbers, 1], cv2.getPerspectiveTransform(before, np.ascontiguousarray(after)).ravel(), rtol=1e-4, atol=1e-8)


def test_homography_of_corners_that_stay_is_exactly_the_identity():
    quads = random_quads()
    assert np.array_equal(warp.homography(quads, quads), np.repeat(IDENTITY, len(quads), 0))


def test_invert_goes_back():
    forward = warp.homography(random_quads(), random_quads()[::-1]).numpy()
    points = np.random.default_rng(3).uniform(0, 400, (20, 2))
    for there, back in zip(forward, warp.invert(forward).numpy(), strict=True):
        assert np.allclose(project(back, project(there, points)), points, atol=2e-3)
    assert np.array_equal(warp.invert(IDENTITY), IDENTITY)


def test_random_corners_stay_within_reach_and_belong_to_their_sample():
    moved = warp.random_corners(KEYS, 100, tf.constant(0.1)) - warp.image_corners(4, 100)
    largest = np.abs(moved).max(axis=(1, 2))
    assert (largest > 0).all() and (largest <= 10).all() and len(set(largest)) == 4
    assert np.array_equal(warp.random_corners(KEYS[2:], 100, tf.constant(0.1)), (moved + warp.image_corners(4, 100))[2:])
    assert np.array_equal(warp.random_corners(KEYS, 100, tf.constant(0.0)), warp.image_corners(4, 100))


def test_shared_reach_is_one_whole_number_of_pixels():
    # With the same reach for all, the jitter over reach is what the unshared corners have over theirs.
    reach = np.floor(seeding.uniform(KEYS[:1], "corner reach")[0] * 10)
    expected = reach * seeding.uniform(KEYS, "corner jitter", (4, 2), -1.0, 1.0)
    assert reach >= 1
    assert np.allclose(warp.random_corners(KEYS, 100, tf.constant(0.1), shared=True) - warp.image_corners(4, 100), expected, atol=1e-4)


@pytest.mark.parametrize("border", warp.BORDERS)
def test_without_jitter_nothing_is_resampled(border):
    images = photos()
    stamp = warp.warp_encode_unwarp(lambda cover: cover * 0.25 - 0.1, images, KEYS, tf.constant(0.0), border)
    residual = images * 0.25 - 0.1
    assert np.array_equal(stamp.residual, residual)
    assert np.array_equal(stamp.aligned, images + residual)
    assert np.array_equal(stamp.cover, images)
    assert np.array_equal(stamp.stamped, images + residual)
    assert np.array_equal(stamp.homographies, np.repeat(IDENTITY, 4, 0))


@pytest.mark.parametrize("border", warp.BORDERS)
def test_borders_by_hand(monkeypatch, border):
    """All corners half a pixel to the right, a residual of 0.25: the last column is half stamped image and half border."""
    shifted = lambda keys, size, amount, shared, motion: warp.image_corners(len(keys), size) + [0.5, 0.0]  # noqa: E731
    monkeypatch.setattr(warp, "random_corners", shifted)
    first, second = np.float32([[0, 4, 8, 16], [1, 1, 1, 1]]) / 16
    images = tf.constant(np.broadcast_to(np.stack([first, second])[:, None, :, None], (2, 4, 4, 3)))
    stamp = warp.warp_encode_unwarp(tf.ones_like, images, KEYS[:2], tf.constant(1.0), border)
    # Column x of the warped image lies half-way between columns x - 1 and x; the outside shows the image itself.
    warped = np.float32([0, 2, 6, 12]) / 16
    # Half a pixel back: columns x and x + 1 of the warped stamp, which is the warped image + 1.
    aligned = np.float32([1 + 1 / 16, 1 + 4 / 16, 1 + 9 / 16])
    last = (12 / 16 + 1) / 2
    if border == "no_edge":
        assert np.allclose(stamp.cover, images)
        assert np.allclose(stamp.aligned[0, 2, :, 1], first + [1, 1, 1, 0.5], atol=1e-6)
        assert stamp.stamped is stamp.aligned
        return
    assert np.allclose(stamp.cover[0, 2, :, 1], warped, atol=1e-6)
    assert np.allclose(stamp.stamped[0, 2, :, 1], warped + 1, atol=1e-6)
    assert np.allclose(stamp.aligned[0, 2, :3, 1], aligned, atol=1e-6)
    fill = (stamp.aligned[0, :, 3] - last) * 2
    if border == "black":
        assert np.allclose(fill, 0, atol=1e-5)
    elif border == "white":
        assert np.allclose(fill, 1, atol=1e-5)
    elif border == "image":
        # The last column of the batch's other image.
        assert np.allclose(fill, 1 / 16, atol=1e-5)
    else:
        assert np.allclose(fill, fill[0], atol=1e-5) and (np.abs(fill[0] - 0.5) <= 0.5).all()
        assert (np.ptp(fill[0]) < 1e-5) == (border == "random")
        other = (stamp.aligned[1, 0, 3] - 0.5 * (1 / 16 + 1)) * 2
        assert not np.allclose(other, fill[0], atol=1e-3)


@pytest.mark.parametrize("border", MAKES_COLOUR)
def test_shared_border_colour(border):
    stamp = warp.warp_encode_unwarp(tf.zeros_like, tf.zeros((4, 16, 16, 3)), KEYS, tf.constant(0.9), border, shared=True)
    lone = warp.warp_encode_unwarp(tf.zeros_like, tf.zeros((4, 16, 16, 3)), KEYS, tf.constant(0.9), border)
    assert np.ptp(stamp.aligned.numpy().max(axis=(1, 2)), axis=0).max() < 1e-6
    assert np.ptp(lone.aligned.numpy().max(axis=(1, 2)), axis=0).min() > 1e-3


@pytest.mark.parametrize("border", [border for border in warp.BORDERS if border != "image"])
def test_a_part_of_a_batch_comes_out_as_in_the_batch(border):
    images = photos()

    def run(rows):
        return warp.warp_encode_unwarp(tf.sin, images[rows], KEYS[rows], tf.constant(0.1), border)

    for whole, part in zip(run(slice(0, 4)), run(slice(1, 3)), strict=True):
        assert np.array_equal(whole[1:3], part)


@pytest.mark.parametrize("border", warp.BORDERS)
def test_graph_equals_eager_and_follows_the_amount_without_a_second_trace(border):
    images = photos()

    def run(amount):
        return warp.warp_encode_unwarp(tf.sin, images, KEYS, amount, border).aligned

    compiled = tf.function(run)
    amounts = [tf.constant(value) for value in (0.0, 0.05, 0.1)]
    outputs = [compiled(amount) for amount in amounts]
    for amount, output in zip(amounts, outputs, strict=True):
        assert np.allclose(output, run(amount), atol=1e-5)
    assert compiled.experimental_get_tracing_count() == 1
    assert not np.allclose(outputs[1], outputs[2], atol=1e-3)


@pytest.mark.parametrize("border", warp.BORDERS)
def test_gradient_of_the_residual_points_along_the_exact_one(border):
    size = 12
    images = photos(1, size)
    weights = tf.constant(np.random.default_rng(4).normal(size=(1, size, size, 1)).astype(np.float32))
    weights = tf.nn.avg_pool2d(weights, 3, 1, "SAME")
    residual = tf.zeros_like(images)

    def stamp():
        return warp.warp_encode_unwarp(lambda cover: residual, images, KEYS[:1], tf.constant(0.08), border)

    with tf.GradientTape() as tape:
        tape.watch(residual)
        result = stamp()
        loss = tf.reduce_sum(result.aligned * weights)
    gradient = np.ravel(tape.gradient(loss, residual)[..., 0])
    # Resampling is linear: its matrix, one unit residual at a time, gives the gradient without any differentiation.
    units = tf.reshape(tf.eye(size * size), (-1, size, size, 1))
    answers = warp.transform(units, tf.repeat(result.homographies, size * size, 0))
    exact = tf.reduce_sum(answers * weights, (1, 2, 3)).numpy()
    assert gradient @ exact / np.linalg.norm(gradient) / np.linalg.norm(exact) > 0.95
    assert 0.8 < np.linalg.norm(gradient) / np.linalg.norm(exact) < 1.25


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="unknown border 'grey'"):
        warp.warp_encode_unwarp(tf.zeros_like, photos(), KEYS, tf.constant(0.1), "grey")
    with pytest.raises(ValueError, match="square images, not 16 x 8"):
        warp.warp_encode_unwarp(tf.zeros_like, photos()[:, :, :8], KEYS, tf.constant(0.1))


def test_motion_turns_scales_and_shifts_the_corners_within_its_limits():
    motion = warp.Motion(np.radians(10), 0.1, 0.05)
    still = warp.image_corners(200, 100).numpy() - 50
    keys = seeding.sample_keys(3, 0, 200)
    moved = warp.random_corners(keys, 100, tf.constant(0.0), motion=motion).numpy() - 50
    centre = moved.mean(axis=1)
    assert 4 < np.abs(centre).max() <= 5
    moved -= centre[:, None]
    factor = np.linalg.norm(moved, axis=-1) / np.linalg.norm(still, axis=-1)
    assert np.allclose(factor, factor[:, :1], atol=1e-4) and 0.9 <= factor.min() < 0.92 and 1.08 < factor.max() <= 1.1
    cross = moved[..., 1] * still[..., 0] - moved[..., 0] * still[..., 1]
    angle = np.degrees(np.arctan2(cross, (moved * still).sum(-1)))
    assert np.allclose(angle, angle[:, :1], atol=1e-3) and 9 < np.abs(angle).max() <= 10
    nothing = warp.random_corners(keys, 100, tf.constant(0.1), motion=warp.Motion(0.0, 0.0, 0.0))
    assert np.allclose(nothing, warp.random_corners(keys, 100, tf.constant(0.1)), atol=1e-4)


def test_a_stretch_brings_each_axis_nearer_by_itself():
    keys = seeding.sample_keys(0, 0, 64)
    corners = warp.random_corners(keys, 100, tf.constant(0.0), motion=warp.Motion(0.0, 0.0, 0.0, 0.2)).numpy()
    across, down = corners[:, 1, 0] - corners[:, 0, 0], corners[:, 3, 1] - corners[:, 0, 1]
    assert 80 <= min(across.min(), down.min()) < 83 and 97 < max(across.max(), down.max()) <= 100
    assert np.abs(np.corrcoef(across, down)[0, 1]) < 0.3
    assert np.allclose(corners.mean(1), 50, atol=1e-3)
