"""Rules for the cells that choose among pictures: where a condition has one value this picture shows the answer, where another, that one.

A table names colours, and knows none that it was not shown; a switch names pictures, and takes colours from them. Where one condition
leaves cells open, another decides there, as in a list of decisions.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from arc.solving.search.pieces import VALUES, Piece
from arc.solving.search.tables import Fit

MOST_PICTURES = 300
MOST_CONDITIONS = 600
BEAM = 6
"""Lists of decisions that another decision is added to."""
MOST_FITS = 40
"""Lists of each length that are taken, the simplest first."""
COUNTED = 3e9
"""Products of a picture, a cell and a condition's value for lists of one length: fewer conditions are tried where answers are large."""
EACH = 0.5
"""What a picture costs besides its depth."""
NONE = -1


class Decision(NamedTuple):
    """The number of a condition, and for each of its values that of a picture, NONE where it leaves cells open."""

    condition: int
    pictures: tuple[int, ...]


class Candidates(NamedTuple):
    """Pictures, simplest first, and conditions."""

    right: np.ndarray
    """(pictures, cells of the demonstrations) bool."""
    shown: np.ndarray
    """(conditions, cells of the demonstrations): values below VALUES."""
    costs: np.ndarray
    depths: np.ndarray


def switches(pieces: Sequence[Piece], target: np.ndarray, owner: np.ndarray, most: int = 3) -> Iterator[Fit]:
    """Lists of up to `most` decisions that hold for all demonstrations; target, owner: see `pieces.target_of`."""
    pictures = [*_constants(target, pieces), *_different([piece for piece in pieces if piece.is_picture], MOST_PICTURES)]
    conditions = _different([*pieces, *_masks(pieces)], MOST_CONDITIONS)
    conditions = [piece for piece in conditions if (piece.shown != piece.shown[0]).any()]
    if not conditions:
        return
    given = Candidates(
        np.stack([piece.shown for piece in pictures]) == target,
        np.stack([piece.shown for piece in conditions]),
        np.array([piece.depth + EACH for piece in pictures], np.float32),
        np.array([piece.depth for piece in conditions], np.float32),
    )
    begun: list[tuple[tuple[Decision, ...], np.ndarray]] = [((), np.ones(target.size, bool))]
    for _ in range(most):
        done, going_on = [], []
        for decisions, still in begun:
            best, left = _decided(given, still, COUNTED / len(begun))
            # Only lists that hold, or leave fewest cells open, are worth a price.
            for place in (*np.flatnonzero(left == 0), *_fewest(left, int(still.sum()))):
                longer = (*decisions, Decision(int(place), tuple(best[place].tolist())))
                if left[place]:
                    going_on.append((int(left[place]), _cost(given, longer), longer, still))
                else:
                    done.append((_cost(given, longer), longer))
        for cost, decisions in sorted(done, key=lambda one: one[0])[:MOST_FITS]:
            yield _fit(pieces=pictures, conditions=conditions, given=given, decisions=decisions, cost=float(cost), owner=owner)
        begun = _beam(given, sorted(going_on, key=lambda one: one[:2]))


def _fewest(left, all_cells):
    """Places of the conditions that leave the fewest cells open, but some, and not all."""
    places = np.flatnonzero((left > 0) & (left < all_cells))
    return places[np.argsort(left[places], kind="stable")][: 4 * BEAM]


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


def _different(pieces, most):
    """The simplest of those that are alike in the demonstrations."""
    seen, found = set(), []
    for piece in sorted(pieces, key=lambda piece: piece.depth):
        key = np.asarray(piece.shown, np.int8).tobytes()
        if key not in seen:
            seen.add(key)
            found.append(piece)
        if len(found) == most:
            break
    return found


def _wrong(right, keys, width):
    """(pictures, width): how many cells of each key a picture has wrong; keys (cells,)."""
    members = np.zeros((len(keys), width), np.float32)
    members[np.arange(len(keys)), keys] = 1
    return (~right).astype(np.float32) @ members


