"""The floors: what predictors score that know nothing about the rule.

A score counts for something by as much as it exceeds its floor. Three floors are fair opponents (they see the input alone,
as a model does); two are told more than any model that has to find the shape by itself, and stand beside teacher-forced
numbers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from arc.grids.tasks import Pair
from arc.measure.estimates import Estimate, estimates
from arc.measure.scores import METRICS, GridScore, change, score


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
    return GridScore(float(hits == 1), 1.0, hits, *change(answer.reshape(pair.output.shape), pair))


FLOORS: dict[str, Callable[[Pair], GridScore]] = {
    "copy": copy,
    "no_op": no_op,
    "majority": majority,
    "majority_shape_given": majority_shape_given,
    "previous_cell": previous_cell,
}
# Floors that see no more than a model that answers freely.
FAIR_FLOORS = ("copy", "no_op", "majority")


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
