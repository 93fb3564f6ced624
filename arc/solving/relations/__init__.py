"""What is known of a cell before anything is learnt: colours that it may take, facts about it, and facts about it and a colour (new here).

Rules of ARC speak of rays, mirror images, repeated patterns, enclosed areas, largest objects. A network that had to find these from
three demonstrations would need more steps than a CPU has seconds; here they are computed, and which of them matter is what is learnt.
Renaming the colours of a grid, its background apart, renames `colours` and permutes `presence`, and changes nothing else.
"""

from typing import NamedTuple

import numpy as np

from arc.solving.relations.colours import colours_of
from arc.solving.relations.facts import facts_of
from arc.solving.relations.parts import Parts
from arc.solving.relations.placement import places, places_of
from arc.solving.relations.presence import presence_of


class Relations(NamedTuple):
    """Of every cell of a grid (H, W); the second axis from the end of `presence` is the colour 0..9."""

    colours: np.ndarray
    """(H, W, len(COLOUR_NAMES)) int8: the colour at the end of a ray, in the mirror and so on; PAD (10) where there is none."""
    facts: np.ndarray
    """(H, W, len(FACT_NAMES)) float32 in 0..1."""
    presence: np.ndarray
    """(H, W, 10, len(PRESENCE_NAMES)) float32 in 0..1: facts about a cell and a colour."""


def relations(grid: np.ndarray, background: int) -> Relations:
    """All relations of the cells of a grid (H, W) of colours 0..9, one of which is the background."""
    parts = Parts(grid, background)
    colours, facts, presence = colours_of(grid, background, parts), facts_of(grid, background, parts), presence_of(grid, background, parts)
    return Relations(
        np.stack(list(colours.values()), axis=2).astype(np.int8),
        np.stack(list(facts.values()), axis=2).astype(np.float32),
        np.stack(list(presence.values()), axis=3).astype(np.float32),
    )


def _names():
    grid = np.array([[0, 1], [2, 0]], np.int8)
    parts = Parts(grid, 0)
    found = (colours_of(grid, 0, parts), facts_of(grid, 0, parts), places_of(1, 1), presence_of(grid, 0, parts))
    return tuple(tuple(names) for names in found)


COLOUR_NAMES, FACT_NAMES, PLACE_NAMES, PRESENCE_NAMES = _names()
"""What stands at each place of the last axis; the first word is the kind."""

__all__ = ["COLOUR_NAMES", "FACT_NAMES", "PLACE_NAMES", "PRESENCE_NAMES", "Relations", "places", "relations"]
