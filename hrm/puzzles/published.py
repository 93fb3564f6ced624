"""Published data sets: a folder of NPY files (HRM, TRM) or a CSV of Sudoku-Extreme, each with its held-out part."""

from pathlib import Path

import numpy as np

from hrm.puzzles.examples import Examples, digest, evenly, generator, has_partner
from hrm.puzzles.npy_folder import read_folder
from hrm.puzzles.sudoku_csv import read_sudoku_csv
from longrun.errors import UserError


class Published:
    """A published data set: a folder with train/ and test/, or a Sudoku CSV (with test.csv beside it as held-out part, else a tenth).

    draws: what of a folder is drawn equally often, "puzzles" or their "groups". Raises UserError, or FileNotFoundError, with one line
    where it is no such thing or does not fit.
    """

    def __init__(self, path: str, side: int, vocabulary: int, draws: str = "puzzles"):
        self.draws = draws
        place = Path(path)
        if not path:
            raise UserError("puzzle files needs a path")
        if not place.exists():
            raise FileNotFoundError(f"{place} does not exist")
        if place.is_dir():
            self._train, names, unit = read_folder(place, "train")
            self._test = read_folder(place, "test").examples
            unit = unit if draws == "puzzles" else self._train.task
        else:
            self._train, names, unit = read_sudoku_csv(place), ["sudoku"], np.zeros(0, np.int32)
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
        # What is drawn equally often begins at these rows; the rows of a CSV are all of one.
        self._starts = np.append(np.unique(unit, return_index=True)[1] if len(unit) else 0, len(self._train.tokens))
        self.identifiers = tuple(map(str, names))
        self.tasks = tuple(str(task) for task in range(int(max(self._train.task.max(), self._test.task.max())) + 1))
        self.content = digest(array.tobytes() for part in (self._train, self._test) for array in part if array is not None)

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Rows of the training part: a puzzle (or group), then one of its rows, so that those of many rows do not crowd out the others."""
        numbers, starts = generator(seed, step, "published"), self._starts
        unit = numbers.integers(0, len(starts) - 1, count)
        size = starts[unit + 1] - starts[unit]
        return self._train.rows(starts[unit] + (numbers.random(count) * size).astype(int))

    def held_out(self, count: int) -> Examples:
        """`count` rows of the test part, evenly spaced."""
        return self._test.rows(evenly(len(self._test.tokens), count))

    def probes(self, held_out: Examples) -> Examples:
        """The held-out rows."""
        return held_out
