"""Test-time training of one task from nothing: small networks fitted to its demonstrations, and their votes on its test inputs (new here).

A task's budget is spent in eight rounds. Each is a guess at what kind of rule it is (which frame, whether it is blind to turns and to the
names of colours), and trains eight networks on it, most of them kept from one demonstration. A network's vote counts by the
demonstrations that it, or its siblings, answered without having seen them: so the guesses judge themselves.
"""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from arc.grids.augmentation import Augmentation
from arc.grids.canvas import PAD
from arc.grids.symmetries import SYMMETRIES
from arc.grids.tasks import COLOURS, Pair, Task
from arc.solving.cells import MEMBERS, NO_COLOUR, PALETTE_SIZES, Cells, Known
from arc.solving.frames import SOURCES, Frame, NoFrame, background_of, frames, turned
from arc.solving.relations import places, relations
from arc.solving.voting import Vote
from longrun.step import schedule, seeding

BATCH = 256
"""Cells of a step."""
LEARNING_RATE = 0.01
SIBLINGS = 4
"""Members of a family: kept from one demonstration each, as far as there are three, and the rest from none."""


class Guess(NamedTuple):
    """What a round takes the rule for: number of the frame; whether turned, and recoloured, tasks have the same rule."""

    frame: int
    turned: bool
    recoloured: bool


ROUNDS = (
    Guess(0, False, False),
    Guess(0, True, False),
    Guess(1, False, False),
    Guess(0, True, True),
    Guess(0, False, False),
    Guess(2, True, False),
    Guess(0, False, False),
    Guess(1, True, True),
)


