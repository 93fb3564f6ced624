"""Pictures repeated, mirrored beside themselves, stretched, and the other way round: what repeats taken once."""

import numpy as np

from arc.grids.tasks import MAX_SIDE


def _repeated(grid, down, right):
    return np.tile(grid, (down, right)) if _fits(grid, down, right) else None


def _stretched(grid, down, right):
    return grid.repeat(down, 0).repeat(right, 1) if _fits(grid, down, right) else None


def _fits(grid, down, right):
    return down * right > 1 and grid.shape[0] * down <= MAX_SIDE and grid.shape[1] * right <= MAX_SIDE


def _without_repeats(grid):
    """Rows and columns equal to the one before them go."""
    rows = np.concatenate([[True], (grid[1:] != grid[:-1]).any(1)])
    columns = np.concatenate([[True], (grid[:, 1:] != grid[:, :-1]).any(0)])
    return grid[rows][:, columns]


def _without_blank(grid):
    """Rows and columns of one colour go."""
    rows, columns = (grid != grid[:, :1]).any(1), (grid != grid[:1]).any(0)
    return grid[rows][:, columns] if rows.any() and columns.any() else None


def _without_empty(grid):
    rows, columns = (grid > 0).any(1), (grid > 0).any(0)
    return grid[rows][:, columns] if rows.any() and columns.any() else None


def _shrunk(grid):
    """Each block of equal cells as one cell, for the largest blocks that the whole grid is made of."""
    for factor in range(min(grid.shape), 1, -1):
        if grid.shape[0] % factor == 0 and grid.shape[1] % factor == 0:
            small = grid[::factor, ::factor]
            if np.array_equal(small.repeat(factor, 0).repeat(factor, 1), grid):
                return small
    return None


def _unit(grid):
    """The smallest tile that the grid is a repetition of, cut off at its end or not."""
    height = next(period for period in range(1, len(grid) + 1) if np.array_equal(grid[period:], grid[:-period]))
    width = next(period for period in range(1, grid.shape[1] + 1) if np.array_equal(grid[:, period:], grid[:, :-period]))
    return grid[:height, :width] if (height, width) != grid.shape else None


def product(outer: np.ndarray, picture: np.ndarray) -> np.ndarray | None:
    """`picture` in every place where `outer` is drawn, nothing elsewhere."""
    if not _fits(picture, *outer.shape):
        return None
    return np.kron((outer > 0).astype(np.int8), picture)


def _beside(*pictures, axis):
    size = sum(picture.shape[axis] for picture in pictures)
    return np.concatenate(pictures, axis) if size <= MAX_SIDE else None


def _four(grid, turned):
    if max(grid.shape) * 2 > MAX_SIDE:
        return None
    if turned:
        if grid.shape[0] != grid.shape[1]:
            return None
        return np.block([[grid, np.rot90(grid, -1)], [np.rot90(grid), grid[::-1, ::-1]]])
    return np.block([[grid, grid[:, ::-1]], [grid[::-1], grid[::-1, ::-1]]])


def _colours(grid):
    return len(np.unique(grid[grid > 0]))


TRANSFORMATIONS = {
    f"repeat {down}x{right}": lambda grid, down=down, right=right: _repeated(grid, down, right)
    for down, right in ((1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (3, 3))
}
TRANSFORMATIONS |= {
    f"stretch {down}x{right}": lambda grid, down=down, right=right: _stretched(grid, down, right)
    for down, right in ((1, 2), (2, 1), (2, 2), (3, 3), (4, 4))
}
TRANSFORMATIONS |= {
    "stretch colours": lambda grid: _stretched(grid, _colours(grid), _colours(grid)),
    "repeat colours": lambda grid: _repeated(grid, _colours(grid), _colours(grid)),
    "stretch by size": lambda grid: _stretched(grid, *grid.shape),
    "repeat by size": lambda grid: _repeated(grid, *grid.shape),
    "mirror beside": lambda grid: _beside(grid, grid[:, ::-1], axis=1),
    "mirror before": lambda grid: _beside(grid[:, ::-1], grid, axis=1),
    "mirror below": lambda grid: _beside(grid, grid[::-1], axis=0),
    "mirror above": lambda grid: _beside(grid[::-1], grid, axis=0),
    "mirror four": lambda grid: _four(grid, False),
    "turn four": lambda grid: _four(grid, True),
    "without repeats": _without_repeats,
    "without blank": _without_blank,
    "without empty": _without_empty,
    "shrink": _shrunk,
    "unit": _unit,
    "every second": lambda grid: grid[::2, ::2] if min(grid.shape) > 1 else None,
    "product of itself": lambda grid: product(grid, grid),
    "product of negative": lambda grid: product(grid == 0, grid),
}
