"""Small pictures of what is counted: colours by how many cells they have, bars, as many cells as there are objects."""

import numpy as np
from scipy import ndimage

from arc.grids.tasks import COLOURS, MAX_SIDE
from arc.solving.relations.parts import SQUARE


def _ordered(grid):
    """(colours that are drawn, the commonest first, their counts)."""
    counts = np.bincount(grid.ravel(), minlength=COLOURS)
    counts[0] = 0
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    return order.astype(np.int8), counts[order]


def _bars(grid):
    """A row for each colour, as long as it has cells."""
    colours, counts = _ordered(grid)
    if not colours.size or counts.max() > MAX_SIDE:
        return None
    return np.where(np.arange(counts.max()) < counts[:, None], colours[:, None], np.int8(0))


def _line(grid, count):
    colours, _ = _ordered(grid)
    return np.full((1, count), colours[0], np.int8) if colours.size and 0 < count <= MAX_SIDE else None


def _parts(grid):
    return sum(ndimage.label(grid == colour, SQUARE)[1] for colour in np.unique(grid[grid > 0]))


def _diagonal(grid):
    """As many cells on a diagonal as there are parts."""
    count = _parts(grid)
    colours, _ = _ordered(grid)
    return np.eye(count, dtype=np.int8) * colours[0] if 0 < count <= MAX_SIDE else None


def _row(grid, backwards=False):
    colours, _ = _ordered(grid)
    return colours[None, :: -1 if backwards else 1] if colours.size else None


def _column_counts(grid, axis):
    """The drawn cells of each row gathered at its start, rows by their number."""
    sums = (grid > 0).sum(axis)
    order = np.argsort(sums, kind="stable")
    return grid[order] if axis == 1 else grid[:, order]


TRANSFORMATIONS = {
    "colours row": _row,
    "colours column": lambda grid: None if (row := _row(grid)) is None else row.T,
    "colours row backwards": lambda grid: _row(grid, True),
    "colours column backwards": lambda grid: None if (row := _row(grid, True)) is None else row.T,
    "bars": _bars,
    "commonest colour": lambda grid: None if (row := _row(grid)) is None else row[:, :1],
    "rarest colour": lambda grid: None if (row := _row(grid)) is None else row[:, -1:],
    "as many as cells": lambda grid: _line(grid, int((grid > 0).sum())),
    "as many as parts": lambda grid: _line(grid, _parts(grid)),
    "diagonal of parts": _diagonal,
    "rows by count": lambda grid: _column_counts(grid, 1),
    "columns by count": lambda grid: _column_counts(grid, 0),
}
