import numpy as np
import pytest
import tensorflow as tf

from arc.training.losses import cell_weights, cross_entropy, expected_cost, marginal_entropy

ANSWER = tf.constant([[1, 10], [2, 1]])
PROBABILITIES = np.full((2, 2, 11), 0.05, np.float32)
PROBABILITIES[..., 1] = 0.5


def test_losses_by_hand():
    weights = cell_weights(ANSWER, tf.constant(0.5))
    logits = tf.math.log(PROBABILITIES)
    assert weights.numpy().tolist() == [[1.0, 0.5], [1.0, 1.0]]
    assert float(cross_entropy(logits, ANSWER, weights)) == pytest.approx(-(2 * np.log(0.5) + 1.5 * np.log(0.05)) / 3.5)
    assert float(expected_cost(logits, ANSWER, weights)) == pytest.approx((2 * 0.5 + 1.5 * 0.95) / 3.5)
    share = np.array([2, 0.5, 1]) / 3.5
    assert float(marginal_entropy(ANSWER, weights, 11)) == pytest.approx(-(share * np.log(share)).sum(), rel=1e-5)
