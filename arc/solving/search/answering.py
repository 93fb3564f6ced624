"""The answers of the search to a task: every rule that gives all demonstrations votes for what it gives the tests."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from arc.grids.tasks import Task, grid_key
from arc.solving.frames import frames
from arc.solving.search.exploring import Exploration, State
from arc.solving.search.pieces import of_relations, of_states, target_of
from arc.solving.search.pool import Pool
from arc.solving.search.renaming import Renamed, background_first, by_frequency
from arc.solving.search.stacking import stacks
from arc.solving.search.tables import Fit, tables

DEPTH = 3
STAGES = (0.2, 1.0)
"""Shares of the work after which the search ends if it is sure."""
RENAMED_SHARE = 0.3
"""Of the work, what is spent on colours numbered by how common they are, if the search is not sure yet."""
RENAMED_COST = 1.0
"""What a rule for colours by number costs besides, in steps."""
HALVING = 1.0
"""How much more a rule costs whose vote counts half as much, in steps."""
LEAST_TRUST = 0.005
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


class Ballot(NamedTuple):
    """A rule's answer to all tests, and what it counts."""

    grids: tuple[np.ndarray, ...]
    fit: Fit
    weight: float


def answers(task: Task, work: int, depth: int = DEPTH) -> list[Found]:
    """The different answers, that with the most votes first; none where no rule fits all demonstrations.

    work: Transformations that are computed at most: a number and not a time, so that answers repeat bit for bit.
    """
    plain = background_first(task)
    found: list[Found] = []
    for ballots in _in_stages(plain, work, depth):
        found = _counted(ballots)
        if is_sure(found):
            return found
    numbered = by_frequency(plain.task)
    if numbered is not None:
        back = tuple(names[order] for names, order in zip(plain.names, numbered.names, strict=True))
        (more,) = _in_stages(Renamed(numbered.task, back), int(work * RENAMED_SHARE), depth, (1.0,), RENAMED_COST)
        found = _counted([*ballots, *more])
    return found


def _counted(ballots: Sequence[Ballot]) -> list[Found]:
    """Equal answers counted together."""
    cast: dict[tuple[bytes, ...], list[Ballot]] = {}
    for ballot in ballots:
        cast.setdefault(tuple(map(grid_key, ballot.grids)), []).append(ballot)
    found = []
    for alike in cast.values():
        best = max(alike, key=lambda ballot: ballot.weight)
        rule = " > ".join(best.fit.path) or "the input"
        found.append(Found(best.grids, sum(ballot.weight for ballot in alike), rule, max(ballot.fit.trust for ballot in alike)))
    return sorted(found, key=lambda one: -one.weight)


def is_sure(found: Sequence[Found]) -> bool:
    """Whether the first answer needs no second opinion: a rule that every demonstration confirms, and hardly a vote for another."""
    if not found or found[0].trust < 1 or found[0].weight < SURE:
        return False
    return found[0].weight >= SURE_SHARE * sum(one.weight for one in found)


def _in_stages(renamed: Renamed, work, depth, stages=STAGES, cost=0.0) -> Iterator[list[Ballot]]:
    """After each of the stages what all rules found so far say."""
    task, pool, states = renamed.task, Pool(), []
    found = Exploration(pool, [pair.input for pair in task.pairs], work, depth).states()
    for share in stages:
        states += _until(found, pool, share * work)
        ballots = []
        for shapes, fit in _fits(task, pool, states):
            grids = tuple(names[grid] for names, grid in zip(renamed.names, _cut(fit.asked, shapes), strict=True))
            if cost:
                fit = fit._replace(path=("colours by number", *fit.path))
            ballots.append(Ballot(grids, fit, max(fit.trust, LEAST_TRUST) * 2 ** (-(fit.cost + cost) / HALVING)))
        yield ballots


def _until(states: Iterator[State], pool: Pool, work: float) -> Iterator[State]:
    for state in states:
        yield state
        if pool.work >= work:
            return


def _fits(task, pool, states) -> Iterator[tuple[tuple, Fit]]:
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
