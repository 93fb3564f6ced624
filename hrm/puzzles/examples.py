"""What every source of puzzles gives, and how its random numbers are keyed."""

import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from longrun import seeding


class Examples(NamedTuple):
    """Puzzles with their answers; rows correspond."""

    tokens: np.ndarray
    """(B, N) int32: the question."""
    labels: np.ndarray
    """(B, N) int32: the answer; losses.IGNORED where no answer is asked for."""
    identifier: np.ndarray
    """(B,) int32: row of the puzzle table."""
    task: np.ndarray
    """(B,) int32: index into the source's `tasks`; what inputs are shuffled within."""
    difficulty: np.ndarray
    """(B,) float32: larger is harder, in a unit of the source's own."""

    def rows(self, index) -> "Examples":
        """Some of the rows."""
        return Examples(*(array[index] for array in self))


class Source(Protocol):
    """A kind of puzzle."""

    tasks: tuple[str, ...]
    """Names of the tasks."""
    identifiers: tuple[str, ...]
    """Name of each row of the puzzle table."""

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Training puzzles of a step."""

    def held_out(self, count: int) -> Examples:
        """Puzzles that no training step shows; always the same."""


def generator(seed: int, step: int, name: str) -> np.random.Generator:
    """NumPy's random numbers of one step for one purpose."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(step, seeding.name_code(name)))))


def fingerprint(names: Sequence[str]) -> str:
    """Short hash of a list of identifiers, for configurations and error messages."""
    return hashlib.sha256(json.dumps(list(names)).encode()).hexdigest()[:16]
