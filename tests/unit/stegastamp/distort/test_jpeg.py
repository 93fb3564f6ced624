import cv2
import numpy as np
import pytest
import tensorflow as tf
from skimage import data

from stegastamp.distort import jpeg as module
from stegastamp.distort.jpeg import jpeg


def photos(size=128):
    return np.stack([data.astronaut()[60 : 60 + size, 160 : 160 + size], data.chelsea()[:size, 100 : 100 + size]])


def floats(images):
    return tf.constant(images, tf.float32) / 255


def encoded(image, quality):
    return cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]


def codec(images, quality):
    decoded = [cv2.imdecode(encoded(image, quality), cv2.IMREAD_COLOR) for image in images]
    return np.stack([cv2.cvtColor(image, cv2.COLOR_BGR2RGB) for image in decoded]).astype(np.float32) / 255


def psnr(first, second):
    return -10 * np.log10(np.mean(np.square(np.float64(first) - second)))


@pytest.mark.parametrize("quality", [50, 75, 90])
def test_distance_from_a_real_codec(quality):
    images = photos()
    real = codec(images, quality)
    rounded, smooth = (psnr(jpeg(floats(images), tf.fill([2], float(quality)), rounding), real) for rounding in ("rounded", "smooth"))
    print(
        f"JPEG {quality}: rounded {rounded:.1f} dB, smooth {smooth:.1f} dB from the codec, itself {psnr(images / 255, real):.1f} dB lossy"
    )
    assert rounded > 50
    assert 35 < smooth < rounded - 8


@pytest.mark.parametrize("quality", [10, 49, 100])
def test_rounded_is_near_the_codec_at_the_ends_of_the_scale(quality):
    images = photos()
    assert psnr(jpeg(floats(images), tf.fill([2], float(quality))), codec(images, quality)) > 48


def test_grey_images_are_nearly_those_of_the_codec():
    images = np.repeat(photos()[..., 1:2], 3, axis=-1)
    assert np.mean(np.rint(jpeg(floats(images), tf.fill([2], 50.0)) * 255) != np.rint(codec(images, 50) * 255)) < 0.05


def test_sides_that_are_no_multiple_of_16():
    images = photos()[:, :45, :61]
    assert psnr(jpeg(floats(images), tf.fill([2], 75.0)), codec(images, 75)) > 48
    assert jpeg(floats(images), tf.fill([2], 75.0), "smooth").shape == images.shape


