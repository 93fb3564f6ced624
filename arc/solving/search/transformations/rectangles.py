"""Rectangles: the largest empty one, all that a small square fits in, what is left of a picture when thin things go."""

import numpy as np
from scipy import ndimage

from arc.solving.search.transformations.cropping import largest_rectangle


def _largest_empty(grid):
    """The largest rectangle of zeros, painted 1."""
    found = largest_rectangle(grid == 0)
    if found is None:
        return None
    painted = np.zeros_like(grid)
    painted[found[1]] = 1
    return painted


def _opened(mask, height, width):
    """Cells that a rectangle of the mask covers, wherever it fits."""
    if mask.shape[0] < height or mask.shape[1] < width:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(mask, (height, width)).all((2, 3))
    if not windows.any():
        return None
    covered = np.zeros(mask.shape, bool)
    for row in range(height):
        for column in range(width):
            covered[row : row + windows.shape[0], column : column + windows.shape[1]] |= windows
    return covered


def _empty_squares(grid, side):
    covered = _opened(grid == 0, side, side)
    return None if covered is None else covered.astype(np.int8)


def _thick(grid, side):
    """What is drawn where a square fits in."""
    covered = _opened(grid > 0, side, side)
    return None if covered is None else np.where(covered, grid, np.int8(0))


def _thin(grid):
    covered = _opened(grid > 0, 2, 2)
    return grid if covered is None else np.where(covered, np.int8(0), grid)


def _cleaned(grid, side=3):
    """Each cell in the commonest colour around it: single cells go, single gaps close."""
    counts = np.stack([ndimage.uniform_filter((grid == colour).astype(float), side, mode="nearest") for colour in range(10)])
    return counts.argmax(0).astype(np.int8)


def _rectangles_of_colour(grid):
    """Each colour's largest rectangle filled with it, larger ones first."""
    found, areas = np.zeros_like(grid), []
    for colour in np.unique(grid[grid > 0]):
        largest = largest_rectangle(grid == colour)
        areas.append((largest[0], colour, largest[1]))
    for _, colour, box in sorted(areas, key=lambda area: -area[0]):
        found[box] = colour
    return found


TRANSFORMATIONS = {
    "largest empty": _largest_empty,
    "empty squares 2": lambda grid: _empty_squares(grid, 2),
    "empty squares 3": lambda grid: _empty_squares(grid, 3),
    "thick": lambda grid: _thick(grid, 2),
    "thin": _thin,
    "cleaned": _cleaned,
    "rectangles of colours": _rectangles_of_colour,
}
