"""Who halts, and what going on is worth."""

import numpy as np
import tensorflow as tf

from hrm.network import halting


def test_a_sample_halts_when_it_wants_to_and_may_or_when_it_must():
    logits = tf.constant([[1.0, 2.0], [1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, -2.0]])
    steps, least = tf.constant([1, 1, 1, 3, 2]), tf.constant([1, 1, 2, 1, 1])
    segments = tf.constant(3)
    assert halting.halts(logits, "correctness", steps, least, segments).numpy().tolist() == [True, True, False, True, False]
    assert halting.halts(logits, "q_learning", steps, least, segments).numpy().tolist() == [False, True, False, True, True]


def test_going_on_is_worth_the_better_of_what_comes_next():
    following = tf.constant([[0.0, 2.0], [0.0, 2.0], [3.0, 2.0]])
    value = halting.value_of_going_on(following, tf.constant([False, True, False]))
    np.testing.assert_allclose(value, 1 / (1 + np.exp([-2.0, 0.0, -3.0])), rtol=1e-6)


def test_in_use_a_sample_halts_where_it_is_sure_enough():
    logits = np.float32([[1.0, 3.0], [2.0, 3.0], [4.0, 3.0]])  # Probabilities of .73, .88 and .98.
    assert halting.wants_to_halt(logits, "correctness").tolist() == [True, True, True]
    assert halting.wants_to_halt(logits, "correctness", 0.8).tolist() == [False, True, True]
    assert halting.wants_to_halt(logits, "correctness", 0.95).tolist() == [False, False, True]
    assert halting.wants_to_halt(logits, "q_learning", 0.8).tolist() == [False, False, True]
