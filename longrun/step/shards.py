"""A batch in parts that are computed side by side."""

from collections.abc import Callable, Mapping

import tensorflow as tf


class Shards:
    """`model(inputs, training=True)` on `count` equal parts of the batch that do not wait for each other (count 1: on the whole).

    XLA hands a processor few operations at a time that two cores could share; independent parts keep them both busy. The values are
    those of the whole batch but for rounding, for models that treat the rows of a batch independently.

    inputs: name -> tensor with the rows first, their number a multiple of `count`. Returns what the model does, rows joined again.
    """

    def __init__(self, model: Callable, count: int):
        self._model, self._count = model, count

    def __call__(self, inputs: Mapping[str, tf.Tensor]):
        if self._count == 1:
            return self._model(dict(inputs), training=True)
        parts = zip(*(tf.split(value, self._count) for value in inputs.values()), strict=True)
        found = [self._model(dict(zip(inputs, part, strict=True)), training=True) for part in parts]
        return tf.nest.map_structure(lambda *rows: tf.concat(rows, axis=0), *found)
