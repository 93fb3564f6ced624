"""Every different picture once, by number, and every change of a picture computed once."""

from collections.abc import Callable

import numpy as np

from arc.grids.tasks import MAX_SIDE, grid_key

NOTHING = -1
"""Stands for a picture that a transformation does not give."""


class Pool:
    """Pictures by number. `work` counts the transformations computed, which is what a search may cost: it repeats bit for bit."""

    def __init__(self):
        self.grids: list[np.ndarray] = []
        self.work = 0
        self._numbers: dict[bytes, int] = {}
        self._changed: dict[tuple, int] = {}

    def add(self, grid: np.ndarray | None) -> int:
        """The number of a picture (H, W) of colours 0..9; NOTHING for None, nothing or what is too large."""
        if grid is None or not grid.size or max(grid.shape) > MAX_SIDE:
            return NOTHING
        grid = np.ascontiguousarray(grid, np.int8)
        key = grid_key(grid)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.grids)
            self.grids.append(grid)
        return number

    def change(self, name: str, function: Callable, *numbers: int) -> int:
        """The picture that a function makes of others, computed the first time."""
        key = (name, *numbers)
        found = self._changed.get(key)
        if found is None:
            self.work += 1
            found = self._changed[key] = self.add(function(*(self.grids[number] for number in numbers)))
        return found
