"""Augmentation with exact inverses: a symmetry of the square, a permutation of the colours, and a place on a canvas.

One augmentation acts alike on all grids of a task, so the task's rule changes with them and stays one rule.
"""

import random
from dataclasses import dataclass

import numpy as np

from arc.grids.canvas import DoesNotFit, lift, place
from arc.grids.symmetries import INVERSE, SYMMETRIES, dihedral
from arc.grids.tasks import COLOURS, MAX_SIDE, Pair, Task

IDENTITY_COLOURS = tuple(range(COLOURS))


@dataclass(frozen=True)
class Augmentation:
    """First a symmetry (0..7), then a recolouring (colour c becomes colours[c]); `row`, `column` place it on a canvas."""

    symmetry: int = 0
    colours: tuple[int, ...] = IDENTITY_COLOURS
    row: int = 0
    column: int = 0

    def __post_init__(self):
        if self.symmetry not in range(SYMMETRIES):
            raise ValueError(f"symmetry {self.symmetry} is not in 0..7")
        if sorted(self.colours) != list(IDENTITY_COLOURS):
            raise ValueError(f"colours {self.colours} is no permutation of 0..9")
        if self.row < 0 or self.column < 0:
            raise ValueError(f"the place ({self.row}, {self.column}) on the canvas is negative")

    def apply(self, grid: np.ndarray) -> np.ndarray:
        """The grid turned and recoloured, read-only int8 (its place plays no part without a canvas)."""
        return _frozen(np.array(self.colours, np.int8)[dihedral(grid, self.symmetry)])

    def invert(self, grid: np.ndarray) -> np.ndarray:
        """The grid that `apply` takes to `grid`."""
        return _frozen(np.argsort(self.colours).astype(np.int8)[dihedral(grid, INVERSE[self.symmetry])])

    def apply_pair(self, pair: Pair) -> Pair:
        """Both grids of a pair under `apply`."""
        return Pair(self.apply(pair.input), None if pair.output is None else self.apply(pair.output))

    def apply_task(self, task: Task) -> Task:
        """All pairs of a task under `apply`; the id stays."""
        return Task(task.id, tuple(map(self.apply_pair, task.train)), tuple(map(self.apply_pair, task.test)))

    def to_canvas(self, grid: np.ndarray, side: int = MAX_SIDE) -> np.ndarray:
        """`apply(grid)` at (row, column) of a (side, side) int8 canvas of PAD; DoesNotFit if it is too large."""
        return place(self.apply(grid), self.row, self.column, side)

    def from_canvas(self, canvas: np.ndarray) -> np.ndarray:
        """The grid whose `to_canvas` is `canvas`; ValueError if there is no filled rectangle at (row, column)."""
        grid, row, column = lift(canvas)
        if (row, column) != (self.row, self.column):
            raise ValueError(f"the grid lies at ({row}, {column}) and not at ({self.row}, {self.column})")
        return self.invert(grid)


def random_augmentation(
    generator: random.Random, keep_black: bool = True, extent: tuple[int, int] | None = None, side: int = MAX_SIDE
) -> Augmentation:
    """One of 8 symmetries, a permutation of the colours and a place, each uniform.

    `keep_black` leaves colour 0, the background of most tasks, where it is. `extent` is the largest (height, width) of
    the task's grids before augmentation; with it the place is drawn so that all of them fit a canvas of `side`,
    without it the place is (0, 0).
    """
    symmetry = generator.randrange(SYMMETRIES)
    fixed = 1 if keep_black else 0
    colours = (*range(fixed), *generator.sample(range(fixed, COLOURS), COLOURS - fixed))
    row = column = 0
    if extent is not None:
        # An odd symmetry below 4 is a quarter turn and an even one from 4 on a diagonal flip: both swap the sides.
        height, width = extent if (symmetry % 2 == 1) == (symmetry >= 4) else extent[::-1]
        if max(height, width) > side:
            raise DoesNotFit(f"grids of up to {height}x{width} do not fit a canvas of side {side}")
        row, column = generator.randint(0, side - height), generator.randint(0, side - width)
    return Augmentation(symmetry, colours, row, column)


def task_extent(task: Task) -> tuple[int, int]:
    """Largest height and largest width among the grids of a task."""
    shapes = [grid.shape for pair in task.pairs for grid in (pair.input, pair.output) if grid is not None]
    return max(height for height, _ in shapes), max(width for _, width in shapes)


def _frozen(grid):
    grid = np.ascontiguousarray(grid)
    grid.setflags(write=False)
    return grid
