"""Losses against hand computation, and that those which promise a gradient have one."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hrm.training import losses


@given(arrays.arrays(np.float32, (2, 5), elements=st.floats(-1e4, 1e4, width=32)))
def test_stablemax_is_that_of_float64(logits):
    x = logits.astype(np.float64)
    s = np.where(x >= 0, x + 1, 1 / (1 - np.minimum(x, 0)))
    np.testing.assert_allclose(losses.log_stablemax(tf.constant(logits)), np.log(s / s.sum(axis=1, keepdims=True)), rtol=1e-4, atol=1e-5)


def test_the_answer_loss_leaves_ignored_cells_out():
    logs = tf.math.log(tf.constant([[[0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [1 / 3, 1 / 3, 1 / 3]]]))
    labels = tf.constant([[0, losses.IGNORED, 1]])
    assert float(losses.answer_loss(logs, labels)[0]) == pytest.approx((np.log(2) + np.log(3)) / 2, rel=1e-6)
    cells, exact = losses.correct_cells(logs, tf.constant([[0, losses.IGNORED, 0], [0, 2, 1]])[:1])
    assert (float(cells[0]), bool(exact[0])) == (1.0, True)
    assert not losses.correct_cells(logs, tf.constant([[0, 0, 0]]))[1][0]


def test_the_halting_loss_by_hand():
    halting = tf.constant([[0.0, 0.0], [0.0, 0.0]])
    exact = tf.constant([True, False])
    np.testing.assert_allclose(losses.halting_loss(halting, exact, None), [np.log(2)] * 2, rtol=1e-6)
    np.testing.assert_allclose(losses.halting_loss(halting, exact, tf.constant([0.5, 1.0])), [2 * np.log(2)] * 2, rtol=1e-6)


def test_diversity_is_nought_for_answers_as_varied_as_the_labels_and_has_a_gradient_for_others():
    labels = tf.constant([[0, 1], [1, 0]])
    right = tf.math.log(tf.one_hot(labels, 2) + 1e-9)
    assert float(losses.diversity_loss(right, labels)) == pytest.approx(0, abs=1e-5)
    logits = tf.constant([[[2.0, 0.0]] * 2] * 2)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = losses.diversity_loss(losses.log_softmax(logits), labels)
    p = 1 / (1 + np.exp(-2))
    assert float(loss) == pytest.approx(np.log(2) + p * np.log(p) + (1 - p) * np.log(1 - p), rel=1e-4)
    gradient = tape.gradient(loss, logits)
    assert (gradient[..., 0].numpy() > 0).all() and (gradient[..., 1].numpy() < 0).all()
