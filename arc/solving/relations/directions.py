"""What a cell sees in a direction: its neighbours, and the first colour along a ray."""

import numpy as np

from arc.grids.canvas import PAD

NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def shifted(grid: np.ndarray, row: int, column: int) -> np.ndarray:
    """The colour `row` below and `column` to the right of each cell; PAD outside."""
    height, width = grid.shape
    padded = np.pad(grid, 2, constant_values=PAD)
    return padded[2 + row : 2 + row + height, 2 + column : 2 + column + width]


def look(grid: np.ndarray, background: int, row: int, column: int) -> np.ndarray:
    """The first colour but the background that each cell sees in a direction; PAD if it sees none."""
    height, width = grid.shape
    seen = np.full((height + 2, width + 2), PAD, np.int8)
    source = np.full((height + 2, width + 2), background, np.int8)
    source[1:-1, 1:-1] = grid
    lines = range(1, height + 1) if row <= 0 else range(height, 0, -1)
    if row:
        for line in lines:
            there, before = source[line + row], seen[line + row]
            seen[line, 1:-1] = np.where(there != background, there, before)[1 + column : width + 1 + column]
        return seen[1:-1, 1:-1]
    return look(grid.T, background, column, row).T
