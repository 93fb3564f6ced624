"""AdamAtan2, and sign descent on the vectors of the puzzles in a batch; both in plain TensorFlow, nothing to compile."""

import keras
import tensorflow as tf
from keras import ops


class AdamAtan2(keras.optimizers.Optimizer):
    """Adam whose update is atan2(m, sqrt(v)) of the corrected moments instead of m / (sqrt(v) + epsilon) (Everett et al. 2024).

    Bounded by pi / 2 times the learning rate, without an epsilon, and blind to the scale of the gradient. Weight decay is decoupled.
    """

    def __init__(self, learning_rate=1e-4, beta_1=0.9, beta_2=0.95, weight_decay=None, name="adam_atan2", **options):
        super().__init__(learning_rate=learning_rate, weight_decay=weight_decay, name=name, **options)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def build(self, variables):
        """Make both moments of each variable."""
        if self.built:
            return
        super().build(variables)
        self._first = [self.add_variable_from_reference(v, name="first_moment") for v in variables]
        self._second = [self.add_variable_from_reference(v, name="second_moment") for v in variables]

    def update_step(self, gradient, variable, learning_rate):
        """One update of one variable."""
        index = self._get_variable_index(variable)
        first, second = self._first[index], self._second[index]
        count = ops.cast(self.iterations + 1, variable.dtype)
        rate, gradient = ops.cast(learning_rate, variable.dtype), ops.cast(gradient, variable.dtype)
        self.assign_add(first, (gradient - first) * (1 - self.beta_1))
        self.assign_add(second, (ops.square(gradient) - second) * (1 - self.beta_2))
        mean = first / (1 - ops.power(ops.cast(self.beta_1, variable.dtype), count))
        square = second / (1 - ops.power(ops.cast(self.beta_2, variable.dtype), count))
        self.assign_sub(variable, rate * ops.arctan2(mean, ops.sqrt(square)))

    def get_config(self):
        """Its arguments."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}


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
