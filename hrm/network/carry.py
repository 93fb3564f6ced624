"""What every sample of a training carries from one segment to the next, in variables on the device: no step waits for the host."""

import tensorflow as tf

from hrm.config import Config


def data_shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Shape of each part of a sample's data, in the order of the checkpoint; all int32."""
    shapes = {"tokens": (config.data.cells,), "labels": (config.data.cells,), "identifier": ()}
    most = config.model.shown[1]
    return shapes | ({"demonstrations": (most, 2, config.data.cells)} if most else {})


class Carry:
    """States, counters and data of `batch_size` running samples.

    high, low (B, S, d): states of the two modules; steps (B,) int32: segments done; halted (B,) bool: takes a new puzzle next;
    data: by name, tokens, labels (B, N) and identifier (B,), int32, and where they are shown demonstrations (B, K, 2, N) int32: a sample
    keeps its own until it halts. All of it belongs into the checkpoint: `.variables`.
    """

    def __init__(self, config: Config):
        count = config.data.batch_size
        zeros = lambda name, shape, dtype: tf.Variable(tf.zeros(shape, dtype), trainable=False, name=name)  # noqa: E731
        self.high = zeros("high", (count, config.length, config.model.width), tf.float32)
        self.low = zeros("low", (count, config.length, config.model.width), tf.float32)
        self.steps = zeros("steps", (count,), tf.int32)
        self.halted = tf.Variable(tf.ones((count,), tf.bool), trainable=False, name="halted")
        self.data = {name: zeros(name, (count, *shape), tf.int32) for name, shape in data_shapes(config).items()}

    @property
    def variables(self) -> list[tf.Variable]:
        """Everything that changes."""
        return [self.high, self.low, self.steps, self.halted, *self.data.values()]

    def admit(self, batch: dict[str, tf.Tensor]) -> tuple[tf.Tensor, dict[str, tf.Tensor], tf.Tensor]:
        """Who begins anew, (B,) bool; the data of all, new for them; and the number of the segment that comes, from 1."""
        begins = self.halted.value()
        for name, variable in self.data.items():
            mask = tf.reshape(begins, [-1] + [1] * (len(variable.shape) - 1))
            variable.assign(tf.where(mask, batch[name], variable))
        return begins, {name: variable.value() for name, variable in self.data.items()}, tf.where(begins, 0, self.steps) + 1

    def keep(self, high: tf.Tensor, low: tf.Tensor, steps: tf.Tensor, halted: tf.Tensor) -> None:
        """Take over what a segment left."""
        for variable, value in ((self.high, high), (self.low, low), (self.steps, steps), (self.halted, halted)):
            variable.assign(value)
