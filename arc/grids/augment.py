"""Augmentation with exact inverses (dihedral x colour x translation), and contamination between two sets of tasks.

The 8 symmetries of the square and the permutations of the colours act on grids; a translation says where a grid lies
on a larger canvas filled with PAD. One augmentation acts alike on all grids of a task, so the task's rule changes with
them and stays one rule.
"""

import random
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from arc.grids.tasks import COLOURS, MAX_SIDE, Pair, Task, TaskSet, grid_key

PAD = COLOURS  # a canvas cell outside the grid
SYMMETRIES = 8
IDENTITY_COLOURS = tuple(range(COLOURS))


def dihedral(grid: np.ndarray, symmetry: int) -> np.ndarray:
    """The grid under symmetry 0..7: `symmetry % 4` quarter turns anticlockwise, after a transposition if it is >= 4."""
    return np.rot90(grid.T if symmetry >= 4 else grid, symmetry % 4)


def _find_symmetry(corners: np.ndarray) -> int:
    """The symmetry that takes [[0, 1], [2, 3]] to `corners`; four different corners tell all eight apart."""
    return next(s for s in range(SYMMETRIES) if (dihedral(np.arange(4).reshape(2, 2), s) == corners).all())


# COMPOSED[a][b] is the symmetry "first a, then b"; INVERSE[a] undoes a.
COMPOSED = tuple(
    tuple(_find_symmetry(dihedral(dihedral(np.arange(4).reshape(2, 2), a), b)) for b in range(SYMMETRIES)) for a in range(SYMMETRIES)
)
INVERSE = tuple(row.index(0) for row in COMPOSED)


@dataclass(frozen=True)
class Augmentation:
    """First a symmetry (0..7), then a recolouring (colour c becomes colours[c]); `row`, `column` place it on a canvas."""

    symmetry: int = 0
    colours: tuple[int, ...] = IDENTITY_COLOURS
    row: int = 0
    column: int = 0

    def __post_init__(self):
        if self.symmetry not in range(SYMMETRIES):
            raise ValueError(f"symmetry {self.symmetry} is not in 0..7")
        if sorted(self.colours) != list(IDENTITY_COLOURS):
            raise ValueError(f"colours {self.colours} is no permutation of 0..9")
        if self.row < 0 or self.column < 0:
            raise ValueError(f"the place ({self.row}, {self.column}) on the canvas is negative")

    def apply(self, grid: np.ndarray) -> np.ndarray:
        """The grid turned and recoloured, read-only int8 (its place plays no part without a canvas)."""
        return _frozen(np.array(self.colours, np.int8)[dihedral(grid, self.symmetry)])

    def invert(self, grid: np.ndarray) -> np.ndarray:
        """The grid that `apply` takes to `grid`."""
        return _frozen(np.argsort(self.colours).astype(np.int8)[dihedral(grid, INVERSE[self.symmetry])])

    def apply_pair(self, pair: Pair) -> Pair:
        """Both grids of a pair under `apply`."""
        return Pair(self.apply(pair.input), None if pair.output is None else self.apply(pair.output))

    def apply_task(self, task: Task) -> Task:
        """All pairs of a task under `apply`; the id stays."""
        return Task(task.id, tuple(map(self.apply_pair, task.train)), tuple(map(self.apply_pair, task.test)))

    def to_canvas(self, grid: np.ndarray, side: int = MAX_SIDE) -> np.ndarray:
        """`apply(grid)` at (row, column) of a (side, side) int8 canvas of PAD; ValueError if it does not fit."""
        return place(self.apply(grid), self.row, self.column, side)

    def from_canvas(self, canvas: np.ndarray) -> np.ndarray:
        """The grid whose `to_canvas` is `canvas`; ValueError if there is no filled rectangle at (row, column)."""
        grid, row, column = lift(canvas)
        if (row, column) != (self.row, self.column):
            raise ValueError(f"the grid lies at ({row}, {column}) and not at ({self.row}, {self.column})")
        return self.invert(grid)


