import numpy as np
import pytest
import tensorflow as tf

from collatz.settings import LossSettings
from collatz.training.losses import clock_loss, expected_violation, original_loss

BATCH = {
    "weight": tf.constant([1.0, 10.0]),
    "log_n": tf.constant([2.0, 3.0]),
    "drift": tf.constant([1.0, -2.0]),
    "hard": tf.constant([True, False]),
}
VALUES = {0: tf.constant([2.0, 3.0]), 1: tf.constant([1.0, 3.02]), 4: tf.constant([2.0, 0.0]), 8: tf.constant([2.05, 0.0])}
LEARNT = tf.constant([0.5, -1.0])  # b = 0.5
NO_ANCHOR = {"margin": tf.constant(0.05), "anchor": tf.constant(0.0)}
ANCHOR = {"margin": tf.constant(-10.0), "anchor": tf.constant(1.0)}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [((0, 1), 10 * 0.07 / 2), ((0, 1, 4), 0.35 + 0.5 * 0.05 / 2), ((0, 1, 4, 8), 0.35 + 0.0125 + 0.2 * 0.10 / 2)],
)
def test_hinges_by_hand(steps, expected):
    values = {step: VALUES[step] for step in steps}
    assert float(original_loss(LossSettings(), values, LEARNT, BATCH, NO_ANCHOR)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (0.35**2 + 0.7**2) / 2),
        ({"target_type": "adaptive"}, (0.5**2 + 1.0**2) / 2),
        ({"target_type": "adaptive", "split_loss": True}, (0.5**2 + 0.7**2) / 2),
        ({"split_loss": True}, (0.35**2 + 0.7**2) / 2),
    ],
)
def test_anchor_by_hand(changes, expected):
    values = {0: VALUES[0], 1: VALUES[1]}
    assert float(original_loss(LossSettings(**changes), values, LEARNT, BATCH, ANCHOR)) == pytest.approx(expected, rel=1e-5)


def test_certain_levels_are_counted():
    generator = np.random.default_rng(0)
    here, following = generator.integers(0, 6, (2, 400))
    maximum, left = generator.integers(0, 2, (2, 400))
    weight = generator.random(400)
    expected = (following > here) | (following == here) & np.where(here % 2 == 0, maximum, left).astype(bool)
    one_hot = [tf.one_hot(level, 6) for level in (here, following)]
    costs = [tf.constant(cost, tf.float32) for cost in (maximum, left)]
    found = expected_violation(*one_hot, *costs, tf.constant(weight, tf.float32))
    assert float(found) == pytest.approx((weight * expected).sum() / weight.sum(), rel=1e-5)


def test_uncertain_levels_are_averaged():
    here, following = tf.constant([[0.75, 0.25, 0.0, 0.0]]), tf.constant([[0.5, 0.5, 0.0, 0.0]])
    one = tf.ones(1)
    assert float(expected_violation(here, following, 0 * one, one, one)) == pytest.approx(0.75 * 0.5 + 0.25 * 0.5)


def test_the_clocks_loss_counts_only_what_can_violate():
    here, following = tf.constant([10.0, 10.0, 10.0]), tf.constant([9.0, 9.5, 20.0])
    assert float(clock_loss(here, following, tf.constant([1.0, 1.0, 0.0]), tf.constant([1.0, 3.0, 4.0]))) == pytest.approx(3 * 0.5 / 8)
