"""Mini-ARC: five rules on 6 x 6 grids of ARC's colours, told apart by their identifier alone. Needs no file.

The rules are mirror left-right, mirror up-down, recolour (each colour by the next), shift (one column to the right, around the edge)
and fill (the whole grid in the commonest colour other than black). The same grid has five answers, so a network must read both the grid
and the identifier.
"""

import random

import numpy as np

from arc.augment import Augmentation, dihedral, random_augmentation
from hrm.puzzles.examples import Examples, generator

SIDE = 6
COLOUR = 2
"""Token of colour 0; 0 is PAD and 1 the end of a row or column."""
TASKS = ("mirror left-right", "mirror up-down", "recolour", "shift", "fill")
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


def answer(task: int, grids: np.ndarray) -> np.ndarray:
    """The rule of a task on grids (B, 6, 6)."""
    if task == 0:
        return grids[:, :, ::-1]
    if task == 1:
        return grids[:, ::-1]
    if task == 2:
        return np.where(grids > 0, grids % 9 + 1, 0)
    if task == 3:
        return np.roll(grids, 1, axis=2)
    commonest = 1 + _colour_counts(grids)[:, 1:].argmax(axis=1)
    return np.broadcast_to(commonest[:, None, None], grids.shape)


class MiniArc:
    """The five tasks, each in `variants` augmented variants with identifiers of their own; the first is the task as it stands.

    pairing: "joint" applies a variant's one augmentation to the inputs and outputs of all its pairs. "independent" draws afresh for every
    single grid, so that no relation between input and output is left.
    """

    tasks = TASKS

    def __init__(self, variants: int = 1, pairing: str = "joint", seed: int = 0):
        self._pairing = pairing
        self._augmentations = [augmentation for task in TASKS for augmentation in _distinct(task, variants, seed)]
        self._task = np.repeat(np.arange(len(TASKS), dtype=np.int32), variants)
        self._colours = np.array([a.colours for a in self._augmentations], np.int32)
        self._symmetry = np.array([a.symmetry for a in self._augmentations])
        self.identifiers = tuple(
            f"{TASKS[task]}|||{a.symmetry}|||{''.join(map(str, a.colours))}"
            for task, a in zip(self._task, self._augmentations, strict=True)
        )

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Pairs of a training step."""
        return self._pairs(generator(seed, step, "mini-arc"), count)

    def held_out(self, count: int) -> Examples:
        """Pairs of grids that training does not draw, the tasks in turn."""
        return self._pairs(generator(0, 0, "mini-arc held out"), count, in_turn=True)

    def _pairs(self, numbers, count, in_turn=False):
        drawn = numbers.integers(0, len(self.identifiers), count)
        identifier = (np.arange(count) % len(self.identifiers) if in_turn else drawn).astype(np.int32)
        task = self._task[identifier]
        grids = random_grids(numbers, count)
        answers = np.empty_like(grids)
        for index in range(len(TASKS)):
            answers[task == index] = answer(index, grids[task == index])
        if self._pairing == "joint":
            symmetry, colours = self._symmetry[identifier], self._colours[identifier]
            draws = [(symmetry, colours), (symmetry, colours)]
        else:
            draws = [_free_draw(numbers, count) for _ in range(2)]
        tokens, labels = (COLOUR + _augmented(cells, *draw) for cells, draw in zip((grids, answers), draws, strict=True))
        # The share of cells that the answer changes; how hard that is differs from rule to rule.
        difficulty = (tokens != labels).mean(axis=1, dtype=np.float32)
        return Examples(tokens, labels, identifier, task, difficulty)


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
