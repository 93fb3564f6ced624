"""What every source of puzzles gives, and how its random numbers are keyed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from longrun.step.names import name_code

PAD = 0
"""Token outside of a grid, whatever the puzzle."""
IGNORED = -100
"""Label of a cell that is not asked for (PyTorch's convention, and that of the published data)."""


class Examples(NamedTuple):
    """Puzzles with their answers; rows correspond."""

    tokens: np.ndarray
    """(B, N) int32: the question."""
    labels: np.ndarray
    """(B, N) int32: the answer; IGNORED where no answer is asked for."""
    identifier: np.ndarray
    """(B,) int32: row of the puzzle table."""
    task: np.ndarray
    """(B,) int32: index into the source's `tasks`; what inputs are shuffled within."""
    difficulty: np.ndarray
    """(B,) float32: larger is harder, in a unit of the source's own."""
    demonstrations: np.ndarray | None = None
    """(B, K, 2, N) int32: question and answer of up to K other pairs of the same task; PAD alone where there are fewer. None: not shown."""

    def rows(self, index) -> "Examples":
        """Some of the rows."""
        return Examples(*(None if array is None else array[index] for array in self))

    def inputs(self) -> dict[str, np.ndarray]:
        """What a training step is given of them, by name."""
        shown = {} if self.demonstrations is None else {"demonstrations": self.demonstrations}
        return {"tokens": self.tokens, "labels": self.labels, "identifier": self.identifier, **shown}


class Source(Protocol):
    """A kind of puzzle."""

    tasks: tuple[str, ...]
    """Names of the tasks."""
    identifiers: tuple[str, ...]
    """Name of each row of the puzzle table."""
    content: str
    """Fingerprint of what was read from files; empty where puzzles are made here."""

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Training puzzles of a step."""

    def held_out(self, count: int) -> Examples:
        """Puzzles that no training step shows; always the same. Where tasks are unseen, of the others.

        A source of several tasks also has `unseen(count)`: puzzles of the tasks that no training step shows anything of.
        """

    def probes(self, held_out: Examples) -> Examples:
        """Puzzles, several of each task, that tell whether an answer depends on its input: the held-out ones where they are several."""


def generator(seed: int, step: int, name: str) -> np.random.Generator:
    """NumPy's random numbers of one step for one purpose."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(step, name_code(name)))))


def evenly(total: int, count: int) -> np.ndarray:
    """`count` different indices below `total`, evenly spaced, or all of them where there are fewer."""
    return np.linspace(0, total - 1, min(count, total)).astype(int)


def fingerprint(names: Sequence[str]) -> str:
    """Short hash of a list of identifiers, for configurations and error messages."""
    return digest([json.dumps(list(names)).encode()])


def digest(parts: Iterable[bytes]) -> str:
    """Short hash of bytes, given in parts."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()[:16]


def partners(task: np.ndarray) -> np.ndarray:
    """For each example another one of its task, (B,) int; a task with a single example is its own partner."""
    partner = np.arange(len(task))
    for index in np.unique(task):
        rows = np.flatnonzero(task == index)
        partner[rows] = np.roll(rows, 1)
    return partner


def has_partner(task: np.ndarray) -> np.ndarray:
    """Whether each example is one of several of its task, (B,) bool."""
    _, index, counts = np.unique(task, return_inverse=True, return_counts=True)
    return counts[index] > 1
