import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage
from skimage import data

from longrun.step import seeding
from stegastamp.distort import distortions
from stegastamp.distort.distortions import LEVELS, Distortions, clip, convolve, distort, eight_bit, gaussian_kernels, line_kernels

KEYS = seeding.sample_keys(4, 0, 4)
ALWAYS_BLURRED = Distortions(gaussian_blur=0.5, line_blur=0.5)


def photo(count=4, size=48):
    image = data.astronaut()[100 : 100 + size, 200 : 200 + size] / np.float32(255)
    return tf.constant(np.repeat(image[None], count, 0).astype(np.float32))


def only(name, level=1.0):
    return {each: tf.constant(level if each in (name, "all") or name == "all" else 0.0) for each in LEVELS}


def test_level_0_changes_nothing():
    images = photo()
    assert np.array_equal(distort(images, KEYS, only("all", 0.0), ALWAYS_BLURRED), images)
    assert np.array_equal(distort(images, KEYS, only("all", 0.0), Distortions(jpeg="smooth", clip="hard")), images)


@pytest.mark.parametrize("name", LEVELS)
def test_each_level_opens_its_own_distortion_with_other_parameters_for_each_sample(name):
    images = photo()
    outputs = distort(images, KEYS, only(name), ALWAYS_BLURRED).numpy()
    assert outputs.min() >= 0 and outputs.max() <= 1
    for i in range(4):
        assert np.abs(outputs[i] - images[i]).max() > 1e-3
        assert all(np.abs(outputs[i] - outputs[j]).max() > 1e-3 for j in range(i))


@pytest.mark.parametrize("name", LEVELS)
def test_half_a_level_is_half_a_distortion(name):
    images = photo() * 0.5 + 0.25
    errors = [np.abs(distort(images, KEYS, only(name, level), ALWAYS_BLURRED) - images).mean() for level in (0.1, 0.5, 1.0)]
    assert errors[0] < errors[1] < errors[2]


@pytest.mark.parametrize("jpeg", ["rounded", "smooth"])
def test_a_part_of_a_batch_comes_out_as_in_the_batch(jpeg):
    settings = Distortions(gaussian_blur=0.5, line_blur=0.5, jpeg=jpeg)
    images = photo()
    whole = distort(images, KEYS, only("all"), settings)
    assert np.array_equal(whole[:2], distort(images[:2], KEYS[:2], only("all"), settings))
    assert np.array_equal(whole[3:], distort(images[3:], KEYS[3:], only("all"), settings))


@pytest.mark.parametrize("jpeg", ["rounded", "smooth"])
def test_graph_equals_eager_and_follows_the_levels_without_a_second_trace(jpeg):
    images, settings = photo(), Distortions(jpeg=jpeg)
    compiled = tf.function(lambda levels: distort(images, KEYS, levels, settings))
    outputs = []
    for level in (0.0, 0.4, 1.0):
        levels = only("all", level)
        outputs.append(compiled(levels).numpy())
        # A value on the edge between two whole numbers may fall to either side.
        assert np.mean(np.abs(outputs[-1] - distort(images, KEYS, levels, settings)) > 1e-5) < 2e-3
    assert compiled.experimental_get_tracing_count() == 1
    assert np.abs(outputs[1] - outputs[0]).mean() > 0.01 < np.abs(outputs[2] - outputs[1]).mean()


