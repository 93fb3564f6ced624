"""What every sample of a training carries from one segment to the next, in variables on the device: no step waits for the host."""

import tensorflow as tf

from hrm.config import Config


class Carry:
    """States, counters and data of `batch_size` running samples.

    high, low (B, S, d): states of the two modules; steps (B,) int32: segments done; halted (B,) bool: takes a new puzzle next;
    tokens, labels (B, N) int32; identifier (B,) int32. All of it belongs into the checkpoint: `.variables`.
    """

    def __init__(self, config: Config):
        count, length = config.batch_size, config.prefix + config.cells
        zeros = lambda name, shape, dtype: tf.Variable(tf.zeros(shape, dtype), trainable=False, name=name)  # noqa: E731
        self.high = zeros("high", (count, length, config.width), tf.float32)
        self.low = zeros("low", (count, length, config.width), tf.float32)
        self.steps = zeros("steps", (count,), tf.int32)
        self.halted = tf.Variable(tf.ones((count,), tf.bool), trainable=False, name="halted")
        self.tokens = zeros("tokens", (count, config.cells), tf.int32)
        self.labels = zeros("labels", (count, config.cells), tf.int32)
        self.identifier = zeros("identifier", (count,), tf.int32)

    @property
    def variables(self) -> list[tf.Variable]:
        """Everything that changes."""
        return [self.high, self.low, self.steps, self.halted, *self.data]

    @property
    def data(self) -> list[tf.Variable]:
        """Tokens, labels, identifier."""
        return [self.tokens, self.labels, self.identifier]

    def admit(self, batch: dict[str, tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor], tf.Tensor]:
        """Who begins anew, (B,) bool; the data of all, new for them; and the number of the segment that comes, from 1."""
        begins = self.halted.value()
        new = [batch["tokens"], batch["labels"], batch["identifier"]]
        for variable, values in zip(self.data, new, strict=True):
            mask = tf.reshape(begins, [-1] + [1] * (len(variable.shape) - 1))
            variable.assign(tf.where(mask, values, variable))
        return begins, [variable.value() for variable in self.data], tf.where(begins, 0, self.steps) + 1

    def keep(self, high: tf.Tensor, low: tf.Tensor, steps: tf.Tensor, halted: tf.Tensor) -> None:
        """Take over what a segment left."""
        for variable, value in ((self.high, high), (self.low, low), (self.steps, steps), (self.halted, halted)):
            variable.assign(value)
