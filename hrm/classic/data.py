"""Pairs as the original run fed them: one grid in, one grid out, at the top left of a canvas, turned and recoloured.

Each fault can be mended.
"""

import random

import numpy as np

from arc.grids.symmetries import dihedral
from arc.grids.tasks import COLOURS, load
from hrm.classic.config import CLASSES, ClassicConfig
from hrm.puzzles.arc_grids import TRAINING, whole_tasks
from hrm.puzzles.examples import IGNORED, Examples, evenly, generator
from hrm.puzzles.mini_arc import COLOUR, MiniArc
from hrm.puzzles.mini_arc import SIDE as MINI_SIDE
from longrun.errors import UserError

PADDING = CLASSES - 1
"""Token of cells outside the grid, where it is not that of black."""


class Pairs:
    """Training pairs and held-out ones. ARC's test pairs are held out; the original run used none."""

    def __init__(self, config: ClassicConfig):
        self._config = config
        if config.data.tasks == "mini-arc":
            self._mini = MiniArc()
            self.tasks, self.identifiers = self._mini.tasks, self._mini.identifiers
            return
        fits = [task for task in load(TRAINING) if max(max(g.shape) for p in task.pairs for g in (p.input, p.output)) <= config.model.side]
        if not fits:
            raise UserError(f"no task fits a canvas of side {config.model.side}")
        self._tasks, self.tasks = fits, tuple(task.id for task in fits)
        self.identifiers = self.tasks

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Pairs of a step, augmented."""
        chance = random.Random(int(generator(seed, step, "classic").integers(2**62)))
        rows = []
        for task, question, answer in self._drawn(seed, step, count, chance):
            first = self._draw(chance)
            # The fault: a second draw, whatever the first was.
            second = self._draw(chance) if self._config.faults.independent_augmentation else first
            if not self._config.faults.independent_augmentation and not self._config.faults.no_task_identity:
                first = second = (0, np.arange(CLASSES))  # A task's vector stands for the task as it is, not for its symmetries.
            rows.append((task, self._canvas(question, *first), self._canvas(answer, *second)))
        return self._examples(rows)

    def held_out(self, count: int) -> Examples:
        """Pairs that no step shows, as they stand."""
        if self._config.data.tasks == "mini-arc":
            return self._as_they_stand(self._mini_pairs(self._mini.held_out(count)))
        return self._evenly([(index, pair) for index, task in enumerate(self._tasks) for pair in task.test], count)

    def training(self, count: int) -> Examples:
        """Pairs that steps show, as they stand."""
        if self._config.data.tasks == "mini-arc":
            return self._as_they_stand(self._mini_pairs(self._mini.batch(self._config.run.seed, 0, count)))
        return self._evenly([(index, pair) for index, task in enumerate(self._tasks) for pair in task.train], count)

    def probes(self, held_out: Examples) -> Examples:
        """Several pairs of each task, as ArcGrids gives them; the held-out ones of mini-ARC.

        Asked for are an answer's own cells: the rest of the canvas, the same for all, would hide most of what the answers differ in.
        """
        if self._config.data.tasks == "mini-arc":
            return held_out
        pairs = whole_tasks(self._tasks, len(held_out.tokens))
        return self._as_they_stand([(index, pair.input, pair.output) for index, pair in pairs], beyond=IGNORED)

    def _evenly(self, pairs, count):
        chosen = [pairs[index] for index in evenly(len(pairs), count)]
        return self._as_they_stand([(index, pair.input, pair.output) for index, pair in chosen])

    def _as_they_stand(self, pairs, beyond=None):
        """beyond: label of the cells outside an answer, where it is not their token."""
        same = (0, np.arange(CLASSES))
        return self._examples(
            [(task, self._canvas(question, *same), self._canvas(answer, *same, beyond)) for task, question, answer in pairs]
        )

    def _drawn(self, seed, step, count, chance):
        if self._config.data.tasks == "mini-arc":
            return self._mini_pairs(self._mini.batch(seed, step, count))
        # Item i is of task i mod 400, as in the original run.
        indices = [(step * count + row) % len(self._tasks) for row in range(count)]
        pairs = [(index, chance.choice(self._tasks[index].train)) for index in indices]
        return [(index, pair.input, pair.output) for index, pair in pairs]

    @staticmethod
    def _mini_pairs(found):
        questions, answers = (array.reshape(-1, MINI_SIDE, MINI_SIDE) - COLOUR for array in (found.tokens, found.labels))
        return list(zip(found.task.tolist(), questions, answers, strict=True))

    def _draw(self, chance):
        """(symmetry, colours): a quarter turn or more, flips, and with probability a half a permutation that leaves black alone."""
        last = COLOURS + 1 if self._config.faults.tenth_colour else COLOURS
        colours = list(range(CLASSES))
        if chance.random() < 0.5:
            colours[1:last] = chance.sample(range(1, last), last - 1)
        return chance.randrange(8), np.array(colours)

    def _canvas(self, grid, symmetry, colours, beyond=None):
        padding = 0 if self._config.faults.shared_padding else PADDING
        canvas = np.full((self._config.model.side,) * 2, padding if beyond is None else beyond, np.int32)
        turned = colours[dihedral(np.asarray(grid), symmetry)]
        canvas[: turned.shape[0], : turned.shape[1]] = turned
        return canvas.ravel()

    @staticmethod
    def _examples(rows):
        task, tokens, labels = (np.array(column, np.int32) for column in zip(*rows, strict=True))
        return Examples(tokens, labels, task, task, (tokens != labels).mean(axis=1, dtype=np.float32))
