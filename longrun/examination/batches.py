"""Batches by step, and their parts by name."""

import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from longrun.errors import UserError

PLACES = ("inputs", "labels", "weights")


class Batches:
    """`batch(step)` as nested NumPy arrays, from a function of the step or from an iterable, which is read as far as it is asked for."""

    def __init__(self, source: Callable[[int], Any] | Iterable, clock: Callable[[], float] = time.perf_counter):
        self.by_step = callable(source)
        self._source, self._clock = source, clock
        self.seconds: list[float] = []
        """What each new batch took to make, in the order in which they were asked for."""
        self._iterator = None if self.by_step else iter(source)
        self._read: list = []
        self.length: int | None = None
        """Batches that an iterable has, once its end is known."""

    def __call__(self, step: int) -> Any:
        """The batch of a step; an iterable that has ended begins again. Raises UserError where there is none at all."""
        if self.by_step:
            return self._timed(lambda: [as_arrays(self._source(step))])[0]
        while self.length is None and step >= len(self._read):
            new = self._timed(lambda: [as_arrays(each) for each in itertools.islice(self._iterator, 1)])
            self._read += new
            if not new:
                self.length = len(self._read)
        if not self._read:
            raise UserError("batch is an iterable without a batch")
        return self._read[step % len(self._read)]

    @property
    def known(self) -> int:
        """How many batches of an iterable have been read."""
        return len(self._read)

    def _timed(self, read):
        began = self._clock()
        found = read()
        self.seconds += [self._clock() - began] * len(found)
        return found


def one_of(source: Any, name: str) -> Any:
    """One batch as arrays, from a batch or from an iterable of batches. Raises UserError where it has no rows."""
    alone = hasattr(source, "shape")  # An array or a tensor: inputs without labels.
    if isinstance(source, str) or not (alone or isinstance(source, tuple | Mapping | Iterable)):
        raise UserError(f"{name} is a batch (inputs, labels), a dict of arrays or an array, not {type(source).__name__}")
    if not (alone or isinstance(source, tuple | Mapping)):
        source = next(iter(source), ())
    found = as_arrays(source)
    leaves = parts(found)
    if not leaves or not all(leaf.ndim and len(leaf) for leaf in leaves.values()):
        raise UserError(f"{name} is empty")
    return found


def as_arrays(batch: Any) -> Any:
    """A batch of tensors or arrays as one of NumPy arrays, in the same structure."""
    if isinstance(batch, Mapping):
        return {name: as_arrays(value) for name, value in batch.items()}
    if isinstance(batch, tuple | list):
        return tuple(as_arrays(value) for value in batch if value is not None)
    return np.asarray(batch)


def parts(batch: Any) -> dict[str, np.ndarray]:
    """Name -> array. A tuple's are "inputs", "labels" and "weights", or "inputs/NAME" where there are several; a dict's have its names.

    An array alone is "inputs".
    """
    if isinstance(batch, Mapping):
        return dict(_leaves("", batch))
    places = zip(PLACES, batch if isinstance(batch, tuple) else (batch,), strict=False)
    return {name: leaf for place, value in places for name, leaf in _leaves(place, value)}


def changed(batch: Any, changes: Mapping[str, np.ndarray]) -> Any:
    """The batch with some parts replaced."""
    if isinstance(batch, tuple):
        return tuple(_put(place, value, changes) for place, value in zip(PLACES, batch, strict=False))
    return _put("" if isinstance(batch, Mapping) else PLACES[0], batch, changes)


def rows_of(batch: Any) -> int:
    """Number of rows."""
    return len(next(iter(parts(batch).values())))


def exchanged(array: np.ndarray) -> np.ndarray:
    """Every row in the place of the one before it."""
    return np.roll(array, -1, axis=0)


def _leaves(name, value):
    if isinstance(value, Mapping | tuple):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for inner, each in items:
            yield from _leaves(f"{name}/{inner}" if name else str(inner), each)
    else:
        yield name, value


def _put(name, value, changes):
    if isinstance(value, Mapping):
        return {inner: _put(f"{name}/{inner}" if name else str(inner), each, changes) for inner, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_put(f"{name}/{inner}" if name else str(inner), each, changes) for inner, each in enumerate(value))
    return changes.get(name, value)
