"""Two attempts at a grid, as ARC allows, by a network that is deterministic and has no augmented variants to vote over."""

import numpy as np


def two_likeliest(logits: np.ndarray) -> np.ndarray:
    """Logits (B, N, V) -> (2, B, N) int: the likeliest grid and the next, each cell being independent of the others.

    The next differs in one cell, the one whose second choice costs least: what normalises a cell's logits is common to both choices.
    """
    rows = np.arange(len(logits))
    best, second = np.moveaxis(np.argsort(-logits, axis=2, kind="stable")[..., :2], 2, 0)
    given = lambda choice: np.take_along_axis(logits, choice[..., None], axis=2)[..., 0]  # noqa: E731
    cell = (given(best) - given(second)).argmin(axis=1)
    other = best.copy()
    other[rows, cell] = second[rows, cell]
    return np.stack([best, other])
