import keras
import numpy as np
import pytest
import tensorflow as tf

from stegastamp.network.sampler import affine

IDENTITY = [1.0, 0, 0, 0, 1, 0]


def sample(images, *thetas):
    return affine(tf.constant(images, tf.float32), tf.constant(thetas, tf.float32)).numpy()


def ramp(height, width):
    """One image whose value is 10 row + column."""
    return (10.0 * np.arange(height)[:, None] + np.arange(width))[None, :, :, None]


def test_identity_changes_nothing():
    images = np.random.default_rng(0).uniform(size=(2, 5, 7, 3))
    assert sample(images, IDENTITY, IDENTITY) == pytest.approx(images, abs=1e-5)


def test_a_shift_by_hand():
    # Five columns lie at -1, -.5, ... 1, so .25 is half a column and the last output column lies beyond the last pixel.
    shifted = sample(ramp(3, 5), [1, 0, 0.25, 0, 1, 0])[0, :, :, 0]
    assert shifted[:, :4] == pytest.approx(ramp(3, 5)[0, :, :4, 0] + 0.5, abs=1e-5)
    assert shifted[:, 4] == pytest.approx(ramp(3, 5)[0, :, 4, 0] / 2, abs=1e-5)


def test_a_whole_shift_down_and_zeros_outside():
    # Three rows lie at -1, 0, 1.
    moved = sample(ramp(3, 4), [1, 0, 0, 0, 1, 1])[0, :, :, 0]
    assert moved[:2] == pytest.approx(ramp(3, 4)[0, 1:, :, 0], abs=1e-5)
    assert moved[2] == pytest.approx(0.0)
    assert sample(ramp(3, 4), [1, 0, 9, 0, 1, 0]) == pytest.approx(0.0)


def test_transposition_and_mirror():
    image = ramp(4, 4)
    assert sample(image, [0, 1, 0, 1, 0, 0])[0, :, :, 0] == pytest.approx(image[0, :, :, 0].T, abs=1e-5)
    assert sample(image, [-1, 0, 0, 0, 1, 0])[0, :, :, 0] == pytest.approx(image[0, :, ::-1, 0], abs=1e-5)


def test_each_image_has_its_own_map():
    images = np.concatenate([ramp(4, 4), ramp(4, 4)])
    both = sample(images, IDENTITY, [-1, 0, 0, 0, 1, 0])
    assert both[0] == pytest.approx(images[0], abs=1e-5)
    assert both[1] == pytest.approx(images[1, :, ::-1], abs=1e-5)


def test_gradients_of_the_map_are_the_finite_differences():
    row, column = np.mgrid[:24, :24] / 23
    image = tf.constant((np.sin(3 * row + 2 * column) + column**2)[None, :, :, None], tf.float64)
    weights = tf.constant(np.random.default_rng(0).uniform(size=(1, 24, 24, 1)))
    # Smaller than the image, so that no pixel crosses its edge.
    theta = np.array([[0.7, 0.1, 0.05, -0.1, 0.6, 0.03]])

    def value(theta):
        return tf.reduce_mean(weights * affine(image, theta))

    variable = tf.Variable(theta)
    with tf.GradientTape() as tape:
        loss = value(variable)
    gradient = tape.gradient(loss, variable).numpy()[0]
    for index in range(6):
        # A step so small that hardly a sample crosses from one pixel's bilinear patch to the next.
        step = np.zeros((1, 6))
        step[0, index] = 1e-6
        difference = (value(tf.constant(theta + step)) - value(tf.constant(theta - step))).numpy() / 2e-6
        assert gradient[index] == pytest.approx(difference, rel=1e-3, abs=1e-6)
    assert np.abs(gradient).min() > 1e-3


def test_gradients_of_the_image_are_the_weights_of_its_pixels():
    image = tf.Variable(ramp(3, 5).astype(np.float32))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(affine(image, tf.constant([[1, 0, 0.25, 0, 1, 0]])))
    assert tape.gradient(total, image).numpy()[0, :, :, 0] == pytest.approx(np.tile([0.5, 1, 1, 1, 1], (3, 1)), abs=1e-5)


def test_one_square_image_in_a_model():
    """Where Keras would add a column of coordinates as if it were a bias."""
    image, theta = keras.Input((6, 6, 2)), keras.Input((6,))
    turned = keras.Model([image, theta], affine(image, theta))
    given = np.random.default_rng(0).uniform(size=(1, 6, 6, 2)).astype(np.float32)
    assert turned([given, np.float32([[0, 1, 0, 1, 0, 0]])]).numpy() == pytest.approx(given.transpose(0, 2, 1, 3), abs=1e-5)
