"""Things moved: cells that fall, objects that fall as a whole, everything shifted by a cell or to an edge."""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from arc.solving.relations.parts import CROSS, SQUARE
from arc.solving.search.transformations.cropping import box_of


def _directed(down: Callable) -> dict[str, Callable]:
    """A change that goes down, in the four directions."""
    return {
        "down": down,
        "up": lambda grid: None if (found := down(grid[::-1])) is None else found[::-1],
        "right": lambda grid: None if (found := down(grid.T)) is None else found.T,
        "left": lambda grid: None if (found := down(grid.T[::-1])) is None else found[::-1].T,
    }


def _fallen(grid):
    """Every cell falls to the ground or on another one."""
    order = np.argsort(grid > 0, axis=0, kind="stable")
    return np.take_along_axis(grid, order, 0)


def _shifted(grid):
    return np.concatenate([np.zeros_like(grid[:1]), grid[:-1]])


def _rolled(grid):
    return np.roll(grid, 1, 0)


def _at_edge(grid):
    """All that is drawn, moved together until it touches the edge."""
    box = box_of(grid > 0)
    return None if box is None else np.roll(grid, len(grid) - box[0].stop, 0)


def _objects_fallen(grid, one_colour):
    """Objects fall as they are, the lowest first, until they touch the ground or another."""
    parts = []
    for mask in [grid == colour for colour in np.unique(grid[grid > 0])] if one_colour else [grid > 0]:
        labels, count = ndimage.label(mask, CROSS if one_colour else SQUARE)
        parts += [labels == label for label in range(1, count + 1)]
    if not 0 < len(parts) <= 20:
        return None
    parts.sort(key=lambda part: -np.flatnonzero(part.any(1))[-1])
    taken = np.zeros(grid.shape, bool)
    found = np.zeros_like(grid)
    for part in parts:
        rows, columns = np.nonzero(part)
        fall = 0
        while rows.max() + fall + 1 < len(grid) and not taken[rows + fall + 1, columns].any():
            fall += 1
        taken[rows + fall, columns] = True
        found[rows + fall, columns] = grid[rows, columns]
    return found


_KINDS = {
    "fall": _fallen,
    "shift": _shifted,
    "roll": _rolled,
    "move to edge": _at_edge,
    "objects fall": lambda grid: _objects_fallen(grid, False),
    "parts fall": lambda grid: _objects_fallen(grid, True),
}
TRANSFORMATIONS = {f"{kind} {name}": change for kind, down in _KINDS.items() for name, change in _directed(down).items()}
