"""The answers of the search to a task: every rule that gives all demonstrations votes for what it gives the tests."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from arc.grids.tasks import COLOURS, Task, grid_key
from arc.solving.frames import frames
from arc.solving.search.exploring import Exploration, State
from arc.solving.search.growing import growing
from arc.solving.search.looking_again import looks
from arc.solving.search.pieces import Piece, Shapes, as_grids, of_relations, of_states, target_of
from arc.solving.search.pool import Pool
from arc.solving.search.renaming import Renamed, background_first, by_frequency
from arc.solving.search.stacking import stacks
from arc.solving.search.switches import switches
from arc.solving.search.tables import Fit, tables
from arc.solving.search.views import View, views

DEPTH = 3
FRAMES = 2
"""Ways to lay answers over inputs for which rules of cells are tried."""
QUICK, THOROUGH = "quick", "thorough"
FIRST_SHARE = 0.2
"""Of the work, after which the search ends if it is sure."""
RENAMED_SHARE = 0.3
"""Of the work, what is spent on colours numbered by how common they are, if the search is not sure yet."""
RENAMED_COST = 1.0
"""What a rule for colours by number costs besides, in steps."""
VIEW_SHARE = 0.2
"""Of the work, what is spent on each view of the task, if the search is not sure yet."""
VIEW_COST = 1.0
"""What a rule of a view costs besides, in steps."""
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
    cast: dict[str, list[Ballot]] = {}
    found: list[Found] = []
    for name, ballots in _rounds(task, work, depth):
        # What is thorough finds all that is quick too.
        cast[THOROUGH if name == QUICK else name] = ballots
        found = _counted([ballot for each in cast.values() for ballot in each])
        if is_sure(found) or (name == THOROUGH and is_settled(found)):
            break
    return found


def is_sure(found: Sequence[Found]) -> bool:
    """Whether the first answer needs no second opinion: a rule that every demonstration confirms, and hardly a vote for another."""
    if not found or found[0].trust < 1 or found[0].weight < SURE:
        return False
    return found[0].weight >= SURE_SHARE * sum(one.weight for one in found)


def is_settled(found: Sequence[Found]) -> bool:
    """Whether the first answer is simple and confirmed by every demonstration, though others are too: no more of them are looked for."""
    return bool(found) and found[0].trust == 1 and found[0].weight >= SURE


def _rounds(task: Task, work: int, depth: int) -> Iterator[tuple[str, list[Ballot]]]:
    """(name, ballots) of one way to look for rules after another, what takes little time first."""
    plain = background_first(task)
    search = _Search(plain.task, work, depth)
    search.explore(FIRST_SHARE)
    yield QUICK, _ballots(plain, search.quick())
    search.explore(1.0)
    yield THOROUGH, _ballots(plain, search.thorough())
    for view in views(plain.task):
        yield view.name, list(_put_back(view, plain, int(work * VIEW_SHARE), depth))
    numbered = by_frequency(plain.task)
    if numbered is not None:
        back = tuple(names[order] for names, order in zip(plain.names, numbered.names, strict=True))
        again = _Search(numbered.task, int(work * RENAMED_SHARE), depth)
        again.explore(1.0)
        yield "numbers", _ballots(Renamed(numbered.task, back), again.thorough(), "colours by number", RENAMED_COST)
    yield "again", _ballots(plain, search.looking_again())


def _ballots(renamed: Renamed, fits: Iterator[tuple[Shapes, Fit]], name: str = "", cost: float = 0.0) -> list[Ballot]:
    """Answers in the task's own colours; a name and a cost of how the rules were found."""
    ballots = []
    for shapes, fit in fits:
        grids = tuple(names[grid] for names, grid in zip(renamed.names, as_grids(fit.asked, shapes.tests), strict=True))
        named = fit._replace(path=(name, *fit.path)) if name else fit
        ballots.append(Ballot(grids, named, max(fit.trust, LEAST_TRUST) * 2 ** (-(fit.cost + cost) / HALVING)))
    return ballots


def _put_back(view: View, plain: Renamed, work: int, depth: int) -> Iterator[Ballot]:
    """The ballots of a view, as answers to the task itself."""
    search = _Search(view.task, work, depth)
    search.explore(1.0)
    same = Renamed(view.task, (np.arange(COLOURS, dtype=np.int8),) * len(view.task.test))
    for ballot in _ballots(same, search.thorough(), view.name, VIEW_COST):
        whole = view.put_back(ballot.grids)
        if whole is not None:
            yield ballot._replace(grids=tuple(names[grid] for names, grid in zip(plain.names, whole, strict=True)))


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


class _Search:
    """Pictures of a task found so far, and the rules that are read off them."""

    def __init__(self, task: Task, work: int, depth: int):
        self._task, self._work, self._pool = task, work, Pool()
        self._states: list[State] = []
        self._coming = Exploration(self._pool, [pair.input for pair in task.pairs], work, depth).states()
        self._target, self._owner = target_of(task)
        self._lying: list[tuple[Shapes, list[Piece]]] = []

    def explore(self, share: float) -> None:
        """Go on until that share of the work is done."""
        for state in self._coming:
            self._states.append(state)
            if self._pool.work >= share * self._work:
                break
        self._groups = of_states(self._task, self._pool, self._states)

    def quick(self) -> Iterator[tuple[Shapes, Fit]]:
        """Stacks, and tables for the first frame."""
        yield from self._stacks()
        for shapes, pieces in self._lying_over(1):
            yield from ((shapes, fit) for fit in tables(pieces, self._target, self._owner))

    def thorough(self) -> Iterator[tuple[Shapes, Fit]]:
        """Rules of all kinds."""
        yield from self._stacks()
        outputs = [pair.output for pair in self._task.train]
        for shapes, pieces in self._lying_over(FRAMES):
            yield from ((shapes, fit) for kind in (tables, switches) for fit in kind(pieces, self._target, self._owner))
            yield from ((shapes, fit) for fit in growing(pieces, outputs, shapes.tests))

    def looking_again(self) -> Iterator[tuple[Shapes, Fit]]:
        """Rules that read what another rule has nearly made of the input."""
        for shapes, pieces in self._lying_over(1):
            simple = [piece for piece in pieces if piece.is_picture and piece.depth <= 1]
            for seen in looks(self._task, shapes, pieces, self._target):
                found = (fit for kind in (tables, switches) for fit in kind(simple + seen, self._target, self._owner))
                yield from ((shapes, fit) for fit in found)

    def _stacks(self):
        for shapes, pieces in self._groups.items():
            yield from ((shapes, fit) for fit in stacks(pieces, self._target))

    def _lying_over(self, most) -> Iterator[tuple[Shapes, list[Piece]]]:
        """What the first frames know of the answers' cells, and pictures of that shape; without a frame, the most pictures."""
        laid = frames(self._task)[:most]
        for frame in laid[len(self._lying) :]:
            self._lying.append(of_relations(self._task, frame, 0))
        for shapes, pieces in self._lying[:most]:
            yield shapes, pieces + self._groups.get(shapes, [])
        if self._groups and not laid:
            yield max(self._groups.items(), key=lambda group: len(group[1]))
