"""The loss of the original run by hand, and each term mended."""

import numpy as np
import pytest
import tensorflow as tf

from hrm.classic import losses
from longrun.config import changed
from tests.fixtures.hrm import CLASSIC, MENDED


def test_the_loss_is_diluted_by_cells_it_does_not_count():
    logits, labels = tf.zeros((1, 10, 12)), tf.constant([[0] * 8 + [3, 4]])
    original = changed(CLASSIC, ignored_background=True, diluted_loss=True)
    assert float(losses.answer_loss(original, logits, labels)) == pytest.approx(0.2 * np.log(12), rel=1e-5)
    assert float(losses.answer_loss(changed(original, diluted_loss=False), logits, labels)) == pytest.approx(np.log(12), rel=1e-5)


def test_counted_penalties_have_no_gradient_and_mended_ones_do():
    logits, labels = tf.one_hot(tf.constant([[3, 3, 3, 3]]), 12) * 2, tf.constant([[1, 2, 3, 4]])
    for config, value in ((CLASSIC, 0.5), (MENDED, None)):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            penalty = losses.diversity_penalty(config, logits, labels)
        gradient = tape.gradient(penalty, logits)
        assert (gradient is None) == (value is not None)
        assert value is None or float(penalty) == pytest.approx(value)
    two = tf.one_hot(tf.constant([[3, 3, 4, 4]]), 12)
    assert float(losses.diversity_penalty(CLASSIC, two, labels)) == pytest.approx(0.2)
    outputs = {"cycles": tf.constant([8.0, 8.0]), "logits": logits, "halting": tf.zeros(1)}
    assert float(losses.halting_penalty(CLASSIC, outputs, labels)) == pytest.approx(0.1)
    peaked = tf.constant(np.eye(12)[[0]][None] * 100.0, tf.float32)
    assert float(losses.distribution_penalty(peaked)) == pytest.approx(0.1 * (np.std(np.eye(12)[0] * 100, ddof=1) - 1), rel=1e-4)
