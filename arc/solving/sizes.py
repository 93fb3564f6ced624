"""The size of an answer read off numbers of its input: its sides, how many colours, cells, parts and fields it has."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy import ndimage

from arc.grids.tasks import COLOURS, MAX_SIDE, Task
from arc.solving.relations.parts import SQUARE


def sizes(task: Task, background: int, most: int = 2) -> Iterator[tuple[str, Callable[[np.ndarray], tuple[int, int] | None]]]:
    """Named rules input -> (height, width), None for no grid; they hold for all demonstrations, the simplest first.

    background: The colour that is not counted.
    """
    inputs = [pair.input for pair in task.pairs]
    numbers = [_numbers(grid, background) for grid in inputs]
    outputs = [pair.output.shape for pair in task.train]
    heights, widths = ([rule for rule in _RULES if _holds(rule, numbers, [shape[axis] for shape in outputs])] for axis in (0, 1))
    pairs = sorted(((one, other) for one in heights for other in widths), key=lambda pair: _RULES[pair[0]].cost + _RULES[pair[1]].cost)
    for one, other in pairs[:most]:
        rules = _RULES[one], _RULES[other]

        def size(grid, rules=rules):
            found = _numbers(grid, background)
            sides = tuple(rule.value(found) for rule in rules)
            return sides if all(0 < side <= MAX_SIDE for side in sides) else None

        yield f"{one} x {other}", size


def _numbers(grid, background):
    """What is counted in a grid, by name."""
    drawn = grid != background
    counts = np.bincount(grid.ravel(), minlength=COLOURS)
    counts[background] = 0
    parts = [ndimage.label(grid == colour, SQUARE) for colour in np.flatnonzero(counts)]
    largest = max((int(np.bincount(labels.ravel())[1:].max()) for labels, _ in parts), default=0)
    return {
        "height": grid.shape[0],
        "width": grid.shape[1],
        "colours": int((counts > 0).sum()),
        "cells": int(drawn.sum()),
        "parts": sum(count for _, count in parts),
        "objects": int(ndimage.label(drawn, SQUARE)[1]),
        "largest part": largest,
        "cells of the commonest colour": int(counts.max()),
        "rows drawn": int(drawn.any(1).sum()),
        "columns drawn": int(drawn.any(0).sum()),
    }


class _Rule:
    """A multiple of a number, or a part of it, and a remainder."""

    def __init__(self, name, times, parts, more, cost):
        self._name, self._times, self._parts, self._more, self.cost = name, times, parts, more, cost

    def value(self, numbers) -> int:
        """The side of the answer, 0 where it is no whole number."""
        whole, left = divmod(numbers[self._name] * self._times, self._parts)
        return 0 if left else whole + self._more


def _rules():
    found = {}
    for order, name in enumerate(_numbers(np.zeros((1, 1), np.int8), 0)):
        for times, parts, more in ((1, 1, 0), (1, 1, 1), (1, 1, -1), (2, 1, 0), (1, 2, 0), (3, 1, 0), (1, 3, 0), (2, 1, 1), (2, 1, -1)):
            found[f"{name}*{times}/{parts}{more:+}"] = _Rule(name, times, parts, more, order / 10 + (times > 1) + (parts > 1) + abs(more))
    return found


_RULES = _rules()


def _holds(name, numbers, sides):
    values = [_RULES[name].value(found) for found in numbers]
    return values[: len(sides)] == sides and min(values) > 0