@pytest.mark.parametrize("quality", [1, 3, 25, 49, 50, 75, 90, 99, 100])
def test_tables_are_those_of_a_real_file(quality):
    """Quantisation tables read from the DQT segments of a file."""
    file = encoded(photos()[0], quality).tobytes()
    zigzag = sorted(range(64), key=lambda i: (i // 8 + i % 8, i // 8 if (i // 8 + i % 8) % 2 else i % 8))
    start, tables = 0, []
    while (start := file.find(b"\xff\xdb", start) + 1) > 0:
        content = np.frombuffer(file[start + 3 : start + 1 + int.from_bytes(file[start + 1 : start + 3])], np.uint8)
        tables += [content[i + 1 : i + 65] for i in range(0, len(content), 65)]
    ours = module._whole_tables(tf.constant([float(quality)]))
    assert len(tables) == 2
    for table, expected in zip(ours, tables, strict=True):
        assert np.array_equal(table.numpy()[0][zigzag], expected)


def test_smooth_steps_follow_the_published_factor():
    luma, chroma = module._fractional_tables(tf.constant([62.5, 40.0]))
    assert np.allclose(luma[:, 0], [16 * 0.7501, 16 * 1.2501])
    assert np.allclose(chroma[:, 63], [99 * 0.7501, 99 * 1.2501])


def test_every_image_has_its_own_quality():
    images = floats(photos(64))
    both = jpeg(images, tf.constant([20.0, 95.0]))
    assert np.array_equal(both[:1], jpeg(images[:1], tf.constant([20.0])))
    assert np.array_equal(both[1:], jpeg(images[1:], tf.constant([95.0])))
    assert psnr(both[0], images[0]) + 5 < psnr(both[1], images[1])


def test_rounded_takes_the_nearest_whole_quality_and_smooth_does_not():
    images = floats(photos(64))
    whole, part = tf.fill([2], 75.0), tf.fill([2], 74.6)
    assert np.array_equal(jpeg(images, whole), jpeg(images, part))
    assert not np.array_equal(jpeg(images, whole, "smooth"), jpeg(images, part, "smooth"))


def test_rounded_gives_whole_bytes():
    pixels = jpeg(floats(photos(64)), tf.fill([2], 60.0)) * 255
    assert np.allclose(pixels, np.rint(pixels), atol=1e-4)


@pytest.mark.parametrize("rounding", ["rounded", "smooth"])
def test_output_in_range_and_gradient_finite(rounding):
    noise = tf.constant(np.random.default_rng(0).uniform(-0.2, 1.2, (2, 32, 48, 3)).astype(np.float32))
    weights = tf.constant(np.random.default_rng(1).normal(size=noise.shape).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(noise)
        output = jpeg(noise, tf.constant([30.0, 80.0]), rounding)
        loss = tf.reduce_sum(output * weights)
    gradient = tape.gradient(loss, noise).numpy()
    assert output.numpy().min() >= 0 and output.numpy().max() <= 1
    assert np.isfinite(gradient).all()
    assert (np.abs(gradient).max(axis=(1, 2, 3)) > 0.1).all()


def test_straight_through_gradient_of_the_luma_is_that_of_the_identity():
    images = floats(photos(64))
    generator = np.random.default_rng(2)
    weights, direction = generator.normal(size=(2, 2, 64, 64, 1)).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(jpeg(images, tf.constant([30.0, 80.0])) * weights)
    # A grey change has no chroma, so it should pass the halving of the chroma, too, and come out as itself.
    slope = float(tf.reduce_sum(tape.gradient(loss, images) * direction))
    assert np.isclose(slope, 3 * np.sum(weights * direction), rtol=1e-3)


def test_smooth_gradient_is_the_slope():
    # Around a mid-grey with faint texture every coefficient but the first stays below half a step: no jump in between.
    generator = np.random.default_rng(3)
    images = tf.constant(0.5 + 0.005 * generator.normal(size=(1, 32, 32, 3)), tf.float32)
    weights = tf.constant(generator.normal(size=(1, 32, 32, 3)), tf.float32)
    quality = tf.constant([50.0])

    def loss(values):
        return tf.reduce_sum(jpeg(values, quality, "smooth") * weights)

    with tf.GradientTape() as tape:
        tape.watch(images)
        value = loss(images)
    gradient = tape.gradient(value, images)
    step = gradient / tf.norm(gradient) * 0.02
    slope = float(loss(images + step) - loss(images - step)) / 2
    assert np.isclose(slope, float(tf.reduce_sum(gradient * step)), rtol=0.05)


@pytest.mark.parametrize("rounding", ["rounded", "smooth"])
def test_graph_equals_eager_without_a_second_trace(rounding):
    images = floats(photos(64))
    compiled = tf.function(lambda quality: jpeg(images, quality, rounding))
    for quality in (tf.constant([40.0, 60.0]), tf.constant([70.0, 90.0])):
        assert np.mean(np.abs(compiled(quality) - jpeg(images, quality, rounding)) > 1e-5) < 1e-3
    assert compiled.experimental_get_tracing_count() == 1


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="unknown JPEG rounding 'true'"):
        jpeg(tf.zeros((1, 16, 16, 3)), tf.constant([50.0]), "true")
    with pytest.raises(ValueError, match="batch, height, width, 3"):
        jpeg(tf.zeros((16, 16, 3)), tf.constant([50.0]))
