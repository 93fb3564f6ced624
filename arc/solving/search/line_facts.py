"""What is known of the row, the column, the diagonals and the surroundings of a cell, as small numbers and as colours."""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from arc.grids.canvas import PAD
from arc.grids.tasks import COLOURS
from arc.solving.relations.counts import winner
from arc.solving.relations.directions import NEIGHBOURS

FAR = 5
"""Rows and columns to the nearest drawn cell are told up to this."""


def line_facts(grid: np.ndarray) -> Iterator[tuple[str, np.ndarray, bool]]:
    """(name, (H, W) int8 of 0..10, whether they are colours); 0 is the background of the grid, PAD (10) where there is no colour."""
    drawn = grid > 0
    yield from _rows(grid, "row")
    yield from ((name, values.T, is_colour) for name, values, is_colour in _rows(grid.T, "column"))
    row, column = np.indices(grid.shape)
    for period in (2, 3, 4):
        yield f"sum mod {period}", _small((row + column) % period), False
        yield f"difference mod {period}", _small((row - column) % period), False
    for step in NEIGHBOURS:
        yield f"steps {step}", _small(_steps(drawn, *step)), False
    for metric in ("chessboard", "taxicab"):
        distance, (rows, columns) = ndimage.distance_transform_cdt(~drawn, metric, return_indices=True)
        yield f"distance {metric}", _small(distance if drawn.any() else np.full(grid.shape, PAD)), False
        yield f"nearest {metric}", grid[rows, columns] if drawn.any() else np.full(grid.shape, PAD, np.int8), True
        for name, away in (("rows", row - rows), ("columns", column - columns)):
            yield f"nearest {metric} {name} away", _small((away + FAR).clip(0, 2 * FAR)), False
    near = np.stack([ndimage.convolve((grid == colour).astype(int), np.ones((3, 3), int), mode="constant") for colour in range(COLOURS)], 2)
    near[..., 0] = 0
    yield "commonest near", _small(winner(near)), True
    yield "drawn near", _small(near.sum(2)), False
    yield "drawn beside", _small(ndimage.convolve(drawn.astype(int), [[0, 1, 0], [1, 0, 1], [0, 1, 0]], mode="constant")), False
    yield "drawn across", _small(ndimage.convolve(drawn.astype(int), [[1, 0, 1], [0, 0, 0], [1, 0, 1]], mode="constant")), False


def _small(values):
    return np.minimum(values, PAD).astype(np.int8)


def _rows(grid, name):
    """Facts of the row that a cell lies in."""
    height, width = grid.shape
    drawn = grid > 0
    counts = np.stack([(grid == colour).sum(1) for colour in range(COLOURS)], 1)
    counts[:, 0] = 0
    number, kinds = drawn.sum(1), (counts > 0).sum(1)
    place = np.arange(height)
    only = np.where(kinds == 1, counts.argmax(1), PAD)
    for what, values in (
        ("count", number),
        ("count rank", np.unique(-number, return_inverse=True)[1]),
        ("count rank from least", np.unique(number, return_inverse=True)[1]),
        ("colours", kinds),
        ("number", place),
        ("number from end", place[::-1]),
        ("parity of count", number % 2),
        ("alike", (grid[:, None] == grid[None]).all(2).sum(1)),
        ("symmetric", (grid == grid[:, ::-1]).all(1)),
        *((f"mod {period}", place % period) for period in (4, 5)),
    ):
        yield f"{name} {what}", np.broadcast_to(_small(values)[:, None], (height, width)), False
    yield f"{name} only colour", np.broadcast_to(_small(only)[:, None], (height, width)), True
    before, after = np.cumsum(drawn, 1), np.cumsum(drawn[:, ::-1], 1)[:, ::-1]
    yield f"{name} drawn before", _small(before - drawn), False
    yield f"{name} drawn after", _small(after - drawn), False


def _steps(drawn, row, column):
    """How far the next drawn cell is in a direction, 0 where there is none."""
    height, width = drawn.shape
    found = np.zeros((height + 2, width + 2), int)
    source = np.pad(drawn, 1)
    rows = range(1, height + 1) if row <= 0 else range(height, 0, -1)
    if not row:
        return _steps(drawn.T, column, row).T
    for line in rows:
        there, before = source[line + row], found[line + row]
        here = np.where(there, 1, np.where(before > 0, before + 1, 0))
        found[line, 1:-1] = here[1 + column : width + 1 + column]
    return found[1:-1, 1:-1]
