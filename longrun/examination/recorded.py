"""Gradients on their way into an optimizer: written down, and not applied."""

import contextlib
from collections.abc import Iterator
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
    """id of a variable -> its gradient.

    values: the scalars of the step. optimizers: those that were given gradients, each with its variables.
    """

    of: dict[int, Gradient] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    optimizers: list[tuple[keras.optimizers.Optimizer, list]] = field(default_factory=list)

    def norm(self, variable: keras.Variable) -> float | None:
        """None where no gradient reaches the variable, or where it is left out of the optimizers."""
        found = self.of.get(id(variable))
        return None if found is None else found.norm


@contextlib.contextmanager
def recorded() -> Iterator[Gradients]:
    """Within the block every Keras optimizer writes down what it is given, and changes nothing."""
    found = Gradients()

    def apply(optimizer, gradients, variables=None):
        known = list(variables) if variables is not None else optimizer._trainable_variables
        for gradient, variable in zip(gradients, known, strict=True):
            found.of[id(variable)] = _described(gradient, float(getattr(optimizer, "dynamic_scale", 1.0)))
        found.optimizers.append((optimizer, known))

    kinds = (keras.optimizers.Optimizer, keras.optimizers.LossScaleOptimizer)
    before = [vars(kind).get("apply") for kind in kinds]
    for kind in kinds:
        kind.apply = apply
    try:
        yield found
    finally:
        for kind, own in zip(kinds, before, strict=True):
            if own is None:
                del kind.apply
            else:
                kind.apply = own


def _described(gradient, scale):
    if gradient is None:
        return Gradient(None)
    array = np.asarray(tf.cast(tf.convert_to_tensor(gradient), tf.float64))
    sizes = np.abs(array[array != 0])
    below = float(np.mean(sizes < HALF_NORMAL)) if sizes.size else 0.0
    return Gradient(float(np.linalg.norm(array)) / scale, bool(np.isfinite(array).all()), below)
