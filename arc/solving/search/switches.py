"""Rules for the cells that choose among pictures: where a condition has one value this picture shows the answer, where another, that one.

A table names colours, and knows none that it was not shown; a switch names pictures, and takes colours from them.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from arc.solving.search.decisions import NONE, Given, decision_lists
from arc.solving.search.pieces import VALUES, Piece, different
from arc.solving.search.tables import Fit

MOST_PICTURES = 300
MOST_CONDITIONS = 600
EACH = 0.5
"""What a picture costs besides its depth."""


def switches(pieces: Sequence[Piece], target: np.ndarray, owner: np.ndarray, most: int = 3) -> Iterator[Fit]:
    """Lists of up to `most` decisions that hold for all demonstrations; target, owner: see `pieces.target_of`."""
    pictures = [*_constants(target, pieces), *different(sorted((piece for piece in pieces if piece.is_picture), key=_depth), MOST_PICTURES)]
    conditions = different(sorted([*pieces, *_masks(pieces)], key=_depth), MOST_CONDITIONS)
    conditions = [piece for piece in conditions if (piece.shown != piece.shown[0]).any()]
    if not conditions:
        return
    shown, asked = (np.stack([getattr(piece, part) for piece in conditions]) for part in ("shown", "asked"))
    costs, depths = np.array([piece.depth + EACH for piece in pictures]), np.array([piece.depth for piece in conditions])
    given = Given(np.stack([piece.shown for piece in pictures]) == target, costs, shown, asked, depths, owner, VALUES)
    answers = np.stack([piece.asked for piece in pictures])
    for found in decision_lists(given, most):
        # What no decision speaks of is as the picture that is named last shows it.
        taken = np.where(found.taken == NONE, found.ways[-1], found.taken)
        answer = answers[taken, np.arange(answers.shape[1])]
        are_colours = bool((answer < VALUES - 1).all())
        names = [(*conditions[decision.condition].path, "?") for decision in found.decisions]
        names += [(*pictures[way].path, "|") for way in found.ways]
        path = tuple(name for part in names for name in part)[:-1]
        yield Fit(np.where(answer < VALUES - 1, answer, 0).astype(np.int8), found.trust * are_colours, found.cost, path)


def _depth(piece):
    return piece.depth


def _constants(target, pieces):
    asked = pieces[0].asked.shape
    for colour in np.unique(target):
        yield Piece(np.full(target.shape, colour, np.int8), np.full(asked, colour, np.int8), (f"{colour}",), 0, True)


def _masks(pieces):
    """Where something is drawn, as a condition that knows no colours."""
    for piece in pieces:
        if piece.is_picture and len(piece.path) and piece.shown.max() > 1:
            drawn = (piece.shown > 0).astype(np.int8), (piece.asked > 0).astype(np.int8)
            yield Piece(*drawn, (*piece.path, "drawn"), piece.depth + 0.25, False)