def place(grid: np.ndarray, row: int, column: int, side: int = MAX_SIDE) -> np.ndarray:
    """The grid at (row, column) of a (side, side) int8 canvas of PAD; ValueError if it does not fit."""
    height, width = grid.shape
    if row < 0 or column < 0 or row + height > side or column + width > side:
        raise ValueError(f"a {height}x{width} grid at ({row}, {column}) does not fit a canvas of side {side}")
    canvas = np.full((side, side), PAD, np.int8)
    canvas[row : row + height, column : column + width] = grid
    return canvas


def lift(canvas: np.ndarray) -> tuple[np.ndarray, int, int]:
    """Grid, row and column that `place` was given; ValueError if the cells other than PAD are not one full rectangle."""
    rows, columns = np.nonzero(canvas != PAD)
    if not rows.size:
        raise ValueError("the canvas is empty")
    row, column = rows.min(), columns.min()
    grid = canvas[row : rows.max() + 1, column : columns.max() + 1]
    if (grid == PAD).any():
        raise ValueError(f"the canvas holds no full rectangle: {(grid == PAD).sum()} cells of it are PAD")
    return _frozen(grid.astype(np.int8)), int(row), int(column)


def random_augmentation(
    generator: random.Random, keep_black: bool = True, extent: tuple[int, int] | None = None, side: int = MAX_SIDE
) -> Augmentation:
    """One of 8 symmetries, a permutation of the colours and a place, each uniform.

    `keep_black` leaves colour 0, the background of most tasks, where it is. `extent` is the largest (height, width) of
    the task's grids before augmentation; with it the place is drawn so that all of them fit a canvas of `side`,
    without it the place is (0, 0).
    """
    symmetry = generator.randrange(SYMMETRIES)
    fixed = 1 if keep_black else 0
    colours = (*range(fixed), *generator.sample(range(fixed, COLOURS), COLOURS - fixed))
    row = column = 0
    if extent is not None:
        # An odd symmetry below 4 is a quarter turn and an even one from 4 on a diagonal flip: both swap the sides.
        height, width = extent if (symmetry % 2 == 1) == (symmetry >= 4) else extent[::-1]
        if max(height, width) > side:
            raise ValueError(f"grids of up to {height}x{width} do not fit a canvas of side {side}")
        row, column = generator.randint(0, side - height), generator.randint(0, side - width)
    return Augmentation(symmetry, colours, row, column)


def task_extent(task: Task) -> tuple[int, int]:
    """Largest height and largest width among the grids of a task."""
    shapes = [grid.shape for pair in task.pairs for grid in (pair.input, pair.output) if grid is not None]
    return max(height for height, _ in shapes), max(width for _, width in shapes)


def canonical_pair_key(pair: Pair) -> bytes:
    """Bytes that two pairs share exactly when one augmentation takes one pair to the other."""
    grids = [pair.input] if pair.output is None else [pair.input, pair.output]
    keys = []
    for symmetry in range(SYMMETRIES):
        turned = [dihedral(grid, symmetry) for grid in grids]
        cells = np.concatenate([grid.ravel() for grid in turned])
        _, first, inverse = np.unique(cells, return_index=True, return_inverse=True)
        # Colours are renamed in the order of first appearance, which no recolouring can change.
        renamed = np.argsort(np.argsort(first)).astype(np.int8)[inverse]
        keys.append(b"".join(bytes(grid.shape) for grid in turned) + renamed.tobytes())
    return min(keys)


