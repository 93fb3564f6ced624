"""Grids on square canvases, and answers read off them again."""

from collections.abc import Sequence

import numpy as np

from arc.grids.augment import PAD
from arc.grids.tasks import Pair


def to_canvas(grid: np.ndarray, side: int, where: str = "grid") -> np.ndarray:
    """The cells of a grid at the upper left of a (side, side) canvas of PAD, in reading order, (side * side,) int32.

    Raises ValueError that begins with `where` if the grid is larger than the canvas.
    """
    height, width = grid.shape
    if height > side or width > side:
        raise ValueError(f"{where}: {height}x{width} does not fit the model's canvas of {side}x{side}")
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
