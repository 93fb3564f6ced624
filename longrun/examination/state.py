"""Everything that a step changes: read, put back, compared bit for bit."""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from longrun.examination.examined import Examined


class Snapshot(NamedTuple):
    """Values of variables, in order, and the host's random numbers."""

    values: list[np.ndarray]
    host: tuple


class State:
    """All variables of a training: the model's, its metrics', the optimizers' and those of `groups`, each once."""

    def __init__(self, examined: Examined, optimizers: Sequence[keras.optimizers.Optimizer]):
        self._examined, self._optimizers = examined, optimizers

    def groups(self) -> dict[str, list]:
        """By name, as a checkpoint holds them; metrics begin anew in every process and are left out."""
        models = {f"model_{i}" if i else "model": each.variables for i, each in enumerate(self._examined.models)}
        found = {**models, **{f"optimizer_{i}": each.variables for i, each in enumerate(self._optimizers)}}
        found |= {name: list(variables) for name, variables in self._examined.groups.items()}
        seen: set[int] = set()
        return {name: _new(variables, seen) for name, variables in found.items()}

    def variables(self) -> list:
        """All of them. Metrics appear when the model has run once."""
        model = self._examined.model
        metrics = model.metrics_variables if getattr(model, "compiled", False) else []
        return _new([variable for group in self.groups().values() for variable in group] + list(metrics), set())

    def snapshot(self) -> Snapshot:
        """The values of now."""
        host = random.getstate(), np.random.get_state()
        return Snapshot([_value(variable) for variable in self.variables()], host)

    def restore(self, snapshot: Snapshot) -> None:
        """Put back what was read; metrics that did not exist yet begin anew."""
        for variable, value in zip(self.variables(), snapshot.values, strict=False):
            variable.assign(value)
        random.setstate(snapshot.host[0])
        np.random.set_state(snapshot.host[1])


def differing(before: Snapshot, after: Snapshot) -> list[int]:
    """Places of the variables whose bits are not the same."""
    pairs = zip(before.values, after.values, strict=False)
    return [index for index, (one, other) in enumerate(pairs) if one.tobytes() != other.tobytes()]


def name_of(variable: Any) -> str:
    """A variable's path, or its name where it has none."""
    return getattr(variable, "path", None) or variable.name


def _value(variable):
    return np.array(keras.ops.convert_to_numpy(variable))


def _new(variables, seen):
    found = []
    for variable in variables:
        if id(variable) not in seen:
            seen.add(id(variable))
            found.append(variable)
    return found