@dataclass(frozen=True, eq=False)
class Contamination:
    """What two sets of tasks have in common. Task ids are (of the first set, of the second set)."""

    first: str
    second: str
    sizes: tuple[int, int]
    shared_ids: tuple[str, ...]
    identical_tasks: tuple[tuple[str, str], ...]  # the same pairs, in whatever order
    shared_pairs: dict[tuple[str, str], int]  # equal pairs
    shared_inputs: dict[tuple[str, str], int]  # equal inputs, whatever the output
    augmented_pairs: dict[tuple[str, str], int]  # equal under symmetry and recolouring, not equal

    def tasks_of_first(self) -> tuple[str, ...]:
        """Ids of the first set's tasks that share a pair with the second set, sorted."""
        return tuple(sorted({first for first, _ in self.shared_pairs}))

    def tasks_of_second(self) -> tuple[str, ...]:
        """Ids of the second set's tasks that share a pair with the first set, sorted."""
        return tuple(sorted({second for _, second in self.shared_pairs}))

    def text(self, limit: int = 10) -> str:
        """A few lines for people, each list cut after `limit` names."""

        def names(items):
            items = [item if isinstance(item, str) or item[0] != item[1] else item[0] for item in items]
            shown = [item if isinstance(item, str) else "=".join(item) for item in items[:limit]]
            return ("  " + " ".join(shown) + (" ..." if len(items) > limit else "")) if items else ""

        rows = {
            "same id": self.shared_ids,
            "same pairs": self.identical_tasks,
            "share a pair": tuple(self.shared_pairs),
            "share an input": tuple(self.shared_inputs),
            "share a pair up to symmetry and colours only": tuple(self.augmented_pairs),
        }
        head = f"{self.first} ({self.sizes[0]} tasks) and {self.second} ({self.sizes[1]} tasks)"
        return "\n".join([head, *(f"  {label}: {len(items)}{names(items)}" for label, items in rows.items())])


def contamination(first: TaskSet, second: TaskSet, up_to_symmetry: bool = True) -> Contamination:
    """Everything that two sets share, by exact comparison; `up_to_symmetry` also compares canonical forms (seconds)."""
    shared_pairs = _matches(first, second, lambda pair: pair.key)
    canonical = _matches(first, second, canonical_pair_key) if up_to_symmetry else {}
    identical = (ids for ids in shared_pairs if set(first[ids[0]].pairs) == set(second[ids[1]].pairs))
    return Contamination(
        first.name,
        second.name,
        (len(first), len(second)),
        tuple(sorted(first.tasks.keys() & second.tasks.keys())),
        tuple(identical),
        shared_pairs,
        _matches(first, second, lambda pair: grid_key(pair.input)),
        {ids: count for ids, count in canonical.items() if ids not in shared_pairs},
    )


def require_disjoint(training: TaskSet, scoring: TaskSet) -> None:
    """ValueError if a pair that is to be scored is also in the training set, as ARC-AGI-2's training set has 376 of
    the 400 ARC-AGI-1 evaluation tasks."""
    shared = contamination(training, scoring, up_to_symmetry=False).tasks_of_second()
    if shared:
        raise ValueError(
            f"refusing to train on {training.name} and score on {scoring.name}: "
            f"{len(shared)} of {len(scoring)} scored tasks share a pair with it, the first is {shared[0]}"
        )


def drop_shared(training: TaskSet, scoring: TaskSet) -> TaskSet:
    """The training set without the tasks that share a pair with the set to be scored; each is listed in `skipped`."""
    shared = contamination(training, scoring, up_to_symmetry=False).tasks_of_first()
    kept = {task_id: task for task_id, task in training.tasks.items() if task_id not in shared}
    lines = tuple(f"{training.name}: task {task_id}: shares a pair with {scoring.name}" for task_id in shared)
    return TaskSet(training.name, kept, training.skipped + lines)


def _matches(first, second, key):
    """{(first id, second id): how many pairs of the second task have a match in the first}, sorted."""
    owners = defaultdict(set)
    for task in first:
        for pair in task.pairs:
            owners[key(pair)].add(task.id)
    counts = defaultdict(int)
    for task in second:
        for pair in task.pairs:
            for owner in owners.get(key(pair), ()):
                counts[owner, task.id] += 1
    return dict(sorted(counts.items()))


def _frozen(grid):
    grid = np.ascontiguousarray(grid)
    grid.setflags(write=False)
    return grid
