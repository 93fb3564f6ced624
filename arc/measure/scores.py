"""The score of one answer: exact match, shape, cells, and the cells that change."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from arc.grids.tasks import Pair


@dataclass(frozen=True)
class GridScore:
    """Judgement of one answer, every number in 0..1; nan where a number has no meaning for this pair.

    exact: 1 if shape and all cells are right. shape: 1 if the shape is right.
    cell: right cells over all cells of answer and target laid corner on corner (so a wrong shape costs its surplus).
    change_recall, change_precision, change_f1: about cells where the output differs from the input, for pairs whose input
    and output have one shape (else nan). A cell is a hit only if it changed and has the right colour. Recall is 1 if
    nothing was to be changed, precision is 1 if nothing was changed.
    """

    exact: float
    shape: float
    cell: float
    change_recall: float
    change_precision: float
    change_f1: float


METRICS = tuple(field.name for field in fields(GridScore))


def score(answer: np.ndarray, pair: Pair) -> GridScore:
    """Judgement of `answer`, an (h, w) integer grid, as the output of `pair`."""
    target = pair.output
    overlap = np.s_[: min(answer.shape[0], target.shape[0]), : min(answer.shape[1], target.shape[1])]
    hits = int((answer[overlap] == target[overlap]).sum())
    cell = hits / (answer.size + target.size - target[overlap].size)
    same_shape = answer.shape == target.shape
    return GridScore(float(same_shape and hits == target.size), float(same_shape), cell, *change(answer, pair))


def change(answer: np.ndarray, pair: Pair) -> tuple[float, float, float]:
    """Recall, precision and F1 of an answer about the cells that a pair changes; see GridScore."""
    if pair.input.shape != pair.output.shape:
        return np.nan, np.nan, np.nan
    if answer.shape != pair.output.shape:
        return 0.0, 0.0, 0.0
    wanted, done = pair.output != pair.input, answer != pair.input
    hits = (wanted & (answer == pair.output)).sum()
    recall = float(hits / wanted.sum()) if wanted.any() else 1.0
    precision = float(hits / done.sum()) if done.any() else 1.0
    return recall, precision, 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def pass_at(answers: Sequence[np.ndarray], pair: Pair, attempts: int = 2) -> float:
    """1 if one of the first `attempts` answers is exactly right, else 0."""
    return float(any(np.array_equal(answer, pair.output) for answer in answers[:attempts]))
