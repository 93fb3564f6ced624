"""Which colour there is most of, and which least."""

import numpy as np

from arc.grids.canvas import PAD


def winner(counts: np.ndarray) -> np.ndarray:
    """The colour that is counted most, PAD where nothing is or two are as common; `counts` (..., 10)."""
    most = counts.max(-1)
    alone = (counts == most[..., None]).sum(-1) == 1
    return np.where(alone & (most > 0), counts.argmax(-1), PAD)


def loser(counts: np.ndarray) -> np.ndarray:
    """The colour that is counted least among those that are there."""
    return winner(np.where(counts > 0, counts.max() + 1 - counts, 0))
