"""Rules for the cells: a table from the values of one, two or three pieces to a colour.

A table that is made from all demonstrations but one says what the last one's cells are: how often it is right is its trust.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from arc.grids.tasks import COLOURS
from arc.solving.search.pieces import VALUES, Piece

MOST_PIECES = 900
"""Pieces that are tried together with others."""
BEAM = 16
"""Tables of one fewer pieces that are extended."""
MOST_FITS = 60
"""Tables that a table of one fewer pieces is extended to."""
COUNTED = 24_000_000
"""Cells that a level of tables may count: the beam is narrower where answers are large."""


class Fit(NamedTuple):
    """A rule that gives every demonstration's output: the tests' cells, how much it is to be trusted (0..1), what it costs."""

    asked: np.ndarray
    trust: float
    cost: float
    path: tuple[str, ...]


def tables(pieces: Sequence[Piece], target: np.ndarray, owner: np.ndarray, most: int = 3) -> Iterator[Fit]:
    """Tables of up to `most` pieces that hold for all demonstrations; target, owner: see `pieces.target_of`."""
    shown = np.stack([piece.shown for piece in pieces]).astype(np.int64)
    depths = np.array([piece.depth for piece in pieces])
    alone = errors(np.zeros(target.size, np.int64), shown, target)
    order = np.lexsort((depths, alone))
    # What leaves the same open says the same.
    beam = _different([(int(place),) for place in order if alone[place]], shown, BEAM)
    yield from (_fit([pieces[place]], target, owner) for place in np.flatnonzero(alone == 0))
    useful = np.lexsort((alone, depths))[:MOST_PIECES]
    width = max(2, min(BEAM, COUNTED // (len(useful) * target.size)))
    for _ in range(1, most):
        found = []
        for chosen in beam[:width]:
            key = _key(chosen, shown)
            joint = errors(key, shown[useful], target)
            # Pieces that hold alone gain nothing by another one.
            holding = np.flatnonzero((joint == 0) & (alone[useful] > 0))[:MOST_FITS]
            yield from (_fit([pieces[place] for place in (*chosen, useful[at])], target, owner) for at in holding)
            best = np.lexsort((depths[useful], joint))[: 2 * width]
            found += [(int(joint[at]), int(depths[useful[at]]), (*chosen, int(useful[at]))) for at in best if joint[at]]
        beam = _different([chosen for *_, chosen in sorted(found)], shown, width)


def _key(chosen, shown):
    key = np.zeros(shown.shape[1], np.int64)
    for place in chosen:
        key = key * VALUES + shown[place]
    return np.unique(key, return_inverse=True)[1]


def errors(key: np.ndarray, shown: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Cells that the best table of (key, one of shown) has wrong, for each of shown (N, cells)."""
    width = (int(key.max()) + 1) * VALUES
    block = max(1, 2_000_000 // max(target.size, width * COLOURS))
    found = []
    for start in range(0, len(shown), block):
        part = shown[start : start + block]
        index = (np.arange(len(part))[:, None] * width + key * VALUES + part) * COLOURS + target
        counts = np.bincount(index.ravel(), minlength=len(part) * width * COLOURS).reshape(len(part), width, COLOURS)
        found.append(target.size - counts.max(2).sum(1))
    return np.concatenate(found) if found else np.zeros(0, int)


def _different(chosen, shown, count):
    seen, found = set(), []
    for one in chosen:
        key = _key(one, shown).astype(np.int16).tobytes()
        if key not in seen:
            seen.add(key)
            found.append(one)
        if len(found) == count:
            break
    return found


def _fit(pieces, target, owner):
    """The table of pieces, its answer to the tests, and its trust."""
    key, asked = np.zeros(target.size, np.int64), np.zeros(pieces[0].asked.size, np.int64)
    for piece in pieces:
        key, asked = key * VALUES + piece.shown, asked * VALUES + piece.asked
    names, place = np.unique(key, return_inverse=True)
    colours = np.zeros(len(names), np.int8)
    colours[place] = target
    owners = np.zeros((len(names), int(owner.max()) + 1), bool)
    owners[place, owner] = True
    # A demonstration is foreseen if every key in it is in another one as well.
    foreseen = np.mean([(owners[owners[:, one]].sum(1) > 1).all() for one in range(owners.shape[1])])
    at = np.searchsorted(names, asked).clip(0, len(names) - 1)
    known = names[at] == asked
    fallback = np.where(pieces[0].asked < COLOURS, pieces[0].asked, 0) if pieces[0].is_picture else 0
    answer = np.where(known, colours[at], fallback).astype(np.int8)
    trust = float(foreseen * known.all()) if owners.shape[1] > 1 else 0.5 * float(known.all())
    cost = sum(piece.depth for piece in pieces) + 0.5 * len(pieces)
    return Fit(answer, trust, cost, tuple(name for piece in pieces for name in (*piece.path, "&"))[:-1])
