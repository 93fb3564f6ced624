"""Pictures laid over one another until they are the demonstrations' outputs: what is drawn in an upper one hides the lower ones."""

from collections.abc import Iterator, Sequence

import numpy as np

from arc.grids.canvas import PAD
from arc.solving.search.pieces import Piece
from arc.solving.search.tables import Fit

LAYERS = 4
FIRSTS = 12
"""Pictures that are tried as the uppermost one."""


def stacks(pieces: Sequence[Piece], target: np.ndarray) -> Iterator[Fit]:
    """Exact pictures, then stacks of up to LAYERS; in a stack every layer shows nothing wrong and the most of what is still open."""
    pieces = [piece for piece in pieces if piece.is_picture and max(piece.shown.max(), piece.asked.max()) < PAD]
    if not pieces:
        return
    shown = np.stack([piece.shown for piece in pieces])
    depths = np.array([piece.depth for piece in pieces])
    right, drawn = shown == target, shown > 0
    exact = right.all(1)
    yield from (Fit(pieces[place].asked, 1.0, float(depths[place]), pieces[place].path) for place in np.flatnonzero(exact))
    clean = np.flatnonzero((right | ~drawn).all(1) & ~exact & drawn.any(1))
    gains = (right & drawn)[clean].sum(1)
    order = clean[np.lexsort((depths[clean], -gains))]
    for first in order[:FIRSTS]:
        found = _from(int(first), right, drawn, depths, target)
        if found is not None:
            asked = np.zeros_like(pieces[0].asked)
            for place in found:
                asked = np.where(asked == 0, pieces[place].asked, asked)
            path = tuple(name for place in found for name in (*pieces[place].path, "over"))[:-1]
            yield Fit(asked, 1.0, float(depths[found].sum() + 0.5 * len(found)), path)


def _from(first, right, drawn, depths, target):
    """Layers below the first, None if they leave something open or wrong."""
    chosen, open_cells = [first], ~drawn[first]
    while len(chosen) < LAYERS:
        if (target[open_cells] == 0).all():
            return chosen
        allowed = (right | ~drawn)[:, open_cells].all(1)
        gain = np.where(allowed, (right & drawn)[:, open_cells].sum(1), 0)
        if not gain.any():
            return None
        best = int(np.lexsort((depths, -gain))[0])
        chosen.append(best)
        open_cells &= ~drawn[best]
    return chosen if (target[open_cells] == 0).all() else None
