"""Gradients on their way into an optimizer: written down, and not applied."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

HALF_NORMAL = 2.0**-14
"""Below it float16 loses digits; at 2**-24 it ends."""


class Gradient(NamedTuple):
    """What is known of one variable's gradient.

    norm: Euclidean, as it reached the optimizer, loss scale divided out; None where no gradient came. finite: whether all of it is.
    below: share of what is not nought that float16 holds with lost digits, before the loss scale is divided out.
    """

    norm: float | None
    finite: bool = True
    below: float = 0.0


@dataclass
class Gradients:
    """id of a variable -> its gradient; `values` are the scalars of the step."""

    of: dict[int, Gradient] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)

    def norm(self, variable) -> float | None:
        """None where no gradient reaches the variable, or where it is left out of the optimizers."""
        found = self.of.get(id(variable))
        return None if found is None else found.norm


@contextlib.contextmanager
def recorded(optimizers: Sequence[keras.optimizers.Optimizer]) -> Iterator[Gradients]:
    """Within the block the optimizers write down what they are given, and change nothing."""
    found = Gradients()
    for optimizer in optimizers:
        optimizer.apply = _recorder(found, optimizer)
    try:
        yield found
    finally:
        for optimizer in optimizers:
            del optimizer.apply


def _recorder(found, optimizer):
    def apply(gradients, variables=None):
        known = variables if variables is not None else optimizer._trainable_variables
        for gradient, variable in zip(gradients, known, strict=True):
            found.of[id(variable)] = _described(gradient, float(getattr(optimizer, "dynamic_scale", 1.0)))

    return apply


def _described(gradient, scale):
    if gradient is None:
        return Gradient(None)
    array = np.asarray(tf.cast(tf.convert_to_tensor(gradient), tf.float64))
    sizes = np.abs(array[array != 0])
    below = float(np.mean(sizes < HALF_NORMAL)) if sizes.size else 0.0
    return Gradient(float(np.linalg.norm(array)) / scale, bool(np.isfinite(array).all()), below)
