"""Mini-ARC: rules on 6 x 6 grids of ARC's colours, told apart by their identifier or by demonstrations alone. Needs no file.

The five rules are mirror left-right, mirror up-down, recolour (each colour by the next), shift (one column to the right, around the edge)
and fill (the whole grid in the commonest colour other than black). The composed rules are seven moves, three recolourings, and each of
the one with each of the other: enough of them to keep some from the training and ask for them by demonstrations. The same grid has as
many answers as there are rules, so a network must read both the grid and what tells the rule.
"""

import random
from collections.abc import Callable

import numpy as np

from arc.grids.augmentation import Augmentation, random_augmentation
from arc.grids.symmetries import dihedral
from hrm.puzzles.examples import PAD, Examples, generator
from longrun.errors import UserError
from longrun.words import nearest

Rule = Callable[[np.ndarray], np.ndarray]
"""Grids (B, 6, 6) of colours 0..9 to their answers."""

SIDE = 6
COLOUR = 2
"""Token of colour 0; 0 is PAD and 1 the end of a row or column."""
BLACK = 0.4
"""Share of black cells."""
PALETTE = 4
"""Colours a grid has at most, beside black."""
# For each symmetry, which cell of the grid comes to each place.
_SYMMETRIES = np.stack([dihedral(np.arange(SIDE * SIDE).reshape(SIDE, SIDE), s).ravel() for s in range(8)])


def random_grids(numbers: np.random.Generator, count: int) -> np.ndarray:
    """(count, 6, 6) int32 of colours 0..9, whose commonest colour but black leads by two cells at least."""
    grids = np.zeros((count, SIDE, SIDE), np.int32)
    missing = np.arange(count)
    while missing.size:
        palettes = 1 + np.argsort(numbers.random((len(missing), 9)), axis=1)[:, :PALETTE]
        chosen = numbers.integers(0, PALETTE, (len(missing), SIDE * SIDE))
        cells = np.take_along_axis(palettes, chosen, axis=1)
        cells[numbers.random(cells.shape) < BLACK] = 0
        grids[missing] = cells.reshape(-1, SIDE, SIDE)
        counts = np.sort(_colour_counts(grids[missing])[:, 1:], axis=1)
        missing = missing[counts[:, -1] - counts[:, -2] < 2]
    return grids


def _recoloured(by: int) -> Rule:
    return lambda grids: np.where(grids > 0, (grids - 1 + by) % 9 + 1, 0)


def _filled(grids):
    commonest = 1 + _colour_counts(grids)[:, 1:].argmax(axis=1)
    return np.broadcast_to(commonest[:, None, None], grids.shape)


MOVES: dict[str, Rule] = {
    "mirror left-right": lambda grids: grids[:, :, ::-1],
    "mirror up-down": lambda grids: grids[:, ::-1],
    "turn": lambda grids: grids[:, ::-1, ::-1],
    "shift right": lambda grids: np.roll(grids, 1, axis=2),
    "shift left": lambda grids: np.roll(grids, -1, axis=2),
    "shift down": lambda grids: np.roll(grids, 1, axis=1),
    "shift up": lambda grids: np.roll(grids, -1, axis=1),
}
RECOLOURINGS = {"recolour": _recoloured(1), "recolour by two": _recoloured(2), "recolour by three": _recoloured(3)}


def _composed(move: Rule, recolouring: Rule) -> Rule:
    return lambda grids: recolouring(move(grids))


RULES: dict[str, dict[str, Rule]] = {
    "five": {
        "mirror left-right": MOVES["mirror left-right"],
        "mirror up-down": MOVES["mirror up-down"],
        "recolour": RECOLOURINGS["recolour"],
        "shift": MOVES["shift right"],
        "fill": _filled,
    },
    "composed": MOVES
    | RECOLOURINGS
    | {f"{move} and {then}": _composed(MOVES[move], RECOLOURINGS[then]) for move in MOVES for then in RECOLOURINGS},
}
TASKS = tuple(RULES["five"])


def answer(task: int, grids: np.ndarray, rules: str = "five") -> np.ndarray:
    """The rule of a task on grids (B, 6, 6)."""
    return list(RULES[rules].values())[task](grids)


