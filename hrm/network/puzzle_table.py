"""The learnt vectors of puzzles, and the sign descent that teaches those of a batch."""

import tensorflow as tf


class PuzzleTable:
    """One vector for each puzzle identifier, learnt by sign descent on the rows of the batch alone.

    Starts at zero. With thousands of identifiers a row is seen rarely; the sign makes each visit count alike, however small its gradient
    (Wang et al. 2025, published code). rows, width: shape of the table.
    """

    def __init__(self, rows: int, width: int):
        self.table = tf.Variable(tf.zeros((rows, width)), trainable=False, name="puzzle_table")

    def rows(self, identifier: tf.Tensor) -> tf.Tensor:
        """Vectors of a batch, (B, width)."""
        return tf.gather(self.table, identifier)

    def descend(self, identifier: tf.Tensor, gradient: tf.Tensor, rate: tf.Tensor, decay: float) -> None:
        """One step: add up the gradients (B, width) of equal identifiers, take the sign, decay (decoupled), write the rows back.

        Equal identifiers write equal rows. A mask of who equals whom keeps shapes static, which XLA needs. A gradient that is not finite
        leaves its row alone.
        """
        same = tf.cast(identifier[:, None] == identifier[None, :], gradient.dtype)
        total = tf.matmul(same, tf.where(tf.math.is_finite(gradient), gradient, 0.0))
        before = self.rows(identifier)
        after = before * (1.0 - rate * decay) - rate * tf.sign(total)
        self.table.assign(tf.tensor_scatter_nd_update(self.table, identifier[:, None], after))
