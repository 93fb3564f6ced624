"""Colours by other names, so that the search meets fewer kinds of task: the background as 0, and colours by how common they are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from arc.grids.tasks import COLOURS, Pair, Task
from arc.solving.frames import background_of


class Renamed(NamedTuple):
    """A task with other names of its colours, and for each test the colours that the names 0..9 stand for."""

    task: Task
    names: tuple[np.ndarray, ...]


def background_first(task: Task) -> Renamed:
    """The background and 0 exchanged, in all pairs alike."""
    names = np.arange(COLOURS, dtype=np.int8)
    names[[0, background_of(task)]] = background_of(task), 0
    return _renamed(task, [names] * len(task.pairs))


def by_frequency(task: Task) -> Renamed | None:
    """In each pair the colours of its input numbered by how common they are there, None where all pairs would be numbered alike.

    0 stays what it is if most inputs have it; else the background differs from pair to pair, and is the commonest colour of each.
    """
    has_background = 2 * sum(bool((pair.input == 0).any()) for pair in task.pairs) > len(task.pairs)
    orders = [_order(pair.input, has_background) for pair in task.pairs]
    if all(np.array_equal(order, orders[0]) for order in orders):
        return None
    return _renamed(task, orders)


def _order(grid, has_background):
    """The colours that 0..9 are to stand for: the background, those of the grid, the others."""
    counts = np.bincount(grid.ravel(), minlength=COLOURS)
    if has_background:
        counts[0] = grid.size + 1
    return np.argsort(-counts, kind="stable").astype(np.int8)


def _renamed(task: Task, orders: Sequence[np.ndarray]) -> Renamed:
    pairs = []
    for pair, order in zip(task.pairs, orders, strict=True):
        numbers = np.argsort(order).astype(np.int8)
        pairs.append(Pair(numbers[pair.input], None if pair.output is None else numbers[pair.output]))
    shown = len(task.train)
    return Renamed(Task(task.id, tuple(pairs[:shown]), tuple(pairs[shown:])), tuple(orders[shown:]))
