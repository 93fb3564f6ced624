"""Grids on square canvases, and answers read off them again."""

from collections.abc import Sequence

import numpy as np

from arc.grids.tasks import COLOURS, MAX_SIDE, Pair
from longrun.errors import UserError

PAD = COLOURS
"""A canvas cell outside the grid."""


class DoesNotFit(UserError):
    """A grid is larger than the canvas it is to lie on."""


def to_canvas(grid: np.ndarray, side: int, where: str = "grid") -> np.ndarray:
    """The cells of a grid at the upper left of a (side, side) canvas of PAD, in reading order, (side * side,) int32.

    Raises DoesNotFit, which begins with `where`, if the grid is larger than the canvas.
    """
    height, width = grid.shape
    if height > side or width > side:
        raise DoesNotFit(f"{where}: {height}x{width} does not fit the model's canvas of {side}x{side}")
    canvas = np.full((side, side), PAD, np.int32)
    canvas[:height, :width] = grid
    return canvas.ravel()


def to_grid(canvas: np.ndarray) -> np.ndarray:
    """The answer on a canvas (side * side,): everything up to its last row and last column that hold a colour, int8.

    The shape is the model's own. A canvas that is no full rectangle keeps PAD (10) in its holes, which no target has; an empty one is a
    single PAD.
    """
    side = round(len(canvas) ** 0.5)
    cells = np.reshape(canvas, (side, side)).astype(np.int8)
    rows, columns = np.nonzero(cells != PAD)
    return cells[: rows.max() + 1, : columns.max() + 1] if rows.size else cells[:1, :1]


def context_canvas(pairs: Sequence[Pair], side: int, where: str = "demonstration") -> np.ndarray:
    """Input and output canvas of each pair in turn, (2 * pairs * side * side,) int32."""
    grids = [grid for pair in pairs for grid in (pair.input, pair.output)]
    return np.concatenate([to_canvas(grid, side, where) for grid in grids])


def place(grid: np.ndarray, row: int, column: int, side: int = MAX_SIDE) -> np.ndarray:
    """The grid at (row, column) of a (side, side) int8 canvas of PAD; DoesNotFit if it is too large."""
    height, width = grid.shape
    if row < 0 or column < 0 or row + height > side or column + width > side:
        raise DoesNotFit(f"a {height}x{width} grid at ({row}, {column}) does not fit a canvas of side {side}")
    canvas = np.full((side, side), PAD, np.int8)
    canvas[row : row + height, column : column + width] = grid
    return canvas


def lift(canvas: np.ndarray) -> tuple[np.ndarray, int, int]:
    """Grid, row and column that `place` was given; ValueError if the cells other than PAD are not one full rectangle."""
    rows, columns = np.nonzero(canvas != PAD)
    if not rows.size:
        raise ValueError("the canvas is empty")
    row, column = rows.min(), columns.min()
    grid = canvas[row : rows.max() + 1, column : columns.max() + 1]
    if (grid == PAD).any():
        raise ValueError(f"the canvas holds no full rectangle: {(grid == PAD).sum()} cells of it are PAD")
    found = np.ascontiguousarray(grid.astype(np.int8))
    found.setflags(write=False)
    return found, int(row), int(column)
