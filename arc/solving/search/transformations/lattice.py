"""Grids of lines: each field between them as one cell, and such a small picture painted back into the fields."""

import numpy as np

from arc.grids.tasks import COLOURS
from arc.solving.search.transformations.splitting import bands

LEAST_FIELDS = 4


def fields(grid: np.ndarray) -> tuple[list[slice], list[slice]] | None:
    """Rows and columns of the fields between lines of one colour; None where there is no lattice."""
    best = None
    for colour in np.unique(grid):
        rows, columns = bands((grid == colour).all(1)), bands((grid == colour).all(0))
        is_lattice = len(rows) * len(columns) >= LEAST_FIELDS and (len(rows) > 1 or len(columns) > 1)
        if is_lattice and (best is None or len(rows) * len(columns) > len(best[0]) * len(best[1])):
            best = rows, columns
    return best


def _cells(grid, choose):
    """Each field as one cell."""
    found = fields(grid)
    return None if found is None else np.array([[choose(grid[row, column]) for column in found[1]] for row in found[0]], np.int8)


def _drawn(field):
    """The commonest colour that is drawn, 0 for an empty field."""
    counts = np.bincount(field.ravel(), minlength=COLOURS)
    counts[0] = 0
    return counts.argmax()


def _number(field):
    return min(int((field > 0).sum()), COLOURS - 1)


def into_lattice(picture: np.ndarray, given: np.ndarray) -> np.ndarray | None:
    """The fields of a lattice painted with the cells of a small picture, its lines as they are."""
    found = fields(given)
    if found is None or picture.shape != (len(found[0]), len(found[1])):
        return None
    painted = given.copy()
    for row, colours in zip(found[0], picture, strict=True):
        for column, colour in zip(found[1], colours, strict=True):
            painted[row, column] = colour
    return painted


TRANSFORMATIONS = {
    "fields": lambda grid: _cells(grid, _drawn),
    "fields commonest": lambda grid: _cells(grid, lambda field: np.bincount(field.ravel()).argmax()),
    "fields counted": lambda grid: _cells(grid, _number),
}
WITH_INPUT = {"into the lattice": into_lattice}