class Budget:
    """What a task may cost: training steps, and CPU seconds (0: no limit, and then answers depend on nothing but the seed).

    Each of `rounds` has its share; what it spends of it is the larger of the share of its steps and the share of its seconds.
    """

    def __init__(self, steps: int, seconds: float, rounds: int):
        self.steps, self.seconds, self.rounds = max(1, steps // rounds), seconds, rounds
        self.done = 0
        self._begun = time.process_time()

    def round(self, number: int) -> Iterator[tuple[int, float]]:
        """(step, share of the round that is spent) until it is spent. The first step is always taken."""
        begun = time.process_time()
        end = self._begun + self.seconds * (number + 1) / self.rounds
        for step in range(self.steps):
            spent = step / self.steps
            if self.seconds:
                spent = max(spent, (time.process_time() - begun) / max(end - begun, 1e-9))
            if step and spent >= 1:
                return
            self.done += 1
            yield step, spent


class Example(NamedTuple):
    """One pair in one view: what is known of the cells of its output, that output's shape, and its cells if they are known."""

    known: Known
    shape: tuple[int, int]
    target: np.ndarray | None


class CellLearner:
    """Learns a task with arc.solving.cells. seed: with a task's id and the step it determines everything."""

    rounds = len(ROUNDS)

    def __init__(self, seed: int = 0, mode: str = "graph"):
        self.seed, self._cells = seed, Cells(mode)

    def learn(self, task: Task, budget: Budget) -> Iterator[list[list[Vote]]]:
        """After each round the votes so far, a list for each test input. NoFrame where no frame fits the demonstrations."""
        laid, code = frames(task), seeding.name_code(task.id)
        if not laid:
            raise NoFrame(f"task {task.id}: no rule for the shape of the output fits its demonstrations")
        votes = [[] for _ in task.test]
        for number, guess in enumerate(ROUNDS):
            frame = laid[guess.frame if guess.frame < len(laid) else 0]
            generator = np.random.default_rng([self.seed, code, number])
            views = _views(guess, generator)
            lesson = Lesson(task, frame, views, generator)
            self._cells.reset(generator, lesson.families)
            for step, spent in budget.round(number):
                batch = lesson.batch(np.random.default_rng([self.seed, code, number, 1 + step]))
                self._cells.step(batch, {"learning_rate": schedule.cosine(spent, 1, LEARNING_RATE, LEARNING_RATE / 10)})
            trust = lesson.trust(self._cells)
            for place, pair in enumerate(task.test):
                for view in views:
                    votes[place] += _votes(self._cells, lesson.example(Pair(pair.input, None), view), view, trust / len(views))
            yield votes


def _views(guess, generator):
    symmetries = range(SYMMETRIES if guess.turned else 1)
    if not guess.recoloured:
        return [Augmentation(symmetry) for symmetry in symmetries]
    return [Augmentation(symmetry, (0, *map(int, 1 + generator.permutation(COLOURS - 1)))) for symmetry in symmetries]


def _votes(cells, example, view, trust):
    colours, sure = cells.answers(example.known)
    return [
        Vote(view.invert(colours[:, member].reshape(example.shape).astype(np.int8)), float(sure[:, member].mean()), float(trust[member]))
        for member in range(MEMBERS)
    ]


class Lesson:
    """The demonstrations of a task in some views, in one frame: what a round trains on, and what it keeps from whom (drawn)."""

    def __init__(self, task: Task, frame: Frame, views: Sequence[Augmentation], generator: np.random.Generator):
        self._frame, self._background, self._palette = frame, background_of(task), palette_of(task)
        count = len(task.train)
        # A network kept from the only demonstration would learn nothing.
        kept = [*generator.permutation(count)[: SIBLINGS - 1]] if count > 1 else []
        kept += [-1] * (SIBLINGS - len(kept))
        self.families = np.arange(MEMBERS) // SIBLINGS
        self.kept_from = np.array(kept)[np.arange(MEMBERS) % SIBLINGS]
        """(MEMBERS,): the demonstration that a member never sees, -1 for none."""
        self._examples = [(place, self.example(pair, view)) for place, pair in enumerate(task.train) for view in views]
        self._owner = np.concatenate([np.full(one.target.size, place) for place, one in self._examples])
        self._known = Known(*(np.concatenate(parts) for parts in zip(*(one.known for _, one in self._examples), strict=True)))
        self._target = np.concatenate([one.target for _, one in self._examples])
        self._cumulated = self._chances(count)

    def example(self, pair: Pair, view: Augmentation) -> Example:
        """A pair in a view."""
        grid, sources = view.apply(pair.input), turned(self._frame.sources(pair.input), pair.input.shape, view.symmetry)
        names = np.array([*view.colours, PAD, NO_COLOUR], np.int32)
        known = known_of(grid, sources, int(names[self._background]), names[self._palette])
        return Example(known, sources.shape[1:], None if pair.output is None else view.apply(pair.output).ravel().astype(np.int32))

    def _chances(self, count):
        """Running sum of the chance of each cell to be drawn: demonstrations alike, and half of each to cells that change."""
        changed = self._target != self._known.colours[:, -SOURCES]
        groups = self._owner * 2 + changed
        chance = (1 / np.bincount(groups, minlength=2 * count).clip(1))[groups]
        return np.cumsum(chance) / chance.sum()

    def batch(self, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """BATCH cells for Cells.step."""
        rows = np.searchsorted(self._cumulated, generator.random(BATCH)).clip(0, len(self._target) - 1)
        weight = (self._owner[rows][:, None] != self.kept_from).astype(np.float32)
        return {**self._known.take(rows), "target": self._target[rows], "weight": weight}

    def trust(self, cells: Cells) -> np.ndarray:
        """How much a member's vote counts, (MEMBERS,): the share of the demonstrations kept from its family that they answer.

        A tenth of the share of the others that it answers itself comes on top: what does not even fit those is likely wrong.
        """
        right = np.zeros((self._owner.max() + 1, MEMBERS))
        for place, one in self._examples:
            right[place] += (cells.answers(one.known)[0] == one.target[:, None]).all(axis=0)
        right /= len(self._examples) / len(right)
        unseen = np.arange(len(right))[:, None] == self.kept_from
        shares = np.zeros(MEMBERS)
        for family in range(self.families.max() + 1):
            members = self.families == family
            shares[members] = right[:, members][unseen[:, members]].mean() if unseen[:, members].any() else 0.0
        return shares + 0.1 * np.where(unseen, 0, right).sum(axis=0) / (~unseen).sum(axis=0)


def palette_of(task: Task) -> np.ndarray:
    """Colours of the task, tests' outputs apart, filled up with NO_COLOUR to one of PALETTE_SIZES; (K,) int32."""
    grids = [grid for pair in task.train for grid in (pair.input, pair.output)] + [pair.input for pair in task.test]
    colours = np.unique(np.concatenate([grid.ravel() for grid in grids]))
    size = next(size for size in PALETTE_SIZES if size >= len(colours))
    return np.concatenate([colours, np.full(size - len(colours), NO_COLOUR)]).astype(np.int32)


def known_of(grid: np.ndarray, sources: np.ndarray, background: int, palette: np.ndarray) -> Known:
    """What is known of the cells of an output that lies over `grid` as sources (V, height, width) say; palette (K,)."""
    found = relations(grid, background)
    first, *_ = maps = sources.reshape(len(sources), -1)
    seen = np.full((first.size, SOURCES), PAD, np.int8)
    seen[:, : len(maps)] = grid.ravel()[maps].T
    colours = np.concatenate([found.colours.reshape(grid.size, -1)[first], seen], axis=1)
    facts = np.concatenate([found.facts.reshape(grid.size, -1)[first], places(*sources.shape[1:]).reshape(first.size, -1)], axis=1)
    presence = found.presence.reshape(grid.size, COLOURS, -1)[first][:, palette.clip(0, COLOURS - 1)]
    presence = np.where(palette[:, None] < COLOURS, presence, 0).astype(np.float32)
    return Known(colours, facts, presence, np.broadcast_to(palette, (first.size, len(palette))))
