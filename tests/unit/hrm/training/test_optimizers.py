"""AdamAtan2 and sign descent against the same in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from hrm.training.optimizers import AdamAtan2, PuzzleTable


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


def test_sign_descent_adds_up_equal_identifiers_and_leaves_the_others_alone():
    table = PuzzleTable(4, 2)
    table.table.assign([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]])
    identifier = tf.constant([2, 0, 2])
    gradient = tf.constant([[3.0, -1.0], [-5.0, 0.0], [-1.0, -1.0]])
    table.descend(identifier, gradient, tf.constant(0.1), 0.5)
    kept = 1 - 0.1 * 0.5
    expected = [[kept + 0.1, kept], [2.0, 2.0], [3 * kept - 0.1, 3 * kept + 0.1], [4.0, 4.0]]
    np.testing.assert_allclose(table.table, expected, rtol=1e-6)
    np.testing.assert_allclose(table.rows(identifier), np.array(expected)[[2, 0, 2]], rtol=1e-6)


def test_sign_descent_passes_over_what_is_not_finite():
    table = PuzzleTable(1, 2)
    table.descend(tf.constant([0]), tf.constant([[np.nan, 1.0]]), tf.constant(0.1), 0.0)
    np.testing.assert_allclose(table.table, [[0.0, -0.1]])
