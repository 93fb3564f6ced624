"""AdamAtan2 against the same in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from hrm.training.adam_atan2 import AdamAtan2


def test_adam_atan2_by_hand():
    numbers = np.random.default_rng(0)
    weight = numbers.normal(size=(3, 2)).astype(np.float32)
    variable = keras.Variable(weight)
    optimizer = AdamAtan2(0.1, beta_1=0.9, beta_2=0.95, weight_decay=0.5)
    optimizer.build([variable])
    first = second = np.zeros_like(weight, np.float64)
    expected = weight.astype(np.float64)
    for step in range(1, 6):
        gradient = numbers.normal(size=weight.shape).astype(np.float32)
        optimizer.apply_gradients([(tf.constant(gradient), variable)])
        first = 0.9 * first + 0.1 * gradient
        second = 0.95 * second + 0.05 * gradient.astype(np.float64) ** 2
        expected = expected * (1 - 0.1 * 0.5)
        expected = expected - 0.1 * np.arctan2(first / (1 - 0.9**step), np.sqrt(second / (1 - 0.95**step)))
        np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_adam_atan2_is_blind_to_the_scale_of_the_gradient(scale):
    moved = []
    for factor in (1.0, scale):
        variable = keras.Variable([1.0, -2.0])
        optimizer = AdamAtan2(0.1)
        optimizer.build([variable])
        optimizer.apply_gradients([(tf.constant([0.3, -0.7]) * factor, variable)])
        moved.append(variable.numpy())
    np.testing.assert_allclose(moved[0], moved[1], rtol=1e-5)
    np.testing.assert_allclose(moved[0], [1 - 0.1 * np.pi / 4, -2 + 0.1 * np.pi / 4], rtol=1e-5)
