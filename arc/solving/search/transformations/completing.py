"""What is missing, taken from mirror images and from repetitions, and rows that go on as they began: zeros are what is missing."""

import numpy as np

from arc.solving.relations.patterns import completed_by_mirror, completed_by_stripes, completed_by_tiles

LEAST_SEEN = 0.3
"""Of the cells that a mirror or a tile compares, how many must be drawn in both for it to count."""


def _over(grid, *images):
    found = grid
    for image in images:
        found = np.where(found == 0, image, found)
    return found


def _square(change):
    return lambda grid: change(grid) if grid.shape[0] == grid.shape[1] else None


def _tiled(grid):
    """The smallest tile that contradicts no drawn cell, and so has a colour for most zeros."""
    height, width = grid.shape
    row, column = np.indices(grid.shape)
    periods = [(p, q) for p in (*range(1, height // 2 + 1), height) for q in (*range(1, width // 2 + 1), width) if 1 < p * q < grid.size]
    for p, q in sorted(periods, key=lambda period: period[0] * period[1]):
        found = _from_classes(grid, row % p * q + column % q, p * q)
        if found is not None:
            return found
    return None


def _slanted(grid):
    row, column = np.indices(grid.shape)
    for period in range(2, max(grid.shape)):
        for sign in (1, -1):
            found = _from_classes(grid, (row + sign * column) % period, period)
            if found is not None:
                return found
    return None


def _from_classes(grid, keys, classes):
    """Each zero in the colour of its class, None if a class has two colours."""
    most = np.zeros(classes, np.int8)
    np.maximum.at(most, keys, grid)
    found = most[keys]
    return found if ((grid == 0) | (grid == found)).all() else None


def _mirrored(grid):
    """Mirror axes, wherever they are, that contradict no drawn cell; zeros are filled along columns, then along rows."""
    one = _along_columns(grid)
    other = _along_columns((grid if one is None else one).T)
    return (one if other is None else other.T) if one is not None or other is not None else None


def _along_columns(grid):
    width = grid.shape[1]
    for total in sorted(range(width // 2, 2 * width - 1 - width // 2), key=lambda total: abs(total - width + 1)):
        image = total - np.arange(width)
        inside = (image >= 0) & (image < width)
        other = np.where(inside, grid[:, image.clip(0, width - 1)], 0).astype(np.int8)
        both = (grid > 0) & (other > 0)
        if (grid[both] == other[both]).all() and both[:, inside].mean() >= LEAST_SEEN:
            return np.where(grid == 0, other, grid)
    return None


def _known(grid, found):
    """What a pattern says, the grid where it says nothing."""
    return np.where(found > 9, grid, found).astype(np.int8)


def _continued(grid, onwards, backwards):
    """In each row with several drawn cells what is drawn, and as wide a gap as its last one, again and again."""
    found = grid.copy()
    columns = np.arange(grid.shape[1])
    for row in np.flatnonzero((grid > 0).sum(1) > 1):
        drawn = np.flatnonzero(grid[row])
        first, period = drawn[0], 2 * drawn[-1] - drawn[0] - drawn[-2]
        wanted = ((columns > drawn[-1]) & onwards) | ((columns < first) & backwards)
        places = first + (columns - first) % period
        again = np.where(places <= drawn[-1], grid[row, places.clip(0, drawn[-1])], 0)
        found[row] = np.where(wanted, again, grid[row])
    return found


def _continued_columns(grid, onwards, backwards):
    return _continued(grid.T, onwards, backwards).T


TRANSFORMATIONS = {
    "with mirror columns": lambda grid: _over(grid, grid[:, ::-1]),
    "with mirror rows": lambda grid: _over(grid, grid[::-1]),
    "with mirrors": lambda grid: _over(grid, grid[:, ::-1], grid[::-1], grid[::-1, ::-1]),
    "with half turn": lambda grid: _over(grid, grid[::-1, ::-1]),
    "with transpose": _square(lambda grid: _over(grid, grid.T)),
    "with transpose other": _square(lambda grid: _over(grid, grid[::-1, ::-1].T)),
    "with turns": _square(lambda grid: _over(grid, np.rot90(grid), grid[::-1, ::-1], np.rot90(grid, -1))),
    "complete tiles": _tiled,
    "complete slanted": _slanted,
    "complete mirrors": _mirrored,
    "continue rows": lambda grid: _continued(grid, True, True),
    "continue right": lambda grid: _continued(grid, True, False),
    "continue left": lambda grid: _continued(grid, False, True),
    "continue columns": lambda grid: _continued_columns(grid, True, True),
    "continue down": lambda grid: _continued_columns(grid, True, False),
    "continue up": lambda grid: _continued_columns(grid, False, True),
    "usual tiles": lambda grid: _known(grid, completed_by_tiles(grid)),
    "usual stripes": lambda grid: _known(grid, completed_by_stripes(grid)),
    "usual mirror columns": lambda grid: _known(grid, completed_by_mirror(grid)),
    "usual mirror rows": lambda grid: _known(grid, completed_by_mirror(grid.T).T),
}