@pytest.mark.parametrize("name", [*LEVELS, "all"])
@pytest.mark.parametrize("settings", [ALWAYS_BLURRED, Distortions(jpeg="smooth", clip="hard")], ids=["ours", "published"])
def test_gradients_reach_every_image(name, settings):
    images = photo() * 0.5 + 0.25
    weights = tf.constant(np.random.default_rng(0).normal(size=images.shape).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(distort(images, KEYS, only(name), settings) * weights)
    gradient = tape.gradient(loss, images).numpy()
    assert np.isfinite(gradient).all()
    assert (np.abs(gradient).mean(axis=(1, 2, 3)) > 1e-2).all()


def test_shared_parameters_are_those_of_the_first_sample():
    images = photo()
    settings = Distortions(gaussian_blur=1.0, line_blur=0.0, shared_parameters=True)
    for name in ("blur", "saturation", "jpeg"):
        outputs = distort(images, KEYS, only(name), settings)
        assert np.array_equal(outputs, np.repeat(outputs[:1], 4, 0))
    # The noise itself is never shared, nor are contrast, brightness and hue.
    for name in ("noise", "contrast", "brightness", "hue"):
        outputs = distort(images, KEYS, only(name), settings)
        assert np.abs(outputs[0] - outputs[1]).max() > 1e-3
    flat = tf.fill((4, 64, 64, 3), 0.5)
    noisy = distort(flat, KEYS, only("noise"), settings).numpy().std(axis=(1, 2, 3))
    assert np.ptp(noisy) < 0.05 * noisy.mean()


def many_keys(count=400):
    return seeding.sample_keys(9, 0, count)


def test_parameters_fill_their_ranges():
    keys = many_keys()
    grey = tf.fill((400, 16, 16, 3), 0.4)
    contrast = distortions.colour(grey, keys, only("contrast"), Distortions()).numpy()[:, 0, 0] / 0.4
    assert 0.5 <= contrast.min() < 0.52 and 1.48 < contrast.max() <= 1.5 and np.ptp(contrast, axis=1).max() < 1e-6
    brightness = distortions.colour(grey, keys, only("brightness"), Distortions()).numpy()[:, 0, 0] - 0.4
    assert -0.3001 < brightness.min() < -0.28 and 0.28 < brightness.max() < 0.3001 and np.ptp(brightness, axis=1).max() < 1e-6
    hue = distortions.colour(grey, keys, only("hue"), Distortions()).numpy()[:, 0, 0] - 0.4
    assert -0.1001 < hue.min() < -0.09 and 0.09 < hue.max() < 0.1001 and np.abs(np.corrcoef(hue.T) - np.eye(3)).max() < 0.2
    noise = (distortions.noise(grey, keys, only("noise"), Distortions()).numpy() - 0.4).std(axis=(1, 2, 3))
    assert noise.min() < 0.001 and 0.018 < noise.max() < 0.022 and abs(noise.mean() - 0.01) < 0.001
    red = tf.constant([1.0, 0, 0]) * tf.ones((400, 1, 1, 1))
    share = distortions.desaturate(red, keys, only("saturation"), Distortions()).numpy()[:, 0, 0]
    assert np.allclose(share[:, 1], share[:, 2]) and 0 <= share[:, 1].min() < 0.01 and 0.29 < share[:, 1].max() <= 0.3


def test_blur_probabilities():
    edge = tf.constant(np.arange(14) % 2, tf.float32)[None, :, None, None] * tf.ones((400, 14, 14, 3))
    blurred = distortions.blur(edge, many_keys(), only("blur"), Distortions()).numpy()
    sharp = (np.abs(blurred - edge).max(axis=(1, 2, 3)) < 1e-6).mean()
    assert abs(sharp - 0.5) < 0.08
    only_gaussian = distortions.blur(edge, many_keys(), only("blur"), Distortions(gaussian_blur=1.0, line_blur=0.0)).numpy()
    assert np.isclose(blurred, only_gaussian, atol=1e-6).all(axis=(1, 2, 3)).mean() == pytest.approx(0.25, abs=0.07)


def test_jpeg_quality_range(monkeypatch):
    asked = []
    monkeypatch.setattr(distortions, "jpeg", lambda images, quality, rounding: asked.append(quality) or images)
    distortions.compress(tf.zeros((400, 1, 1, 3)), many_keys(), only("jpeg"), Distortions())
    distortions.compress(tf.zeros((400, 1, 1, 3)), many_keys(), only("jpeg", 0.5), Distortions(jpeg_quality=20.0))
    assert 50 <= np.min(asked[0]) < 51 and 99 < np.max(asked[0]) <= 100
    assert 60 <= np.min(asked[1]) < 61 and 99 < np.max(asked[1]) <= 100


def test_gaussian_kernel_is_normal():
    kernel = gaussian_kernels(tf.constant([1.0, 3.0])).numpy()
    assert np.allclose(kernel.sum(axis=(1, 2)), 1)
    assert np.allclose(kernel[0, 3] / kernel[0, 3, 3], np.exp(-np.square(np.arange(-3, 4)) / 2), rtol=1e-5)
    assert np.isclose(kernel[1, 0, 0] / kernel[1, 3, 3], np.exp(-1))


def test_line_kernels_by_hand():
    # Across the line are the rows at angle 0 and the columns at a right angle; seven pixels have |x| + |y| <= 3.
    flat, upright, diagonal = line_kernels(
        tf.constant([0.0, np.pi / 2, np.pi / 4]), tf.constant([0.25] * 3), tf.constant([3.05] * 3)
    ).numpy()
    neighbour = np.exp(-8)
    total = 7 + 2 * 5 * neighbour
    assert np.allclose(flat[3], 1 / total, atol=1e-6)
    assert np.allclose(flat[2], np.array([0, 1, 1, 1, 1, 1, 0]) * neighbour / total, atol=1e-6)
    assert np.allclose(upright, flat.T, atol=1e-6)
    # The half-length cuts the diagonal at |x| + |y| = 2 steps.
    assert np.allclose(np.diag(diagonal[:, ::-1]), [0, 0, diagonal[3, 3], diagonal[3, 3], diagonal[3, 3], 0, 0], atol=1e-6)
    assert diagonal[3, 3] > 0.25


def test_convolve_takes_one_kernel_for_each_image_and_mirrors_the_edges():
    generator = np.random.default_rng(0)
    images = generator.uniform(size=(3, 10, 12, 3)).astype(np.float32)
    kernels = generator.uniform(size=(3, 7, 7)).astype(np.float32)
    expected = np.stack(
        [
            np.stack([ndimage.correlate(image[..., c], kernel, mode="reflect") for c in range(3)], axis=-1)
            for image, kernel in zip(images, kernels, strict=True)
        ]
    )
    assert np.allclose(convolve(tf.constant(images), tf.constant(kernels)), expected, rtol=1e-5)


def test_eight_bit_and_clip_pass_the_gradient_on():
    values = tf.constant([-0.5, 0.0, 0.1, 0.5, 1.0, 1.5])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(values)
        bytes_, clipped = eight_bit(values), clip(values)
    assert np.array_equal(bytes_ * 255, [0, 0, 26, 128, 255, 255])
    assert np.allclose(clipped, [0, 0, 0.1, 0.5, 1, 1])
    for output in (bytes_, clipped):
        assert np.array_equal(tape.gradient(output, values), np.ones(6))
    every_byte = tf.range(256, dtype=tf.float32) / 255
    assert np.array_equal(eight_bit(every_byte), every_byte)


def test_hard_clip_stops_the_gradient():
    images = tf.fill((1, 16, 16, 3), 2.0)
    for clipping, expected in (("hard", 0), ("straight_through", 1)):
        with tf.GradientTape() as tape:
            tape.watch(images)
            output = distort(images, KEYS[:1], only("all", 0.0), Distortions(clip=clipping))
        assert np.array_equal(tape.gradient(output, images), np.full(images.shape, expected))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="no level given for the distortion hue"):
        distort(photo(), KEYS, {name: tf.constant(1.0) for name in LEVELS if name != "hue"}, Distortions())
    with pytest.raises(ValueError, match="must be probabilities"):
        Distortions(gaussian_blur=0.7, line_blur=0.4)
    with pytest.raises(ValueError, match="jpeg_quality must lie in 1..100, not 0"):
        Distortions(jpeg_quality=0)
    with pytest.raises(ValueError, match="jpeg must be 'rounded' or 'smooth', not 'real'"):
        Distortions(jpeg="real")
    with pytest.raises(ValueError, match="clip must be"):
        Distortions(clip="soft")
