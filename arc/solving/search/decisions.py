"""Lists of decisions: where a condition has one value this way is taken, where another, that one; what it leaves open another decides.

What is decided on are items (cells of answers, objects of inputs). Of each way it is known for which of the demonstrations' items it is
right; of all ways that are right wherever a condition has a value, the cheapest is taken.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

BEAM = 6
"""Lists that another decision is added to."""
MOST_FITS = 40
"""Lists of each length that are taken, the simplest first."""
COUNTED = 3e9
"""Products of a way, an item and a condition's value for lists of one length: fewer conditions are tried where there are many items."""
NONE = -1


class Given(NamedTuple):
    """Ways and conditions. Conditions have values from 0 up to `values`, without it; cheap conditions come first."""

    right: np.ndarray
    """(ways, items of the demonstrations) bool."""
    costs: np.ndarray
    """(ways,)."""
    shown: np.ndarray
    """(conditions, items of the demonstrations)."""
    asked: np.ndarray
    """(conditions, items of the tests)."""
    depths: np.ndarray
    """(conditions,): what they cost."""
    owner: np.ndarray
    """(items of the demonstrations,): the number of each one's demonstration."""
    values: int


class Decision(NamedTuple):
    """The number of a condition, and for each of its values that of a way, NONE where it leaves items open."""

    condition: int
    ways: tuple[int, ...]


class Decided(NamedTuple):
    """A list of decisions that holds for all demonstrations, and the way that it takes for each item of the tests, NONE for none."""

    decisions: tuple[Decision, ...]
    taken: np.ndarray
    trust: float
    cost: float

    @property
    def ways(self) -> list[int]:
        """Those that are taken somewhere, in the order of the decisions."""
        return list(dict.fromkeys(way for decision in self.decisions for way in decision.ways if way != NONE))


def decision_lists(given: Given, most: int = 3) -> Iterator[Decided]:
    """Lists of up to `most` decisions, the shortest first."""
    begun: list[tuple[tuple[Decision, ...], np.ndarray]] = [((), np.ones(given.owner.shape, bool))]
    for _ in range(most):
        done, going_on = [], []
        for decisions, still in begun:
            best, left = _best(given, still, COUNTED / len(begun))
            # Only lists that hold, or leave fewest items open, are worth a price.
            for place in (*np.flatnonzero(left == 0), *_fewest(left, int(still.sum()))):
                longer = (*decisions, Decision(int(place), tuple(best[place].tolist())))
                if left[place]:
                    going_on.append((int(left[place]), _cost(given, longer), longer, still))
                else:
                    done.append((_cost(given, longer), longer))
        for cost, decisions in sorted(done, key=lambda one: one[0])[:MOST_FITS]:
            yield _decided(given, decisions, float(cost))
        begun = _beam(given, sorted(going_on, key=lambda one: one[:2]))


def _fewest(left, items):
    """Places of the conditions that leave the fewest items open, but some, and not all."""
    places = np.flatnonzero((left > 0) & (left < items))
    return places[np.argsort(left[places], kind="stable")][: 4 * BEAM]


def _best(given: Given, still: np.ndarray, counted: float):
    """(conditions, values) the cheapest ways that are right wherever a condition has a value, (conditions,) items that stay open."""
    ways, values = len(given.costs), np.arange(given.values, dtype=given.shown.dtype)
    most = min(len(given.shown), max(50, int(counted / (still.sum() * ways * given.values))))
    order = np.argsort(given.costs, kind="stable")
    wrong = (~given.right[:, still]).astype(np.float32)[order]
    chosen, left = [], []
    block = max(1, 4_000_000 // (given.values * max(1, wrong.shape[1])))
    for start in range(0, most, block):
        shown = given.shown[start : min(most, start + block)][:, still]
        members = (shown[:, None] == values[:, None]).astype(np.float32)
        counts = members.sum(2).astype(int)
        holds = (wrong @ members.reshape(-1, members.shape[2]).T).reshape(ways, *counts.shape) == 0
        best = np.where(holds.any(0) & (counts > 0), order[holds.argmax(0)], NONE)
        chosen.append(best)
        left.append(np.where(best == NONE, counts, 0).sum(1))
    return np.concatenate(chosen), np.concatenate(left)


def _cost(given, decisions):
    used = {way for decision in decisions for way in decision.ways if way != NONE}
    return sum(given.depths[decision.condition] for decision in decisions) + sum(given.costs[way] for way in used)


def _beam(given, going_on):
    """Lists that leave different items open."""
    found, seen = [], set()
    for *_, decisions, still in going_on:
        after = still & _is_open(given.shown[decisions[-1].condition], decisions[-1])
        key = after.tobytes()
        if key not in seen:
            seen.add(key)
            found.append((decisions, after))
        if len(found) == BEAM:
            break
    return found


def _is_open(values, decision):
    return np.isin(values, [value for value, way in enumerate(decision.ways) if way == NONE])


def _decided(given: Given, decisions, cost) -> Decided:
    """The decisions taken for the tests, and how far the demonstrations confirm one another in them."""
    taken, still = np.full(given.asked.shape[1], NONE), np.ones(given.owner.shape, bool)
    confirmed = np.ones(int(given.owner.max()) + 1, bool)
    for decision in decisions:
        confirmed &= _confirmed(given, decision, still)
        ways = np.array(decision.ways)[given.asked[decision.condition]]
        taken = np.where(taken == NONE, ways, taken)
        still = still & _is_open(given.shown[decision.condition], decision)
    known = bool((taken != NONE).all())
    return Decided(decisions, taken, float(confirmed.mean() * known) if len(confirmed) > 1 else 0.5 * known, cost)


def _confirmed(given, decision, still):
    """(demonstrations,) bool: whether the others choose ways that are right in this one too."""
    values, demonstrations = given.shown[decision.condition], int(given.owner.max()) + 1
    taken = still & ~_is_open(values, decision)
    keys = values[taken].astype(int) * demonstrations + given.owner[taken]
    members = np.zeros((len(keys), given.values * demonstrations), np.float32)
    members[np.arange(len(keys)), keys] = 1
    wrong = ((~given.right[:, taken]).astype(np.float32) @ members).reshape(-1, given.values, demonstrations)
    there = members.any(0).reshape(given.values, demonstrations)
    order = np.argsort(given.costs, kind="stable")
    found = np.ones(demonstrations, bool)
    for one in range(demonstrations):
        others = np.arange(demonstrations) != one
        for value in np.flatnonzero(there[:, one]):
            holds = (wrong[:, value][:, others] == 0).all(1)[order]
            found[one] &= there[value, others].any() and wrong[order[holds.argmax()], value, one] == 0
    return found