def _decided(given: Candidates, still: np.ndarray, counted: float):
    """(conditions, VALUES) the cheapest pictures that are right wherever a condition has a value, (conditions,) cells that stay open."""
    most = max(50, int(counted / (still.sum() * given.right.shape[0] * VALUES)))
    wrong_cells = (~given.right[:, still]).astype(np.float32)
    # The cheapest picture that is right: pictures lie in the order of their costs.
    order = np.argsort(given.costs, kind="stable")
    wrong_cells, chosen, left = wrong_cells[order], [], []
    block = max(1, 4_000_000 // (VALUES * max(1, wrong_cells.shape[1])))
    for start in range(0, min(most, len(given.shown)), block):
        shown = given.shown[start : min(most, start + block)][:, still]
        members = (shown[:, None] == np.arange(VALUES, dtype=np.int8)[:, None]).astype(np.float32)
        counts = members.sum(2).astype(int)
        holds = (wrong_cells @ members.reshape(-1, members.shape[2]).T).reshape(len(order), *counts.shape) == 0
        best = np.where(holds.any(0), order[holds.argmax(0)], NONE)
        best[counts == 0] = NONE
        chosen.append(best)
        left.append(np.where(best == NONE, counts, 0).sum(1))
    return np.concatenate(chosen), np.concatenate(left)


def _cost(given, decisions):
    used = {picture for decision in decisions for picture in decision.pictures if picture != NONE}
    return sum(given.depths[decision.condition] for decision in decisions) + sum(given.costs[picture] for picture in used)


def _beam(given, going_on):
    """Lists that leave different cells open."""
    found, seen = [], set()
    for *_, decisions, still in going_on:
        after = still & _open(given.shown[decisions[-1].condition], decisions[-1])
        key = after.tobytes()
        if key not in seen:
            seen.add(key)
            found.append((decisions, after))
        if len(found) == BEAM:
            break
    return found


def _open(values, decision):
    return np.isin(values, [value for value, picture in enumerate(decision.pictures) if picture == NONE])


def _fit(pieces, conditions, given, decisions, cost, owner):
    """A list of decisions applied to the tests, and how far the demonstrations confirm one another in it."""
    asked = np.zeros(pieces[0].asked.shape, np.int8)
    open_asked, still, known = np.ones(asked.shape, bool), np.ones(owner.shape, bool), True
    confirmed = np.ones(int(owner.max()) + 1, bool)
    for decision in decisions:
        condition = conditions[decision.condition]
        confirmed &= _confirmed(given, decision, still, owner)
        for value, picture in enumerate(decision.pictures):
            if picture != NONE:
                place = open_asked & (condition.asked == value)
                asked[place] = pieces[picture].asked[place]
                open_asked &= condition.asked != value
        still = still & _open(condition.shown, decision)
    # What no decision speaks of is left as the simplest picture that is used has it.
    known = not open_asked.any()
    used = [picture for decision in decisions for picture in decision.pictures if picture != NONE]
    asked[open_asked] = pieces[used[-1]].asked[open_asked]
    known &= int(asked.max()) < VALUES - 1
    trust = float(confirmed.mean() * known) if len(confirmed) > 1 else 0.5 * known
    names = [(*conditions[decision.condition].path, "?") for decision in decisions]
    shown = [(*pieces[picture].path, "|") for picture in dict.fromkeys(used)]
    return Fit(asked.clip(0, VALUES - 2), trust, cost, tuple(name for part in (*names, *shown) for name in part)[:-1])


def _confirmed(given, decision, still, owner):
    """(demonstrations,) bool: whether the others choose pictures that are right in this one too."""
    values = given.shown[decision.condition]
    demonstrations = int(owner.max()) + 1
    taken = still & ~_open(values, decision)
    keys = values[taken].astype(int) * demonstrations + owner[taken]
    wrong = _wrong(given.right[:, taken], keys, VALUES * demonstrations).reshape(-1, VALUES, demonstrations)
    there = np.bincount(keys, minlength=VALUES * demonstrations).reshape(VALUES, demonstrations) > 0
    order = np.argsort(given.costs, kind="stable")
    found = np.ones(demonstrations, bool)
    for one in range(demonstrations):
        others = np.arange(demonstrations) != one
        for value in np.flatnonzero(there[:, one]):
            holds = (wrong[:, value][:, others] == 0).all(1)[order]
            found[one] &= there[value, others].any() and wrong[order[holds.argmax()], value, one] == 0
    return found
