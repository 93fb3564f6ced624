"""Lines of one colour across a grid, and the bands between them."""

import numpy as np

from arc.grids.canvas import PAD
from arc.grids.tasks import COLOURS
from arc.solving.relations.counts import winner


def lines(grid: np.ndarray, background: int) -> tuple[np.ndarray, np.ndarray]:
    """Which rows (H,) and which columns (W,) are lines of one colour that is not the background."""
    rows = (grid == grid[:, :1]).all(1) & (grid[:, 0] != background)
    columns = (grid == grid[:1]).all(0) & (grid[0] != background)
    return rows, columns


def bands(grid: np.ndarray, background: int) -> dict[str, np.ndarray]:
    """What the bands between lines say: the commonest colour at the same place of all bands, and in the cell's own band."""
    rows, columns = lines(grid, background)
    band_row, within_row = band_places(rows)
    band_column, within_column = band_places(columns)
    outside = rows[:, None] | columns[None]
    classes = np.where(outside, 0, 1 + within_row[:, None] * grid.shape[1] + within_column[None])
    bands = np.where(outside, 0, 1 + band_row[:, None] * grid.shape[1] + band_column[None])
    many = rows.any() or columns.any()
    found = {}
    for name, keys in (("band place", classes), ("band own", bands)):
        table = np.bincount((keys * COLOURS + grid).ravel(), minlength=(keys.max() + 1) * COLOURS).reshape(-1, COLOURS)
        table[:, background] = 0
        table[0] = 0
        found[name] = winner(table)[keys] if many else np.full(grid.shape, PAD)
    return found


def band_places(line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of each row's band, and its place within it."""
    starts = ~line & np.concatenate([[True], line[:-1]])
    index = np.arange(len(line))
    return np.cumsum(starts), index - np.maximum.accumulate(np.where(starts, index, 0))
