"""Lines: rays from what is drawn to the next thing or the edge, connections between cells of one colour, whole rows and columns."""

from collections.abc import Sequence

import numpy as np

DIRECTIONS = {"down": (1, 0), "up": (-1, 0), "right": (0, 1), "left": (0, -1)}
SLANTED = {"down right": (1, 1), "down left": (1, -1), "up right": (-1, 1), "up left": (-1, -1)}


def rays(grid: np.ndarray, step: tuple[int, int]) -> np.ndarray:
    """What is drawn, carried on over zeros in one direction."""
    row, column = step
    if row == 0:
        return rays(grid.T, (column, 0)).T
    if row < 0:
        return rays(grid[::-1], (1, column))[::-1]
    found = grid.copy()
    for place in range(1, len(found)):
        before = found[place - 1]
        if column > 0:
            before = np.concatenate([[np.int8(0)], before[:-1]])
        elif column < 0:
            before = np.concatenate([before[1:], [np.int8(0)]])
        found[place] = np.where(found[place] == 0, before, found[place])
    return found


def _over(grid, steps: Sequence[tuple[int, int]]):
    """Rays in several directions; where they cross, the first is on top."""
    found = grid
    for step in steps:
        found = np.where(found == 0, rays(grid, step), found)
    return found


def connected(grid: np.ndarray, step: tuple[int, int]) -> np.ndarray:
    """Zeros between two cells of one colour, along a direction, in that colour; the rest as it is."""
    one, other = rays(grid, step), rays(grid, (-step[0], -step[1]))
    return np.where((grid == 0) & (one == other), one, grid)


def _lines(grid, axis):
    """Rows (axis 1) or columns of one colour besides zeros, painted with it."""
    most = grid.max(axis, keepdims=True)
    least = np.where(grid == 0, np.int8(10), grid).min(axis, keepdims=True)
    return np.broadcast_to(np.where(most == least, most, np.int8(0)), grid.shape)


def _both(one, other):
    return np.where(one > 0, one, other)


TRANSFORMATIONS = {f"rays {name}": lambda grid, step=step: rays(grid, step) for name, step in (DIRECTIONS | SLANTED).items()}
TRANSFORMATIONS |= {
    "rays along rows": lambda grid: _over(grid, [(0, 1), (0, -1)]),
    "rays along columns": lambda grid: _over(grid, [(1, 0), (-1, 0)]),
    "rays straight": lambda grid: _over(grid, list(DIRECTIONS.values())),
    "rays slanted": lambda grid: _over(grid, list(SLANTED.values())),
    "connect rows": lambda grid: connected(grid, (0, 1)),
    "connect columns": lambda grid: connected(grid, (1, 0)),
    "connect slanted": lambda grid: _both(connected(grid, (1, 1)), connected(grid, (1, -1))),
    "connect straight": lambda grid: _both(connected(grid, (1, 0)), connected(grid, (0, 1))),
    "lines along rows": lambda grid: _lines(grid, 1),
    "lines along columns": lambda grid: _lines(grid, 0),
    "lines": lambda grid: _both(_lines(grid, 1), _lines(grid, 0)),
    "lines other": lambda grid: _both(_lines(grid, 0), _lines(grid, 1)),
}
