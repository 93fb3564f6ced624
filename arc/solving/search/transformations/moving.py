"""Things moved: cells and objects that fall, everything shifted, parts that go straight to another, or draw a line to it."""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from arc.solving.relations.parts import CROSS, SQUARE
from arc.solving.search.transformations.cropping import box_of

MOST_PARTS = 30


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


def _parts(grid):
    """Masks of the parts of one colour, the largest first; none if there are too many."""
    found = []
    for colour in np.unique(grid[grid > 0]):
        labels, count = ndimage.label(grid == colour, SQUARE)
        if len(found) + count > MOST_PARTS:
            return []
        found += [labels == label for label in range(1, count + 1)]
    return sorted(found, key=lambda part: -int(part.sum()))


def _colour(grid, part):
    return grid[part][0]


def _approached(grid, of_colour, keeps_lost, slanted=False):
    """Every part but the targets moved until it touches its target; what has none stays where it is or goes."""
    parts = _parts(grid)
    if len(parts) < 2:
        return None
    targets = _targets(grid, parts, of_colour)
    found = np.zeros_like(grid)
    for part in targets.values():
        found[part] = grid[part]
    movers = [(part, step) for part in parts if not any(part is target for target in targets.values())
              for step in [_step(part, targets.get(_colour(grid, part) if of_colour else 0), slanted)]]  # fmt: skip
    for part, step in movers:
        if step is None and keeps_lost:
            found[part] = grid[part]
    for part, step in sorted((one for one in movers if one[1] is not None), key=lambda one: one[1][2]):
        rows, columns = np.nonzero(part)
        down, right, _ = step
        while _is_free(found, rows + down, columns + right):
            rows, columns = rows + down, columns + right
        found[rows, columns] = _colour(grid, part)
    return found


def _targets(grid, parts, of_colour):
    """By colour the largest part, or the largest of all."""
    if not of_colour:
        return {0: parts[0]} if parts[0].sum() > parts[1].sum() else {}
    found = {}
    for part in parts:
        colour = _colour(grid, part)
        if colour not in found and part.sum() > 1:
            found[colour] = part
    return found


def _step(part, target, slanted=False):
    """(down, right, distance) of a part to its target; None where it shares neither rows nor columns with it, unless it may go slanted."""
    if target is None:
        return None
    mine, there = box_of(part), box_of(target)
    for axis in (0, 1):
        if mine[1 - axis].start < there[1 - axis].stop and there[1 - axis].start < mine[1 - axis].stop:
            gap = there[axis].start - mine[axis].stop
            back = mine[axis].start - there[axis].stop
            if gap >= 0 or back >= 0:
                sign = 1 if gap >= 0 else -1
                return (sign, 0, max(gap, back)) if axis == 0 else (0, sign, max(gap, back))
    if not slanted:
        return None
    down, right = (1 if mine[axis].start < there[axis].start else -1 for axis in (0, 1))
    return down, right, abs(mine[0].start - there[0].start)


def _is_free(found, rows, columns):
    height, width = found.shape
    inside = rows.min() >= 0 and columns.min() >= 0 and rows.max() < height and columns.max() < width
    return inside and not found[rows, columns].any()


def _joined(grid, of_colour):
    """A line from every cell of the other parts to the target, over zeros."""
    parts = _parts(grid)
    if len(parts) < 2:
        return None
    targets = _targets(grid, parts, of_colour)
    found = grid.copy()
    for part in parts:
        target = targets.get(_colour(grid, part) if of_colour else 0)
        step = None if target is part else _step(part, target)
        if step is None:
            continue
        down, right, _ = step
        for row, column in zip(*np.nonzero(part), strict=True):
            ahead = _ahead(grid.shape, row, column, down, right)
            stop = next((place for place, cell in enumerate(ahead) if target[cell]), None)
            for cell in ahead[:stop] if stop is not None else []:
                if grid[cell] == 0:
                    found[cell] = _colour(grid, part)
    return found


def _ahead(shape, row, column, down, right):
    cells = []
    while 0 <= row + down < shape[0] and 0 <= column + right < shape[1]:
        row, column = row + down, column + right
        cells.append((row, column))
    return cells


_KINDS = {
    "fall": _fallen,
    "shift": _shifted,
    "roll": _rolled,
    "move to edge": _at_edge,
    "objects fall": lambda grid: _objects_fallen(grid, False),
    "parts fall": lambda grid: _objects_fallen(grid, True),
}
TRANSFORMATIONS = {f"{kind} {name}": change for kind, down in _KINDS.items() for name, change in _directed(down).items()}
TRANSFORMATIONS |= {
    "move to largest": lambda grid: _approached(grid, False, True),
    "move to largest any way": lambda grid: _approached(grid, False, True, True),
    "move to own colour": lambda grid: _approached(grid, True, True),
    "move to own colour or go": lambda grid: _approached(grid, True, False),
    "line to largest": lambda grid: _joined(grid, False),
    "line to own colour": lambda grid: _joined(grid, True),
}