class MiniArc:
    """A family of rules, each in `variants` augmented variants with identifiers of their own; the first is the rule as it stands.

    pairing: "joint" applies a variant's one augmentation to the inputs and outputs of all its pairs, demonstrations too. "independent"
    draws afresh for every single grid, so that no relation between input and output is left. unseen: rules that `batch` and `held_out`
    never show. shown: fewest and most demonstrations of each pair, (0, 0) for none. Raises UserError for unknown rules, or where none is
    left to train on.
    """

    content = ""

    def __init__(
        self,
        variants: int = 1,
        pairing: str = "joint",
        seed: int = 0,
        rules: str = "five",
        unseen: tuple[str, ...] = (),
        shown: tuple[int, int] = (0, 0),
    ):
        self.tasks = tuple(RULES[rules])
        for name in unseen:
            if name not in self.tasks:
                raise UserError(f"no rule {name!r} among the {rules} of mini-arc{nearest(name, self.tasks)}")
        if set(unseen) == set(self.tasks):
            raise UserError(f"all {len(self.tasks)} rules are unseen: none is left to train on")
        self._rules, self._pairing, self._shown = rules, pairing, shown
        self._augmentations = [augmentation for task in self.tasks for augmentation in _distinct(task, variants, seed)]
        self._task = np.repeat(np.arange(len(self.tasks), dtype=np.int32), variants)
        self._colours = np.array([a.colours for a in self._augmentations], np.int32)
        self._symmetry = np.array([a.symmetry for a in self._augmentations])
        self.identifiers = tuple(
            f"{self.tasks[task]}|||{a.symmetry}|||{''.join(map(str, a.colours))}"
            for task, a in zip(self._task, self._augmentations, strict=True)
        )
        is_unseen = np.isin(self._task, [self.tasks.index(name) for name in unseen])
        rows = np.arange(len(self.identifiers), dtype=np.int32)
        self._trained, self._unseen = rows[~is_unseen], rows[is_unseen]

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Pairs of a training step."""
        return self._examples(seed, step, "mini-arc", self._trained, count)

    def held_out(self, count: int) -> Examples:
        """Pairs of grids that training does not draw, the tasks in turn."""
        return self._examples(0, 0, "mini-arc held out", self._trained, count, in_turn=True)

    def unseen(self, count: int) -> Examples:
        """The same of rules that training does not draw."""
        return self._examples(0, 0, "mini-arc unseen", self._unseen, count, in_turn=True)

    def probes(self, held_out: Examples) -> Examples:
        """The held-out pairs, of which every task has its share."""
        return held_out

    def _examples(self, seed, step, name, rows, count, in_turn=False):
        numbers = generator(seed, step, name)
        drawn = numbers.integers(0, len(rows), count)
        identifier = rows[np.arange(count) % len(rows) if in_turn else drawn]
        tokens, labels = self._pairs(numbers, identifier)
        # The share of cells that the answer changes; how hard that is differs from rule to rule.
        difficulty = (tokens != labels).mean(axis=1, dtype=np.float32)
        # Numbers of their own: whether they are shown changes no question.
        shown = self._demonstrations(generator(seed, step, f"{name} demonstrations"), identifier)
        return Examples(tokens, labels, identifier, self._task[identifier], difficulty, shown)

    def _demonstrations(self, numbers, identifier):
        # Fresh grids of the same rule and augmentation. That one of them is the question's has a chance of about 4 ** -36.
        fewest, most = self._shown
        if not most:
            return None
        pairs = np.stack(self._pairs(numbers, np.repeat(identifier, most)), axis=1).reshape(-1, most, 2, SIDE * SIDE)
        count = numbers.integers(fewest, most + 1, len(identifier))
        return np.where((np.arange(most) < count[:, None])[..., None, None], pairs, np.int32(PAD))

    def _pairs(self, numbers, identifier):
        """Questions and answers (B, N) of fresh grids."""
        task, count = self._task[identifier], len(identifier)
        grids = random_grids(numbers, count)
        answers = np.empty_like(grids)
        for index in np.unique(task):
            answers[task == index] = answer(index, grids[task == index], self._rules)
        if self._pairing == "joint":
            symmetry, colours = self._symmetry[identifier], self._colours[identifier]
            draws = [(symmetry, colours), (symmetry, colours)]
        else:
            draws = [_free_draw(numbers, count) for _ in range(2)]
        return tuple(COLOUR + _augmented(cells, *draw) for cells, draw in zip((grids, answers), draws, strict=True))


def _distinct(task, variants, seed):
    """`variants` different augmentations of a task, the identity first, always the same ones for a seed."""
    chance, found = random.Random(f"{seed} {task}"), [Augmentation()]
    while len(found) < variants:
        drawn = random_augmentation(chance)
        if drawn not in found:
            found.append(drawn)
    return found


def _free_draw(numbers, count):
    colours = np.concatenate([np.zeros((count, 1), int), 1 + np.argsort(numbers.random((count, 9)), axis=1)], axis=1)
    return numbers.integers(0, 8, count), colours


def _augmented(grids, symmetry, colours):
    cells = np.take_along_axis(grids.reshape(-1, SIDE * SIDE), _SYMMETRIES[symmetry], axis=1)
    return np.take_along_axis(colours, cells, axis=1).astype(np.int32)


def _colour_counts(grids):
    return (grids.reshape(-1, SIDE * SIDE, 1) == np.arange(10)).sum(axis=1)
