"""Scores of one answer, and the floors: what predictors score that know nothing about the rule.

A score counts for something by as much as it exceeds its floor. Three floors are fair opponents (they see the input alone,
as a model does); two are told more than any model that has to find the shape by itself, and stand beside teacher-forced
numbers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields

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
    return GridScore(float(same_shape and hits == target.size), float(same_shape), cell, *_change(answer, pair))


def _change(answer, pair):
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


def copy(pair: Pair) -> GridScore:
    """The input, unchanged, as the answer."""
    return score(pair.input, pair)


def no_op(pair: Pair) -> GridScore:
    """All right where the output equals the input, nothing elsewhere: the share of pairs on which there is nothing to do."""
    nothing_to_do = float(np.array_equal(pair.input, pair.output))
    change = nothing_to_do if pair.input.shape == pair.output.shape else np.nan
    return GridScore(nothing_to_do, nothing_to_do, nothing_to_do, change, change, change)


def majority(pair: Pair) -> GridScore:
    """The input's commonest colour (the lowest of equals) in every cell, in the input's shape."""
    return score(np.full(pair.input.shape, _commonest(pair.input)), pair)


def majority_shape_given(pair: Pair) -> GridScore:
    """The input's commonest colour in every cell, in the target's shape, which this floor is told."""
    return score(np.full(pair.output.shape, _commonest(pair.input)), pair)


def _commonest(grid):
    return np.bincount(grid.ravel()).argmax()


def previous_cell(pair: Pair) -> GridScore:
    """Every cell as the cell before it in reading order; told the shape, the first cell and, cell by cell, the truth.

    This is what a decoder that repeats its last input token scores under teacher forcing. The first cell is not counted;
    outputs of one cell have no other, and all their numbers are nan.
    """
    cells = pair.output.ravel()
    if cells.size == 1:
        return GridScore(*[np.nan] * len(METRICS))
    answer = np.concatenate([cells[:1], cells[:-1]])
    hits = float((answer[1:] == cells[1:]).mean())
    return GridScore(float(hits == 1), 1.0, hits, *_change(answer.reshape(pair.output.shape), pair))


FLOORS: dict[str, Callable[[Pair], GridScore]] = {
    "copy": copy,
    "no_op": no_op,
    "majority": majority,
    "majority_shape_given": majority_shape_given,
    "previous_cell": previous_cell,
}
# Floors that see no more than a model that answers freely.
FAIR_FLOORS = ("copy", "no_op", "majority")


@dataclass(frozen=True)
class Estimate:
    """Mean over tasks of the mean over their pairs, with a 95 % interval; nan if no pair has the number."""

    value: float
    low: float
    high: float
    tasks: int
    pairs: int


def estimate(values: Mapping[str, Sequence[float]], seed: int = 0, draws: int = 10_000) -> Estimate:
    """Mean of {task id: one value a pair}, every task with the same weight, nan values left out.

    The interval is the percentile bootstrap over tasks (Efron 1979): pairs of one task succeed and fail together, so they
    are no independent trials. With a single task the interval has no width and says nothing.
    """
    kept = {task: [value for value in column if not np.isnan(value)] for task, column in values.items()}
    kept = {task: column for task, column in kept.items() if column}
    if not kept:
        return Estimate(np.nan, np.nan, np.nan, 0, 0)
    means = np.array([np.mean(column) for column in kept.values()])
    counts = np.random.default_rng(seed).multinomial(len(means), np.full(len(means), 1 / len(means)), draws)
    low, high = np.quantile(counts @ means / len(means), (0.025, 0.975))
    return Estimate(float(means.mean()), float(low), float(high), len(kept), sum(map(len, kept.values())))


def estimates(scores: Mapping[str, Iterable[GridScore]], seed: int = 0) -> dict[str, Estimate]:
    """{metric: estimate} of {task id: scores of its pairs}."""
    tables = {task: np.array([astuple(one) for one in column]).reshape(-1, len(METRICS)) for task, column in scores.items()}
    return {
        metric: estimate({task: table[:, column].tolist() for task, table in tables.items()}, seed) for column, metric in enumerate(METRICS)
    }


def floor_table(pairs: Mapping[str, Iterable[Pair]], seed: int = 0) -> dict[str, dict[str, Estimate]]:
    """{floor: {metric: estimate}} of {task id: pairs}."""
    pairs = {task: tuple(column) for task, column in pairs.items()}
    return {
        name: estimates({task: [floor(pair) for pair in column] for task, column in pairs.items()}, seed) for name, floor in FLOORS.items()
    }


def floor_text(table: Mapping[str, Mapping[str, Estimate]], metrics: Sequence[str] = METRICS) -> str:
    """The table of `floor_table` for people: a line for each floor, 'value low..high' in each column."""
    width = 22
    lines = ["floor".ljust(width) + "".join(metric.ljust(width) for metric in metrics)]
    for name, row in table.items():
        shown = (f"{row[m].value:.4f} {row[m].low:.4f}..{row[m].high:.4f}" if row[m].pairs else "-" for m in metrics)
        lines.append(name.ljust(width) + "".join(cell.ljust(width) for cell in shown))
    return "\n".join(line.rstrip() for line in lines)
