"""Readers of the published data: folders of NPY files (HRM, TRM) and the CSV of Sudoku-Extreme. Everything is checked on the way in."""

import csv
import json
from pathlib import Path

import numpy as np

from hrm.measure.sensitivity import has_partner
from hrm.puzzles.examples import Examples, evenly, generator
from hrm.puzzles.sudoku_solver import is_valid_answer, solve
from hrm.training.losses import IGNORED

_ARRAYS = ("inputs", "labels", "puzzle_identifiers", "puzzle_indices", "group_indices")
_COLUMNS = ("source", "question", "answer", "rating")
CHECKED = 10_000
"""Rows of a CSV whose solution is searched for; every row's digits and answer are checked."""


def read_folder(folder: Path, part: str) -> tuple[Examples, list[str]]:
    """One part ("train" or "test") of a published data set, and the names of its identifiers.

    Raises FileNotFoundError or ValueError with one line that names the file. Cells with the label 0 (or the set's own) are IGNORED.
    """
    about = _json(folder / part / "dataset.json")
    try:
        length, vocabulary, ignored, sets = (about[name] for name in ("seq_len", "vocab_size", "ignore_label_id", "sets"))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{folder / part / 'dataset.json'} does not describe a data set: {error}") from None
    parts = []
    for name in sets:
        arrays = {kind: _array(folder / part / f"{name}__{kind}.npy") for kind in _ARRAYS}
        inputs, labels, names, puzzles, groups = (arrays[kind] for kind in _ARRAYS)
        place = f"{folder / part / name}__inputs.npy"
        if inputs.ndim != 2 or inputs.shape[1] != length or labels.shape != inputs.shape:
            raise ValueError(f"{place}: rows of {inputs.shape[1:]} cells and labels {labels.shape}, dataset.json says {length}")
        if min(inputs.min(), labels.min()) < 0 or max(inputs.max(), labels.max()) >= vocabulary:
            raise ValueError(f"{place}: a token is not in 0..{vocabulary - 1}")
        if puzzles[-1] != len(inputs) or groups[-1] != len(names) or len(puzzles) != len(names) + 1:
            raise ValueError(f"{place}: {len(inputs)} rows do not fit its indices")
        counts = np.diff(puzzles)
        group = np.repeat(np.arange(len(groups) - 1), np.diff(puzzles[groups]))
        labels = labels.astype(np.int32)
        if ignored is not None:
            labels = np.where(labels == ignored, IGNORED, labels)
        identifier = np.repeat(names, counts).astype(np.int32)
        parts.append((inputs.astype(np.int32), labels, identifier, group.astype(np.int32), np.zeros(len(inputs), np.float32)))
    listed = folder / "identifiers.json"
    names = _json(listed) if listed.exists() else [str(i) for i in range(about.get("num_puzzle_identifiers", 1))]
    return Examples(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True))), names


def read_sudoku_csv(path: Path) -> Examples:
    """Sudoku-Extreme's columns source, question, answer, rating; blanks are dots. Difficulty is the rating.

    Raises ValueError with the line for a row of wrong length, a bad digit, a wrong answer, and for a Sudoku (among the first CHECKED) that
    has no solution or more than one.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    questions, answers, ratings = [], [], []
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if not set(_COLUMNS[1:3]) <= set(reader.fieldnames or ()):
            raise ValueError(f"{path} has no columns question and answer")
        for line, row in enumerate(reader, 2):
            questions.append(_digits(row["question"], f"{path} line {line}: question", blanks=True))
            answers.append(_digits(row["answer"], f"{path} line {line}: answer", blanks=False))
            ratings.append(float(row.get("rating") or 0))
    if not questions:
        raise ValueError(f"{path} has no row")
    boards, solutions = np.stack(questions), np.stack(answers)
    check_sudokus(boards, solutions, [f"{path} line {line}" for line in range(2, len(boards) + 2)])
    zeros = np.zeros(len(boards), np.int32)
    return Examples(boards.astype(np.int32) + 1, solutions.astype(np.int32) + 1, zeros, zeros, np.array(ratings, np.float32))


def check_sudokus(boards: np.ndarray, solutions: np.ndarray, places: list[str]) -> None:
    """ValueError that names the place of the first 9 x 9 Sudoku with a wrong answer, no solution, or several."""
    wrong = ~is_valid_answer(solutions, 9) | ((boards > 0) & (boards != solutions)).any(axis=1)
    if wrong.any():
        raise ValueError(f"{places[int(wrong.argmax())]}: the answer does not solve the Sudoku")
    found = solve(boards[:CHECKED], 9).solutions
    if (found != 1).any():
        index = int((found != 1).argmax())
        raise ValueError(f"{places[index]}: the Sudoku has {'no solution' if found[index] == 0 else 'more than one solution'}")


class Published:
    """A published data set: a folder with train/ and test/, or a Sudoku CSV (with test.csv beside it as held-out part, else a tenth)."""

    def __init__(self, path: str, side: int, vocabulary: int):
        place = Path(path)
        if not path:
            raise ValueError("puzzle files needs a path")
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
        if not has_partner(self._test.task).any():
            # Published Sudokus and mazes are a group each; their one rule has one identifier.
            self._test = self._test._replace(task=self._test.identifier)
        if self._train.tokens.shape[1] != side * side:
            raise ValueError(f"{place} has {self._train.tokens.shape[1]} cells a puzzle; side {side} has {side * side}")
        largest = max(int(examples.tokens.max()) for examples in (self._train, self._test))
        if largest >= vocabulary:
            raise ValueError(f"{place} has a token {largest}; the network knows 0..{vocabulary - 1}")
        self.identifiers = tuple(map(str, names))
        self.tasks = tuple(str(task) for task in range(int(max(self._train.task.max(), self._test.task.max())) + 1))

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Rows of the training part: a group, then one of its rows, so that large groups do not crowd out small ones."""
        numbers = generator(seed, step, "published")
        starts = np.searchsorted(self._train.task, np.arange(self._train.task.max() + 2))
        group = numbers.integers(0, len(starts) - 1, count)
        size = np.maximum(starts[group + 1] - starts[group], 1)
        return self._train.rows(starts[group] + (numbers.random(count) * size).astype(int))

    def held_out(self, count: int) -> Examples:
        """`count` rows of the test part, evenly spaced."""
        return self._test.rows(evenly(len(self._test.tokens), count))

    def probes(self, held_out: Examples) -> Examples:
        """The held-out rows."""
        return held_out


def _array(path):
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"{path} is no array of numbers: {error}") from None


def _json(path):
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from None


def _digits(text, place, blanks):
    text = (text or "").strip()
    if len(text) != 81:
        raise ValueError(f"{place} has {len(text)} characters instead of 81")
    allowed = "123456789" + (".0" if blanks else "")
    bad = next((c for c in text if c not in allowed), None)
    if bad is not None:
        raise ValueError(f"{place} has {bad!r}, which is no digit from 1 to 9{' or dot' if blanks else ''}")
    return np.array([0 if c == "." else int(c) for c in text], np.int8)
