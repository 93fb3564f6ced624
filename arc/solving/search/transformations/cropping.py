"""Parts of a picture cut out: boxes around what is drawn or has a colour, halves, what lies within a border."""

import numpy as np

from arc.grids.tasks import COLOURS


def box_of(mask: np.ndarray) -> tuple[slice, slice] | None:
    """The smallest box that holds all of a mask (H, W); None if there is nothing."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)) if rows.size else None


def cut(grid: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """The part of a grid in the box around a mask of the same shape."""
    box = box_of(mask)
    return None if box is None else grid[box]


def inner(grid: np.ndarray | None) -> np.ndarray | None:
    """A grid without its outermost cells."""
    return None if grid is None or min(grid.shape) < 3 else grid[1:-1, 1:-1]


def _without_frame(grid):
    """As long as a row or column at the edge has one colour and it is that of the corner, it goes."""
    top, bottom, left, right = 0, grid.shape[0], 0, grid.shape[1]
    colour = grid[0, 0]
    while top < bottom and (grid[top] == colour).all():
        top += 1
    while top < bottom and (grid[bottom - 1] == colour).all():
        bottom -= 1
    while left < right and top < bottom and (grid[top:bottom, left] == colour).all():
        left += 1
    while left < right and top < bottom and (grid[top:bottom, right - 1] == colour).all():
        right -= 1
    return grid[top:bottom, left:right] if top < bottom and left < right else None


def _rank(grid, rarest):
    counts = np.bincount(grid.ravel(), minlength=COLOURS)
    counts[0] = 0
    present = np.flatnonzero(counts)
    if not present.size:
        return None
    return present[counts[present].argmin() if rarest else counts[present].argmax()]


def _of_rank(grid, rarest):
    colour = _rank(grid, rarest)
    return None if colour is None else cut(grid, grid == colour)


def _largest_plain(grid):
    """The box of the largest rectangle of one colour that is drawn."""
    best = None
    for colour in np.unique(grid):
        found = largest_rectangle(grid == colour)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return None if best is None else grid[best[1]]


def largest_rectangle(mask: np.ndarray) -> tuple[int, tuple[slice, slice]] | None:
    """(cells, box) of the largest rectangle that a mask holds, the first of equals; None if the mask is empty."""
    heights = np.zeros(mask.shape[1], int)
    best = None
    for row in range(mask.shape[0]):
        heights = np.where(mask[row], heights + 1, 0)
        for height in np.unique(heights[heights > 0]):
            edges = np.diff(np.concatenate([[0], (heights >= height).view(np.int8), [0]]))
            starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
            widest = (ends - starts).argmax()
            size = int(height * (ends - starts)[widest])
            if best is None or size > best[0]:
                best = size, (slice(row - height + 1, row + 1), slice(starts[widest], ends[widest]))
    return best


TRANSFORMATIONS = {
    "crop drawn": lambda grid: cut(grid, grid > 0),
    "crop within": inner,
    "crop frame": _without_frame,
    "crop upper half": lambda grid: grid[: grid.shape[0] // 2] if grid.shape[0] > 1 else None,
    "crop lower half": lambda grid: grid[(grid.shape[0] + 1) // 2 :] if grid.shape[0] > 1 else None,
    "crop left half": lambda grid: grid[:, : grid.shape[1] // 2] if grid.shape[1] > 1 else None,
    "crop right half": lambda grid: grid[:, (grid.shape[1] + 1) // 2 :] if grid.shape[1] > 1 else None,
    "crop first row": lambda grid: grid[1:] if grid.shape[0] > 1 else None,
    "crop last row": lambda grid: grid[:-1] if grid.shape[0] > 1 else None,
    "crop first column": lambda grid: grid[:, 1:] if grid.shape[1] > 1 else None,
    "crop last column": lambda grid: grid[:, :-1] if grid.shape[1] > 1 else None,
    "crop upper square": lambda grid: grid[: min(grid.shape), : min(grid.shape)] if grid.shape[0] != grid.shape[1] else None,
    "crop lower square": lambda grid: grid[-min(grid.shape) :, -min(grid.shape) :] if grid.shape[0] != grid.shape[1] else None,
    "crop rarest": lambda grid: _of_rank(grid, True),
    "crop commonest": lambda grid: _of_rank(grid, False),
    "crop plain": _largest_plain,
}
for _colour in range(1, COLOURS):
    TRANSFORMATIONS[f"crop colour {_colour}"] = lambda grid, colour=_colour: cut(grid, grid == colour)
    TRANSFORMATIONS[f"crop within {_colour}"] = lambda grid, colour=_colour: inner(cut(grid, grid == colour))
