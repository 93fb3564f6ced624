"""ARC tasks as sequences: one augmentation shared by all pairs of a task, an identifier for each variant, an end mark around the grid.

The protocol is the published one: a network has seen the demonstrations of the tasks that it is asked about, and never their tests. So
training shows demonstration pairs alone, and the test pairs of the same tasks are held out.
"""

import random

import numpy as np

from arc.augment import Augmentation, random_augmentation
from arc.tasks import Pair, Task, load
from hrm.losses import IGNORED
from hrm.puzzles.examples import Examples, generator
from longrun import seeding

PAD, END, COLOUR = 0, 1, 2
"""Tokens: outside, the border to the right of and below a grid, and colour 0."""
TRAINING = "arc-agi-1-training"
RETRIES = 5
"""Draws for each variant before a task has to do with fewer (a task of one colour has no more)."""


def sequence(grid: np.ndarray, side: int, row: int = 0, column: int = 0) -> np.ndarray:
    """A grid at (row, column) of a canvas, (side * side,) int32, with END to its right and below it where there is room."""
    height, width = grid.shape
    canvas = np.full((side, side), PAD, np.int32)
    canvas[row : row + height, column : column + width] = grid + COLOUR
    if row + height < side:
        canvas[row + height, column : column + width] = END
    if column + width < side:
        canvas[row : row + height, column + width] = END
    return canvas.ravel()


def grid_of(sequence_: np.ndarray, side: int) -> np.ndarray:
    """The largest rectangle of colours at the top left, as the published evaluation reads an answer; (0, 0) where there is none."""
    canvas = sequence_.reshape(side, side)
    is_colour = canvas >= COLOUR
    best, width = (0, 0), side
    for height in range(1, side + 1):
        row = is_colour[height - 1]
        width = min(width, side if row.all() else int(row.argmin()))
        if height * width > best[0] * best[1]:
            best = height, width
    return (canvas[: best[0], : best[1]] - COLOUR).astype(np.int8)


class ArcGrids:
    """Tasks whose grids all fit a canvas of `side`, each in up to `variants` augmented variants; the first is the task itself.

    path: JSON file or folder; empty: the 400 ARC-AGI-1 training tasks. Raises ValueError where no task fits.
    """

    def __init__(self, path: str, side: int, variants: int, pairing: str, seed: int):
        loaded = load(path or TRAINING)
        fits = [task for task in loaded if max(max(g.shape) for p in task.pairs for g in (p.input, p.output) if g is not None) <= side]
        if not fits:
            raise ValueError(f"{path or TRAINING}: no task fits a canvas of side {side}")
        self.tasks, self._side, self._pairing = tuple(task.id for task in fits), side, pairing
        self._tasks, self._variants = fits, [_variants(task, variants, seed) for task in fits]
        self.identifiers = tuple(
            f"{task.id}|||{a.symmetry}|||{''.join(map(str, a.colours))}"
            for task, augmentations in zip(fits, self._variants, strict=True)
            for a in augmentations
        )
        self._first = np.cumsum([0, *map(len, self._variants)])

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Demonstration pairs: a task, one of its variants, one of its pairs, at a random place (every fourth untranslated)."""
        numbers = generator(seed, step, "arc")
        rows = []
        for _ in range(count):
            task = int(numbers.integers(len(self._tasks)))
            variant = int(numbers.integers(len(self._variants[task])))
            pair = self._tasks[task].train[int(numbers.integers(len(self._tasks[task].train)))]
            rows.append(self._row(task, variant, pair, numbers))
        return _stack(rows)

    def held_out(self, count: int) -> Examples:
        """Test pairs as they stand, evenly spaced over the tasks."""
        pairs = [(task, pair) for task in range(len(self._tasks)) for pair in self.pairs_to_answer(task)]
        if not pairs:
            raise ValueError("no test pair has an answer")
        chosen = np.linspace(0, len(pairs) - 1, min(count, len(pairs))).astype(int)
        return _stack([self._row(pairs[index][0], 0, pairs[index][1], None) for index in chosen])

    def variants_of(self, task: int) -> list[tuple[int, Augmentation]]:
        """(identifier, augmentation) of each variant of a task."""
        return list(enumerate(self._variants[task], int(self._first[task])))

    def pairs_to_answer(self, task: int) -> list[Pair]:
        """The test pairs of a task that have an answer."""
        return [pair for pair in self._tasks[task].test if pair.output is not None]

    def _row(self, task, variant, pair, numbers):
        given = self._variants[task][variant]
        draws = [given, given]
        if numbers is not None and self._pairing == "independent":
            draws = [random_augmentation(random.Random(int(numbers.integers(2**62)))) for _ in range(2)]
        question, answer = (draw.apply(grid) for draw, grid in zip(draws, (pair.input, pair.output), strict=True))
        row = column = 0
        if numbers is not None and numbers.random() >= 0.25:
            height, width = (max(question.shape[axis], answer.shape[axis]) for axis in (0, 1))
            row, column = (int(numbers.integers(0, self._side - extent + 1)) for extent in (height, width))
        tokens, labels = (sequence(grid, self._side, row, column) for grid in (question, answer))
        difficulty = float((tokens != labels).mean())
        return tokens, np.where(labels == PAD, IGNORED, labels), self._first[task] + variant, task, difficulty


def _variants(task: Task, count: int, seed: int) -> list[Augmentation]:
    chance = random.Random(seed * 2**31 + seeding.name_code(task.id))
    found, seen = [Augmentation()], {task.pairs}
    for _ in range(RETRIES * (count - 1)):
        if len(found) == count:
            break
        drawn = random_augmentation(chance)
        pairs = drawn.apply_task(task).pairs
        if pairs not in seen:
            seen.add(pairs)
            found.append(drawn)
    return found


def _stack(rows):
    tokens, labels, identifier, task, difficulty = zip(*rows, strict=True)
    numbers = (np.array(identifier, np.int32), np.array(task, np.int32), np.array(difficulty, np.float32))
    return Examples(np.stack(tokens), np.stack(labels), *numbers)
