"""Losses: the original run's hinge with its anchor, and, new here, the expected number of violations. Scalars, means over the batch."""

import tensorflow as tf

from collatz.settings import DRIFT_COEFFICIENT, LossSettings


def hinge(value: tf.Tensor, later: tf.Tensor, margin: tf.Tensor) -> tf.Tensor:
    """max(0, margin - (V(n) - V(T^s n))), (B,)."""
    return tf.nn.relu(margin - (value - later))


def original_loss(settings: LossSettings, values: dict[int, tf.Tensor], drift_term: tf.Tensor, batch: dict, scalars: dict) -> tf.Tensor:
    """The original run's loss: weighted hinge over one step, hinges over 4 and 8 steps where asked for, and the anchor.

    values: number of steps s -> V(T^s n), (B,). drift_term: b drift (B,) with the learnt b. batch: "weight", "log_n", "drift",
    "hard", each (B,). scalars: "margin", "anchor". The weighted mean divides by the number of rows.
    """
    loss = tf.reduce_mean(batch["weight"] * hinge(values[0], values[1], scalars["margin"]))
    for steps, share in ((4, 0.5), (8, 0.2)):
        if steps in values:
            loss += share * tf.reduce_mean(hinge(values[0], values[steps], scalars["margin"]))
    fixed = DRIFT_COEFFICIENT * batch["drift"]
    if settings.target_type == "fixed":
        term = fixed
    elif settings.split_loss:
        term = tf.where(batch["hard"], drift_term, fixed)
    else:
        term = drift_term
    return loss + scalars["anchor"] * tf.reduce_mean(tf.square(values[0] - batch["log_n"] - term))


def expected_violation(
    here: tf.Tensor, following: tf.Tensor, new_maximum: tf.Tensor, maximum_left: tf.Tensor, weight: tf.Tensor
) -> tf.Tensor:
    """Expected weighted share of violations when the levels of n and T(n) are drawn independently.

    here, following: probabilities of the levels, (B, levels). new_maximum, maximum_left: whether staying on an even, or on an
    odd level violates, (B,) float of 0 and 1. For two levels this is the multilinear form of a minimum cut: it has its minima at
    certain levels, where it counts violations.
    """
    levels = here.shape[1]
    above = tf.cumsum(following, axis=1, exclusive=True, reverse=True)
    cost = tf.stack([maximum_left if level % 2 else new_maximum for level in range(levels)], axis=1)
    violation = tf.reduce_sum(here * (above + following * cost), axis=1)
    return tf.reduce_sum(weight * violation) / tf.reduce_sum(weight)


def clock_loss(here: tf.Tensor, following: tf.Tensor, counts: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
    """Hinge with margin one step where it counts, weighted mean: times the arc, the expected share of violations.

    here, following: estimates of the time left, in steps, (B,). counts: 1 where a violation is possible, else 0.
    """
    return tf.reduce_sum(weight * counts * hinge(here, following, 1.0)) / tf.reduce_sum(weight)
