"""ARC tasks as sequences: one augmentation shared by all pairs of a task, an identifier for each variant, an end mark around the grid.

The protocol is the published one: a network has seen the demonstrations of the tasks that it is asked about, and never their tests. So
training shows demonstration pairs alone, and the test pairs of the same tasks are held out. A network that is shown demonstrations beside
its question can also be asked about tasks of which training has shown nothing.
"""

import itertools
import random
from collections.abc import Sequence

import numpy as np

from arc.grids.augmentation import Augmentation, random_augmentation
from arc.grids.contamination import drop_shared
from arc.grids.tasks import Pair, Task, TaskSet, grid_key, load
from hrm.puzzles.arc_names import rows_by_task
from hrm.puzzles.examples import IGNORED, PAD, Examples, digest, evenly, generator
from longrun.errors import UserError
from longrun.step.names import name_code

END, COLOUR = 1, 2
"""Tokens: the border to the right of and below a grid, and colour 0."""
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


def whole_tasks(tasks: Sequence[Task], count: int) -> list[tuple[int, Pair]]:
    """About `count` pairs that have an answer, each with the index of its task: all those of evenly spaced tasks."""
    answered = [[(index, pair) for pair in task.pairs if pair.output is not None] for index, task in enumerate(tasks)]
    share = count * len(tasks) // sum(map(len, answered))
    return [pair for index in evenly(len(tasks), max(share, 1)) for pair in answered[index]]


