"""Colours kept, erased, exchanged, or painted over."""

import numpy as np

from arc.grids.tasks import COLOURS


def _counts(grid):
    counts = np.bincount(grid.ravel(), minlength=COLOURS)
    counts[0] = 0
    return counts


def _single(counts, rarest=False):
    """The colour with the largest (smallest) count, None where there is none or two are equal."""
    present = counts[counts > 0]
    if not present.size:
        return None
    found = np.flatnonzero(counts == (present.min() if rarest else present.max()))
    return int(found[0]) if len(found) == 1 else None


def only(grid: np.ndarray, colour: int) -> np.ndarray:
    """The cells of a colour, 0 elsewhere."""
    return np.where(grid == colour, grid, np.int8(0))


def _without(grid, colour):
    return np.where(grid == colour, np.int8(0), grid)


def _of_rank(change, rarest):
    def changed(grid):
        colour = _single(_counts(grid), rarest)
        return None if colour is None else change(grid, colour)

    return changed


def _painted(grid, colour):
    return np.where(grid > 0, np.int8(colour), np.int8(0))


def _negative(grid):
    """What is drawn erased, the rest painted with the only colour, or 1."""
    colours = np.flatnonzero(_counts(grid))
    return np.where(grid > 0, 0, colours[0] if len(colours) == 1 else 1).astype(np.int8)


def _exchanged(grid):
    """Two colours change places."""
    colours = np.flatnonzero(_counts(grid))
    return np.where(grid > 0, colours.sum() - grid, 0).astype(np.int8) if len(colours) == 2 else None


def _exchanged_with_zero(grid):
    colours = np.unique(grid)
    return (colours.sum() - grid).astype(np.int8) if len(colours) == 2 else None


def _background(grid):
    """The commonest colour of all becomes 0, and 0 becomes it."""
    colour = np.bincount(grid.ravel()).argmax()
    return None if colour == 0 else np.where(grid == colour, 0, np.where(grid == 0, colour, grid)).astype(np.int8)


def _zeros_painted(grid, colour):
    return np.where(grid == 0, np.int8(colour), grid)


TRANSFORMATIONS = {
    "only commonest": _of_rank(only, False),
    "only rarest": _of_rank(only, True),
    "without commonest": _of_rank(_without, False),
    "without rarest": _of_rank(_without, True),
    "paint commonest": _of_rank(_painted, False),
    "paint rarest": _of_rank(_painted, True),
    "negative": _negative,
    "exchange": _exchanged,
    "exchange zero": _exchanged_with_zero,
    "background": _background,
    "ground commonest": _of_rank(_zeros_painted, False),
    "only zero": lambda grid: (grid == 0).astype(np.int8),
}
for _colour in range(1, COLOURS):
    TRANSFORMATIONS[f"only {_colour}"] = lambda grid, colour=_colour: only(grid, colour) if (grid == colour).any() else None
    TRANSFORMATIONS[f"without {_colour}"] = lambda grid, colour=_colour: _without(grid, colour) if (grid == colour).any() else None
