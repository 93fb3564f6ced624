"""Splits of a picture into a list: its colours, objects, areas, panels, halves, rows.

Colours, objects and areas keep the size of the picture, so that a list of them can be laid over one another again.
"""

import numpy as np
from scipy import ndimage

from arc.solving.relations.parts import CROSS, SQUARE
from arc.solving.search.transformations.colouring import only

LONGEST = 40
"""Pictures of a list at most."""


def _colours(grid):
    return [only(grid, colour) for colour in np.unique(grid[grid > 0])]


def _objects(grid, structure):
    """Connected parts of whatever colours."""
    return _parts(grid, grid > 0, structure)


def _parts_of_colours(grid, structure):
    return [part for colour in np.unique(grid[grid > 0]) for part in _parts(grid, grid == colour, structure)]


def _parts(grid, mask, structure):
    labels, count = ndimage.label(mask, structure)
    if count > LONGEST:
        return []
    return [np.where(labels == label, grid, np.int8(0)) for label in range(1, count + 1)]


def _areas(grid):
    """Connected areas of zeros, painted 1."""
    labels, count = ndimage.label(grid == 0, CROSS)
    return [(labels == label).astype(np.int8) for label in range(1, count + 1)] if count <= LONGEST else []


def _panels(grid):
    """What lies between lines of one colour that cross the whole grid."""
    for colour in np.unique(grid):
        rows, columns = bands((grid == colour).all(1)), bands((grid == colour).all(0))
        if len(rows) * len(columns) > 1:
            found = [grid[one, other] for one in rows for other in columns]
            if len({panel.shape for panel in found}) == 1 and len(found) <= LONGEST:
                return found
    return []


def bands(is_line: np.ndarray) -> list[slice]:
    """Slices between lines; is_line: (rows or columns,) bool."""
    edges = np.diff(np.concatenate([[True], is_line, [True]]).astype(np.int8))
    return [slice(start, end) for start, end in zip(np.flatnonzero(edges == -1), np.flatnonzero(edges == 1), strict=True)]


def _equal(grid, down, right):
    if grid.shape[0] % down or grid.shape[1] % right:
        return []
    return [panel for band in np.split(grid, down, 0) for panel in np.split(band, right, 1)]


def _along_longer(grid):
    """Squares beside or below one another."""
    height, width = grid.shape
    if height % width and width % height or height == width:
        return []
    return _equal(grid, max(1, height // width), max(1, width // height))


SPLITS = {
    "colours": _colours,
    "objects": lambda grid: _objects(grid, SQUARE),
    "objects across edges": lambda grid: _objects(grid, CROSS),
    "parts": lambda grid: _parts_of_colours(grid, SQUARE),
    "parts across edges": lambda grid: _parts_of_colours(grid, CROSS),
    "areas": _areas,
    "panels": _panels,
    "halves beside": lambda grid: _equal(grid, 1, 2),
    "halves below": lambda grid: _equal(grid, 2, 1),
    "thirds beside": lambda grid: _equal(grid, 1, 3),
    "thirds below": lambda grid: _equal(grid, 3, 1),
    "quarters": lambda grid: _equal(grid, 2, 2),
    "ninths": lambda grid: _equal(grid, 3, 3),
    "squares": _along_longer,
    "rows": lambda grid: _equal(grid, len(grid), 1) if len(grid) <= LONGEST else [],
    "columns": lambda grid: _equal(grid, 1, grid.shape[1]),
}
"""Name -> grid -> list of grids, of one size each; fewer than two are no split."""
BANDS = frozenset(["areas", "thirds beside", "thirds below", "ninths", "rows", "columns"])
"""Splits whose pictures are chosen among and put together, and not changed one by one."""
