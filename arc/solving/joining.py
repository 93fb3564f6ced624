"""The two attempts at a test input, from the search's answers and the networks' votes, and who gave each.

What the search finds holds for every demonstration, and on training tasks it is right more often than what the networks say: it goes
first, and the networks' first answer second. Only an answer for which next to nothing votes goes second itself.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from arc.solving.search.answering import Found
from arc.solving.voting import Vote, ranked

SEARCH, NETWORK, INPUT = "search", "network", "input"
WEAK = 0.03
"""Votes below which the search's first answer goes after the networks'."""


def joined(found: Sequence[Found], place: int, votes: Iterable[Vote], fallback: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """[(who, attempt), (who, attempt)] for test input number `place`; `fallback` stands in where neither has another answer."""
    searched = [(SEARCH, one.grids[place]) for one in found]
    learnt = [(NETWORK, grid) for grid in ranked(votes)]
    first = [*searched[:1], *learnt[:1]]
    if found and found[0].weight < WEAK:
        first.reverse()
    order = [*first, *searched[1:2], *learnt[1:2], (INPUT, fallback)]
    different: list[tuple[str, np.ndarray]] = []
    for who, grid in order:
        if not any(np.array_equal(grid, other) for _, other in different):
            different.append((who, grid))
    return [*different, (INPUT, fallback)][:2]
