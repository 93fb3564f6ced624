"""The eight symmetries of the square, which act on grids: their table of composition, and their inverses."""

import numpy as np

SYMMETRIES = 8


def dihedral(grid: np.ndarray, symmetry: int) -> np.ndarray:
    """The grid under symmetry 0..7: `symmetry % 4` quarter turns anticlockwise, after a transposition if it is >= 4."""
    return np.rot90(grid.T if symmetry >= 4 else grid, symmetry % 4)


def _find_symmetry(corners: np.ndarray) -> int:
    """The symmetry that takes [[0, 1], [2, 3]] to `corners`; four different corners tell all eight apart."""
    return next(s for s in range(SYMMETRIES) if (dihedral(np.arange(4).reshape(2, 2), s) == corners).all())


# COMPOSED[a][b] is the symmetry "first a, then b"; INVERSE[a] undoes a.
COMPOSED = tuple(
    tuple(_find_symmetry(dihedral(dihedral(np.arange(4).reshape(2, 2), a), b)) for b in range(SYMMETRIES)) for a in range(SYMMETRIES)
)
INVERSE = tuple(row.index(0) for row in COMPOSED)
