"""Areas: what is enclosed, what lies around, borders and interiors, holes filled, stray cells removed."""

import numpy as np
from scipy import ndimage

from arc.solving.relations.parts import CROSS, SQUARE


def enclosed(grid: np.ndarray, structure: np.ndarray = CROSS) -> np.ndarray:
    """(H, W) bool: zeros from which no way over zeros leads to the edge."""
    labels, count = ndimage.label(grid == 0, structure)
    if not count:
        return np.zeros(grid.shape, bool)
    open_ones = np.zeros(count + 1, bool)
    open_ones[labels[0]] = open_ones[labels[-1]] = open_ones[labels[:, 0]] = open_ones[labels[:, -1]] = True
    open_ones[0] = True
    return ~open_ones[labels]


def _filled(grid):
    """Each enclosed area in the colour that stands left of its first cell."""
    inside = enclosed(grid)
    labels, count = ndimage.label(inside, CROSS)
    if not count:
        return None
    first = np.full(count + 1, -1)
    flat = labels.ravel()
    places = np.flatnonzero(flat)[::-1]
    first[flat[places]] = places
    colours = np.zeros(count + 1, np.int8)
    colours[1:] = grid.ravel()[first[1:] - 1]
    return np.where(inside, colours[labels], grid)


def _mask(mask, colour=1):
    return np.where(mask, np.int8(colour), np.int8(0)) if mask.any() else None


def _around(grid, structure):
    """Cells beside what is drawn, in its colour."""
    grown = ndimage.maximum_filter(grid, footprint=structure, mode="constant")
    return np.where(grid == 0, grown, np.int8(0))


def _grown(grid, structure):
    return np.where(grid == 0, ndimage.maximum_filter(grid, footprint=structure, mode="constant"), grid)


def _interior(grid, structure):
    """Cells of what is drawn with nothing but drawn cells beside them."""
    return np.where(ndimage.binary_erosion(grid > 0, structure), grid, np.int8(0))


def _border(grid, structure):
    return np.where(ndimage.binary_erosion(grid > 0, structure), np.int8(0), grid)


def _boxes(grid, fill):
    """The box around each connected part of one colour, filled (or drawn as a line) in its colour."""
    found = np.zeros_like(grid)
    for colour in np.unique(grid[grid > 0]):
        labels, _ = ndimage.label(grid == colour, SQUARE)
        for box in ndimage.find_objects(labels):
            area = found[box]
            if fill or min(area.shape) < 3:
                area[...] = colour
            else:
                area[[0, -1]] = colour
                area[:, [0, -1]] = colour
    return found


def _without_stray(grid, structure, least):
    """Without connected parts of fewer cells than `least`."""
    labels, count = ndimage.label(grid > 0, structure)
    if not count:
        return None
    small = np.bincount(labels.ravel(), minlength=count + 1) < least
    small[0] = False
    return np.where(small[labels], np.int8(0), grid)


def _framed(grid, colour=1):
    found = grid.copy()
    found[[0, -1]] = colour
    found[:, [0, -1]] = colour
    return found


def _smoothed(grid):
    """Each cell of one colour among eight of another takes theirs."""
    padded = np.pad(grid, 1, mode="edge")
    height, width = grid.shape
    beside = [(row, column) for row in range(3) for column in range(3) if (row, column) != (1, 1)]
    around = np.stack([padded[row : row + height, column : column + width] for row, column in beside])
    counts = np.stack([(around == colour).sum(0) for colour in range(10)])
    return np.where(counts.max(0) >= 5, counts.argmax(0), grid).astype(np.int8)


TRANSFORMATIONS = {
    "fill enclosed": _filled,
    "enclosed": lambda grid: _mask(enclosed(grid)),
    "enclosed across": lambda grid: _mask(enclosed(grid, SQUARE)),
    "outside": lambda grid: _mask((grid == 0) & ~enclosed(grid)),
    "around": lambda grid: _around(grid, SQUARE),
    "around edges": lambda grid: _around(grid, CROSS),
    "grown": lambda grid: _grown(grid, SQUARE),
    "grown edges": lambda grid: _grown(grid, CROSS),
    "interior": lambda grid: _interior(grid, SQUARE),
    "interior edges": lambda grid: _interior(grid, CROSS),
    "border": lambda grid: _border(grid, SQUARE),
    "border edges": lambda grid: _border(grid, CROSS),
    "boxes": lambda grid: _boxes(grid, True),
    "box lines": lambda grid: _boxes(grid, False),
    "without single": lambda grid: _without_stray(grid, SQUARE, 2),
    "without single edges": lambda grid: _without_stray(grid, CROSS, 2),
    "without small": lambda grid: _without_stray(grid, CROSS, 4),
    "edge of grid": lambda grid: _framed(np.zeros_like(grid)),
    "smoothed": _smoothed,
}
