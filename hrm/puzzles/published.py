"""Published data sets: a folder of NPY files (HRM, TRM) or a CSV of Sudoku-Extreme, each with its held-out part."""

from pathlib import Path

import numpy as np

from hrm.puzzles.examples import Examples, digest, evenly, generator, has_partner
from hrm.puzzles.npy_folder import read_folder
from hrm.puzzles.sudoku_csv import read_sudoku_csv
from longrun.errors import UserError


class Published:
    """A published data set: a folder with train/ and test/, or a Sudoku CSV (with test.csv beside it as held-out part, else a tenth).

    Raises UserError, or FileNotFoundError, with one line where it is no such thing or does not fit.
    """

    def __init__(self, path: str, side: int, vocabulary: int):
        place = Path(path)
        if not path:
            raise UserError("puzzle files needs a path")
        if not place.exists():
            raise FileNotFoundError(f"{place} does not exist")
        if place.is_dir():
            self._train, names = read_folder(place, "train")
            self._test, _ = read_folder(place, "test")
        else:
            self._train, names = read_sudoku_csv(place), ["sudoku"]
            beside = place.with_name("test.csv")
            if beside.exists() and beside != place:
                self._test = read_sudoku_csv(beside)
            else:
                last = np.arange(len(self._train.tokens)) % 10 == 9
                self._train, self._test = self._train.rows(~last), self._train.rows(last)
        if not len(self._test.tokens):
            raise UserError(f"{place} has {len(self._train.tokens)} rows, which leaves none to hold out")
        if not has_partner(self._test.task).any():
            # Published Sudokus and mazes are a group each; their one rule has one identifier.
            self._test = self._test._replace(task=self._test.identifier)
        if self._train.tokens.shape[1] != side * side:
            raise UserError(f"{place} has {self._train.tokens.shape[1]} cells a puzzle; side {side} has {side * side}")
        largest = max(int(examples.tokens.max()) for examples in (self._train, self._test))
        if largest >= vocabulary:
            raise UserError(f"{place} has a token {largest}; the network knows 0..{vocabulary - 1}")
        self.identifiers = tuple(map(str, names))
        self.tasks = tuple(str(task) for task in range(int(max(self._train.task.max(), self._test.task.max())) + 1))
        self.content = digest(array.tobytes() for part in (self._train, self._test) for array in part if array is not None)

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Rows of the training part: a group that has any, then one of its rows, so that large groups do not crowd out small ones."""
        numbers = generator(seed, step, "published")
        starts = np.append(np.unique(self._train.task, return_index=True)[1], len(self._train.task))
        group = numbers.integers(0, len(starts) - 1, count)
        size = starts[group + 1] - starts[group]
        return self._train.rows(starts[group] + (numbers.random(count) * size).astype(int))

    def held_out(self, count: int) -> Examples:
        """`count` rows of the test part, evenly spaced."""
        return self._test.rows(evenly(len(self._test.tokens), count))

    def probes(self, held_out: Examples) -> Examples:
        """The held-out rows."""
        return held_out
