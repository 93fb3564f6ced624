"""Mirrors and turns."""

import numpy as np

TRANSFORMATIONS = {
    "mirror columns": lambda grid: grid[:, ::-1],
    "mirror rows": lambda grid: grid[::-1],
    "half turn": lambda grid: grid[::-1, ::-1],
    "transpose": lambda grid: grid.T,
    "transpose other": lambda grid: grid[::-1, ::-1].T,
    "turn left": lambda grid: np.rot90(grid),
    "turn right": lambda grid: np.rot90(grid, -1),
}
"""Name -> grid (H, W) int8 -> grid."""
