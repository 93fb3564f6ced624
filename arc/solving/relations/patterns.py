"""What a pattern says of a cell: the colour in its mirror image, in the tile or in the stripe that repeats."""

import numpy as np

from arc.grids.canvas import PAD
from arc.grids.tasks import COLOURS
from arc.solving.relations.counts import winner

LARGEST_PERIOD = 15


def completed_by_mirror(grid: np.ndarray) -> np.ndarray:
    """The colour in the vertical mirror that the grid agrees with best, if at least half of its columns have an image in it."""
    width = grid.shape[1]
    best, found = 0.0, np.full(grid.shape, PAD)
    for total in sorted(range(width // 2, 2 * width - 1 - width // 2), key=lambda total: abs(total - width + 1)):
        image = total - np.arange(width)
        inside = (image >= 0) & (image < width)
        agreement = (grid[:, inside] == grid[:, image[inside]]).mean()
        if inside.sum() * 2 >= width and agreement > best + 1e-9:
            best = agreement
            found = np.where(inside, grid[:, image.clip(0, width - 1)], PAD)
    return found


def _completed_by(grid, keys, penalty):
    """(agreement less a penalty for every class, the commonest colour of each cell's class)."""
    classes = keys.max() + 1
    table = np.bincount((keys * COLOURS + grid).ravel(), minlength=classes * COLOURS).reshape(classes, COLOURS)
    return table.max(1).sum() / grid.size - penalty * classes / grid.size, winner(table)[keys]


def completed_by_tiles(grid: np.ndarray) -> np.ndarray:
    """The commonest colour of the cells that lie a whole number of tiles away, for the tile that explains the grid best."""
    height, width = grid.shape
    row, column = np.indices(grid.shape)
    row_periods = [*range(1, min(LARGEST_PERIOD, height // 2) + 1), height]
    column_periods = [*range(1, min(LARGEST_PERIOD, width // 2) + 1), width]
    candidates = [(p, q) for p in row_periods for q in column_periods if p * q > 1 and (p, q) != (height, width)]
    found = [_completed_by(grid, row % p * q + column % q, 0.5) for p, q in candidates]
    return max(found, key=lambda one: one[0])[1] if found else np.full(grid.shape, PAD)


def completed_by_stripes(grid: np.ndarray) -> np.ndarray:
    """The same along diagonals."""
    row, column = np.indices(grid.shape)
    found = [
        _completed_by(grid, (row + sign * column) % period, 0.5)
        for period in range(2, min(LARGEST_PERIOD, max(grid.shape)) + 1)
        for sign in (1, -1)
    ]
    return max(found, key=lambda one: one[0])[1] if found else np.full(grid.shape, PAD)
