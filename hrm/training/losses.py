"""Losses of one segment: cross-entropy of the answer, of the halting decision, and a floor under the answer's diversity."""

import tensorflow as tf

from hrm.puzzles.examples import IGNORED


def log_softmax(logits: tf.Tensor) -> tf.Tensor:
    """Logarithms of the softmax."""
    return tf.nn.log_softmax(logits)


def log_stablemax(logits: tf.Tensor) -> tf.Tensor:
    """Logarithms of s(x) / sum s(x) with s(x) = x + 1 from 0 on and 1 / (1 - x) below (Prieto et al. 2025), in float32."""
    magnitude = tf.math.log1p(tf.abs(logits))
    logs = tf.where(logits >= 0, magnitude, -magnitude)
    return logs - tf.math.log(tf.reduce_sum(tf.exp(logs), axis=-1, keepdims=True))


LOG_PROBABILITIES = {"softmax": log_softmax, "stablemax": log_stablemax}


def answer_loss(log_probabilities: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy over the labelled cells of each sample, (B,); log_probabilities (B, N, V), labels (B, N) int32."""
    asked = tf.cast(labels != IGNORED, tf.float32)
    one_hot = tf.one_hot(labels, log_probabilities.shape[-1])  # All zero where ignored.
    loss = -tf.reduce_sum(one_hot * log_probabilities, axis=-1)
    return tf.reduce_sum(loss, axis=1) / tf.maximum(tf.reduce_sum(asked, axis=1), 1.0)


def correct_cells(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(share of labelled cells that are right (B,) float32, whether all are (B,) bool)."""
    asked = labels != IGNORED
    right = asked & (tf.argmax(logits, axis=-1, output_type=tf.int32) == labels)
    count = tf.reduce_sum(tf.cast(asked, tf.float32), axis=1)
    return tf.reduce_sum(tf.cast(right, tf.float32), axis=1) / tf.maximum(count, 1.0), tf.reduce_all(right | ~asked, axis=1)


def halting_loss(halting: tf.Tensor, exact: tf.Tensor, value_of_going_on: tf.Tensor | None) -> tf.Tensor:
    """Binary cross-entropy of the halting logits (B, 2), (B,).

    The first learns whether the whole answer is right now; the second, where a target is given, the value of going on (Wang et al. 2025,
    sec. 2.4).
    """
    loss = tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(exact, tf.float32), halting[:, 0])
    if value_of_going_on is None:
        return loss
    return loss + tf.nn.sigmoid_cross_entropy_with_logits(value_of_going_on, halting[:, 1])


def diversity_loss(log_probabilities: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """How far the entropy of the mean answer of the batch is below that of its labels, in nats, at least 0; a scalar (new here).

    A network that gives one class everywhere has entropy 0, whatever the argmax of its cells; unlike a count of classes it has a gradient.
    """
    asked = tf.cast(labels != IGNORED, tf.float32)[..., None]
    count = tf.maximum(tf.reduce_sum(asked), 1.0)
    answered = tf.reduce_sum(asked * tf.exp(log_probabilities), axis=(0, 1)) / count
    wanted = tf.reduce_sum(tf.one_hot(labels, log_probabilities.shape[-1]), axis=(0, 1)) / count
    return tf.nn.relu(_entropy(wanted) - _entropy(answered))


def _entropy(shares):
    return -tf.reduce_sum(shares * tf.math.log(shares + 1e-9))
