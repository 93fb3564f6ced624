"""answers.jsonl, the answers of a run so far: a line for each task, with fingerprints of what it was made from.

The content of a file is what counts, not its path: a task, a checkpoint or a practice that has changed since is refused by name.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from arc.grids.tasks import Task, TaskSet, as_grid, grid_key
from arc.solving.question import SHARES
from arc.solving.settings import SolveConfig
from longrun.config import config_of, flatten, free_fields
from longrun.errors import UserError
from longrun.run.durable import write_atomically
from longrun.run.journal import read_object

FILE = "answers.jsonl"
WAYS = "another --run keeps them, --fresh moves them aside"


def task_fingerprint(task: Task) -> str:
    """Of all that an answer depends on: demonstrations and test inputs, not the answers, which may be withheld."""
    grids = [grid for pair in task.train for grid in (pair.input, pair.output)] + [pair.input for pair in task.test]
    return _digest(f"{len(task.train)} {len(task.test)}".encode(), *map(grid_key, grids))


def tasks_fingerprint(tasks: TaskSet) -> str:
    """Of tasks that are trained on, answers included."""
    return _digest(*(part for task in tasks for part in (task.id.encode(), *(pair.key for pair in task.pairs))))


def weights_fingerprint(weights: Sequence[np.ndarray]) -> str:
    """Of the weights of a model."""
    return _digest(*(np.ascontiguousarray(weight).tobytes() for weight in weights))


def _digest(*parts):
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8) + part)
    return found.hexdigest()[:16]


class Ledger:
    """The answers in a run folder.

    made_from: name ("checkpoint", "practice") -> fingerprint of what all tasks are answered with.
    Raises UserError where the folder holds answers of another configuration, or made from something else than is there now.
    """

    def __init__(self, folder: Path, config: SolveConfig, tasks: TaskSet, made_from: Mapping[str, str]):
        self._path, self._tasks, self._made_from = folder / FILE, tasks, dict(made_from)
        self._lines: dict[str, dict] = {}
        if self._path.exists():
            self._require_same_settings(config)
            texts = self._path.read_text(errors="replace").splitlines()
            self._lines = {line["task"]: line for line in map(self._read, texts, itertools.count(1))}
            for task_id, line in self._lines.items():
                self._require_unchanged(task_id, line.get("made_from", {}), config)
                if any(len(each) != len(tasks[task_id].test) for each in line["after"]):
                    raise UserError(f"{self._path} is damaged: task {task_id[:60]} has {len(tasks[task_id].test)} test inputs")

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, task_id: str) -> bool:
        return task_id in self._lines

    @property
    def lines(self) -> list[dict]:
        """The answers in the order of the tasks."""
        return [self._lines[task_id] for task_id in self._tasks.tasks if task_id in self._lines]

    def add(self, line: dict) -> None:
        """Write one more answer down; the file is written whole or not at all."""
        made_from = {"task": task_fingerprint(self._tasks[line["task"]]), **self._made_from}
        self._lines[line["task"]] = {**line, "made_from": made_from}
        write_atomically(self._path, "".join(json.dumps(each) + "\n" for each in self.lines))

    def _read(self, text, number):
        """A line of the file, everything in it of the kind that `question.answer` gives."""
        where = f"{self._path} line {number}"
        try:
            line = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{where} is damaged: {str(error)[:100]}") from error
        if not _is_answer(line):
            raise UserError(f"{where} is damaged: it is no answer to a task")
        for grid in (grid for each in line["after"] for two in each for grid in two):
            as_grid(grid, where)
        return line

    def _require_same_settings(self, config):
        place = self._path.with_name("config.json")
        stored = {name: value for name, value in read_object(place).items() if name not in ("project", "preset")}
        # A folder from before there was a search has answers of the networks alone.
        stored = {"search": 0, **stored}
        before = flatten(config_of(SolveConfig, stored, place))
        compared = {name: value for name, value in flatten(config).items() if name not in free_fields(SolveConfig)}
        differences = [f"{name} was {before[name]!r}, is {value!r}" for name, value in compared.items() if before[name] != value]
        if differences:
            raise UserError(f"{self._path.parent} holds answers of another configuration: {'; '.join(differences)} ({WAYS})")

    def _require_unchanged(self, task_id, made_from, config):
        folder = self._path.parent
        if task_id not in self._tasks.tasks:
            raise UserError(f"{folder} holds answers to other tasks than {self._tasks.name} has: {task_id[:60]} ({WAYS})")
        # A line from before there were fingerprints has none, and counts as unchanged.
        now = task_fingerprint(self._tasks[task_id])
        if made_from.get("task", now) != now:
            raise UserError(f"{folder} holds answers to task {task_id} as it was before {self._tasks.name} changed ({WAYS})")
        for name, now in self._made_from.items():
            if made_from.get(name, now) != now:
                raise UserError(f"{folder} holds answers made from {getattr(config.answers, name)} as it was before it changed ({WAYS})")


def _is_answer(line) -> bool:
    kinds = {"task": str, "after": list, "steps": int, "cpu_seconds": int | float, "refused": str}
    if not isinstance(line, dict) or not all(isinstance(line.get(name), kind) for name, kind in kinds.items()):
        return False
    pairs = [two for each in line["after"] for two in (each if isinstance(each, list) else [None])]
    is_whole = len(line["after"]) == len(SHARES) and all(isinstance(two, list) and len(two) == 2 for two in pairs)
    told = isinstance(line.get("made_from", {}), dict) and isinstance(line.get("by", []), list) and isinstance(line.get("rule", ""), str)
    return is_whole and told and math.isfinite(line["cpu_seconds"]) and 0 <= line["steps"] < 2**63
