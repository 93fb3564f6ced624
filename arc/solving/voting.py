"""Votes on the answer to one test input: counted, and equals ranked by mean confidence."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from arc.grids.tasks import grid_key


class Vote(NamedTuple):
    """An answer, how sure its voter is of it (mean over cells, 0..1), and how much the vote counts."""

    grid: np.ndarray
    confidence: float
    weight: float = 1.0


def ranked(votes: Iterable[Vote]) -> list[np.ndarray]:
    """The different answers, that with the most votes first; equals in votes by the mean of their confidence."""
    ballots: dict[bytes, list[Vote]] = {}
    for vote in votes:
        ballots.setdefault(grid_key(vote.grid), []).append(vote)
    order = sorted(ballots.values(), key=lambda cast: (sum(v.weight for v in cast), np.mean([v.confidence for v in cast])), reverse=True)
    return [cast[0].grid for cast in order]