class ArcGrids:
    """Tasks whose grids all fit a canvas of `side`, each in up to `variants` augmented variants; the first is the task itself.

    path: JSON file or folder; empty: the 400 ARC-AGI-1 training tasks. unseen: tasks that `batch` and `held_out` never show, nor any other
    task that shares a pair with them: ids, or a set or file of other tasks. shown: fewest and most demonstrations of each question, (0, 0)
    for none; a task of fewer shows what it has. names: of the rows of a published table (see arc_names), which has the variants then, and
    tasks without a row are left out. Raises UserError where no task fits, or none is left to train on.
    """

    def __init__(
        self,
        path: str,
        side: int,
        variants: int,
        pairing: str,
        seed: int,
        unseen: tuple[str, ...] = (),
        shown: tuple[int, int] = (0, 0),
        names: Sequence[str] = (),
    ):
        place = path or TRAINING
        rows = rows_by_task(names)
        trained, kept_out = _divided(load(place, answers=False), unseen)
        # One pair of a task is asked for and another is shown.
        fits = [task for task in trained if _fits(task, side) and (not shown[1] or len({grid_key(pair.input) for pair in task.train}) > 1)]
        others = [task for task in kept_out if _fits(task, side)]
        if names:
            fits, others = ([task for task in some if task.id in rows] for some in (fits, others))
            if not fits:
                raise UserError(f"{place}: no task of it has a row in the puzzle table, which has {len(rows)} tasks")
        if not fits:
            raise UserError(f"{place}: no task{' but the unseen ones' if others else ''} fits a canvas of side {side}")
        if unseen and not others:
            raise UserError(f"{place}: no unseen task fits a canvas of side {side}")
        self._tasks, self._side, self._pairing, self._shown = fits + others, side, pairing, shown
        self.tasks = tuple(task.id for task in self._tasks)
        self._trained, self._unseen = range(len(fits)), range(len(fits), len(self._tasks))
        if names:
            self._variants = [[augmentation for _, augmentation in rows[task.id]] for task in self._tasks]
            self._rows, self.identifiers = [[row for row, _ in rows[task.id]] for task in self._tasks], tuple(names)
        else:
            self._variants = [_variants(task, variants, seed) for task in self._tasks]
            first = np.cumsum([0, *map(len, self._variants)]).tolist()
            self._rows = [list(range(*ends)) for ends in itertools.pairwise(first)]
            self.identifiers = tuple(
                f"{task.id}|||{a.symmetry}|||{''.join(map(str, a.colours))}"
                for task, augmentations in zip(self._tasks, self._variants, strict=True)
                for a in augmentations
            )
        self.content = digest(part for task in self._tasks for part in (task.id.encode(), *(pair.key for pair in task.pairs)))

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Demonstration pairs: a task, one of its variants, one of its pairs, at a random place (every fourth untranslated)."""
        # Numbers of their own for what is shown: it changes no question.
        numbers, others = generator(seed, step, "arc"), generator(seed, step, "arc demonstrations")
        rows = []
        for _ in range(count):
            task = int(numbers.integers(len(self._trained)))
            variant = int(numbers.integers(len(self._variants[task])))
            pair = self._tasks[task].train[int(numbers.integers(len(self._tasks[task].train)))]
            rows.append(self._row(task, variant, pair, numbers, others))
        return _stack(rows)

    def held_out(self, count: int) -> Examples:
        """Test pairs as they stand, evenly spaced over the tasks."""
        return self._test_pairs(self._trained, count)

    def probes(self, held_out: Examples) -> Examples:
        """Demonstration and test pairs as they stand, about as many as held out, which are hardly ever two of a task."""
        chosen = whole_tasks([self._tasks[task] for task in self._trained], len(held_out.tokens))
        return _stack([self._row(task, 0, pair, None, None) for task, pair in chosen])

    def unseen(self, count: int) -> Examples:
        """The same of the tasks of which training shows nothing."""
        return self._test_pairs(self._unseen, count)

    def is_unseen(self, task: int) -> bool:
        """Whether training shows nothing of a task."""
        return task in self._unseen

    def variants_of(self, task: int) -> list[tuple[int, Augmentation]]:
        """(identifier, augmentation) of each variant of a task."""
        return list(zip(self._rows[task], self._variants[task], strict=True))

    def questions_of(self, task: int) -> tuple[Pair, ...]:
        """The test pairs of a task; an output is None where its answer is withheld."""
        return self._tasks[task].test

    def pairs_to_answer(self, task: int) -> list[Pair]:
        """The test pairs of a task that have an answer."""
        return [pair for pair in self._tasks[task].test if pair.output is not None]

    def demonstrations_of(self, task: int, pair: Pair) -> np.ndarray | None:
        """(variants, K, 2, N) int32: what each variant of a task shows beside the question of a pair; None where nothing is shown."""
        rows = [self._demonstrations(augmentation, task, pair, None) for augmentation in self._variants[task]]
        return np.stack(rows) if self._shown[1] else None

    def _test_pairs(self, tasks, count):
        pairs = [(task, pair) for task in tasks for pair in self.pairs_to_answer(task)]
        if not pairs:
            raise UserError("no test pair has an answer")
        chosen = [pairs[index] for index in evenly(len(pairs), count)]
        return _stack([self._row(task, 0, pair, None, None) for task, pair in chosen])

    def _row(self, task, variant, pair, numbers, others):
        augmentation = self._variants[task][variant]
        tokens, labels = self._sequences(augmentation, pair, numbers)
        shown = self._demonstrations(augmentation, task, pair, others)
        difficulty = float((tokens != labels).mean())
        return tokens, np.where(labels == PAD, IGNORED, labels), self._rows[task][variant], task, difficulty, shown

    def _sequences(self, augmentation, pair, numbers):
        """Question and answer of an augmented pair at a place of their own, or at the top left where there are no random numbers."""
        draws = [augmentation, augmentation]
        if numbers is not None and self._pairing == "independent":
            draws = [random_augmentation(random.Random(int(numbers.integers(2**62)))) for _ in range(2)]
        grids = [draw.apply(grid) for draw, grid in zip(draws, (pair.input, pair.output), strict=True)]
        row = column = 0
        if numbers is not None and numbers.random() >= 0.25:
            height, width = (max(grid.shape[axis] for grid in grids) for axis in (0, 1))
            row, column = (int(numbers.integers(0, self._side - extent + 1)) for extent in (height, width))
        return [sequence(grid, self._side, row, column) for grid in grids]

    def _demonstrations(self, augmentation, task, pair, numbers):
        fewest, most = self._shown
        if not most:
            return None
        # A pair with the question's own input would give its answer away.
        others = [other for other in self._tasks[task].train if grid_key(other.input) != grid_key(pair.input)]
        count = most
        if numbers is not None:
            count, order = int(numbers.integers(fewest, most + 1)), numbers.permutation(len(others))
            others = [others[index] for index in order]
        shown = np.full((most, 2, self._side**2), PAD, np.int32)
        for place, other in enumerate(others[:count]):
            shown[place] = self._sequences(augmentation, other, numbers)
        return shown


def _fits(task, side):
    return max(max(grid.shape) for pair in task.pairs for grid in (pair.input, pair.output) if grid is not None) <= side


def _divided(loaded: TaskSet, unseen: tuple[str, ...]) -> tuple[TaskSet, TaskSet]:
    """The tasks to train on, and the unseen ones: those of them that are named, and those of every other set or file that is.

    ARC-AGI-1's training tasks share a pair with one of its evaluation tasks, so what is shared is left out of the training.
    """
    named = [task for name in unseen for task in ([loaded[name]] if name in loaded.tasks else load(name, answers=False))]
    kept_out = TaskSet("the unseen tasks", {task.id: task for task in named})
    trained = TaskSet(loaded.name, {task.id: task for task in loaded if task.id not in kept_out.tasks})
    return drop_shared(trained, kept_out) if named else trained, kept_out


def _variants(task: Task, count: int, seed: int) -> list[Augmentation]:
    chance = random.Random(seed * 2**31 + name_code(task.id))
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
    tokens, labels, identifier, task, difficulty, shown = zip(*rows, strict=True)
    numbers = (np.array(identifier, np.int32), np.array(task, np.int32), np.array(difficulty, np.float32))
    return Examples(np.stack(tokens), np.stack(labels), *numbers, None if shown[0] is None else np.stack(shown))
