"""The answers of the search to a task: every rule that gives all demonstrations votes for what it gives the tests."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from arc.grids.tasks import Pair, Task
from arc.solving.frames import background_of, frames
from arc.solving.search.exploring import Exploration
from arc.solving.search.pieces import of_relations, of_states, target_of
from arc.solving.search.pool import Pool
from arc.solving.search.stacking import stacks
from arc.solving.search.tables import Fit, tables

DEPTH = 3
HALVING = 1.0
"""How much more a rule costs whose vote counts half as much, in steps."""
LEAST_TRUST = 0.02
"""Of a rule that no demonstration confirms."""
SURE = 0.2
"""Votes of an answer that is believed without asking the networks, if it has this share of all votes as well."""
SURE_SHARE = 0.9


class Found(NamedTuple):
    """An answer to all tests of a task, the votes for it, and the simplest rule that gives it."""

    grids: tuple[np.ndarray, ...]
    weight: float
    rule: str
    trust: float


def answers(task: Task, work: int, depth: int = DEPTH) -> list[Found]:
    """The different answers, that with the most votes first; none where no rule fits all demonstrations.

    work: Transformations that are computed at most: a number and not a time, so that answers repeat bit for bit.
    """
    background = background_of(task)
    names = np.arange(10, dtype=np.int8)
    names[[0, background]] = background, 0
    plain = Task(task.id, _renamed(task.train, names), _renamed(task.test, names))
    ballots: dict[bytes, list[tuple[Fit, tuple]]] = {}
    for shapes, fit in _fits(plain, work, depth):
        ballots.setdefault(repr(shapes).encode() + fit.asked.tobytes(), []).append((fit, shapes))
    found = []
    for cast in ballots.values():
        best, shapes = max(cast, key=lambda one: _weight(one[0]))
        grids = tuple(names[grid] for grid in _cut(best.asked, shapes))
        found.append(
            Found(grids, sum(_weight(fit) for fit, _ in cast), " > ".join(best.path) or "the input", max(fit.trust for fit, _ in cast))
        )
    return sorted(found, key=lambda one: -one.weight)


def is_sure(found: Sequence[Found]) -> bool:
    """Whether the first answer needs no second opinion: a rule that every demonstration confirms, and hardly a vote for another."""
    if not found or found[0].trust < 1 or found[0].weight < SURE:
        return False
    return found[0].weight >= SURE_SHARE * sum(one.weight for one in found)


def _weight(fit):
    return max(fit.trust, LEAST_TRUST) * 2 ** (-fit.cost / HALVING)


def _renamed(pairs: Sequence[Pair], names):
    return tuple(Pair(names[pair.input], None if pair.output is None else names[pair.output]) for pair in pairs)


def _fits(task, work, depth) -> Iterator[tuple[tuple, Fit]]:
    pool = Pool()
    states = Exploration(pool, [pair.input for pair in task.pairs], work, depth).states()
    target, owner = target_of(task)
    groups = of_states(task, pool, states)
    for shapes, pieces in groups.items():
        yield from ((shapes.tests, fit) for fit in stacks(pieces, target))
    laid = frames(task)
    if laid:
        shapes, pieces = of_relations(task, laid[0], 0)
        pieces = pieces + groups.get(shapes, [])
    elif groups:
        shapes, pieces = max(groups.items(), key=lambda group: len(group[1]))
    else:
        return
    yield from ((shapes.tests, fit) for fit in tables(pieces, target, owner))


def _cut(cells, shapes):
    sizes = np.cumsum([height * width for height, width in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(cells, sizes[:-1]), shapes, strict=True)]
