"""Losses over canvases: weighted cross-entropy, and the expected cost that the original run put off. Scalars in nats or shares."""

import tensorflow as tf

from arc.grids.canvas import PAD


def cell_weights(answer: tf.Tensor, pad_weight: tf.Tensor) -> tf.Tensor:
    """Weight of each cell (B, N): 1 within the grid, `pad_weight` outside."""
    return tf.where(answer == PAD, pad_weight, 1.0)


def cross_entropy(logits: tf.Tensor, answer: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Weighted mean of -ln p(answer); logits (B, N, 11), answer (B, N) int32, weights (B, N)."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=answer, logits=logits)
    return tf.reduce_sum(weights * losses) / tf.reduce_sum(weights)


def expected_cost(logits: tf.Tensor, answer: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Weighted mean of 1 - p(answer): the expected share of wrong cells of an answer that is drawn cell by cell (new here)."""
    right = tf.gather(tf.nn.softmax(logits), answer, batch_dims=2)
    return tf.reduce_sum(weights * (1.0 - right)) / tf.reduce_sum(weights)


def marginal_entropy(answer: tf.Tensor, weights: tf.Tensor, symbols: int) -> tf.Tensor:
    """Cross-entropy of the best answer that is the same for every cell: the entropy of the batch's symbols, weighted as the loss."""
    counts = tf.reduce_sum(tf.one_hot(answer, symbols) * weights[..., tf.newaxis], axis=(0, 1))
    share = counts / tf.reduce_sum(counts)
    return -tf.reduce_sum(tf.math.xlogy(share, share))
