"""What a model sees that it must not, and what a data set shares that it must not: measured, for any model with a token interface.

A token interface is a function of a dict of int arrays that holds "answer" (B, N) and whatever else the model reads, which returns the
logits (B, N, symbols) that are scored against "answer": those of cell i may depend on the cells before i and on no other of the answer.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from arc.grids.tasks import Pair, Task, grid_key

Arrays = Mapping[str, np.ndarray]
Predict = Callable[[Arrays], np.ndarray]


class Dependence(NamedTuple):
    """Largest change of a logit of each cell, (N,), when parts of the answer change that it must not see; 0.0 is no leak at all.

    itself: its own cell's true symbol. later: any one later cell. bag: which symbols come later. order: in which order they come.
    """

    itself: np.ndarray
    later: np.ndarray
    bag: np.ndarray
    order: np.ndarray

    @property
    def clean(self) -> bool:
        """Whether no cell depends on itself or the future, to the last bit."""
        return not any(part.max() > 0 for part in self)


def dependence(predict: Predict, inputs: Arrays, colours: int = 10) -> Dependence:
    """Perturb every cell of the first sample's answer in turn and look at every logit.

    inputs: one sample or more; the first is used. Each answer with one change is compared with the unchanged one in the same row
    of a batch of the same size, so that equal arithmetic gives equal bits.
    """
    one = {name: np.asarray(value)[:1] for name, value in inputs.items()}
    count = one["answer"].shape[1]
    rows = {name: np.repeat(value, count, axis=0) for name, value in one.items()}
    cells = np.arange(count)
    before = np.asarray(predict(rows))

    def change(answers):
        return np.abs(np.asarray(predict({**rows, "answer": answers})) - before).max(axis=2)  # (changed cell, logit's cell)

    answer = rows["answer"]
    single = answer.copy()
    single[cells, cells] = (single[cells, cells] + 1) % colours
    after = cells[None] > cells[:, None]  # (cut, cell): the cell lies after the cut
    bag = np.where(after, (answer + 1) % colours, answer)
    order = answer.copy()
    for cut in cells:
        order[cut, cut + 1 :] = order[cut, cut + 1 :][::-1]
    changed = change(single)
    past = cells[None] <= cells[:, None]
    return Dependence(
        changed[cells, cells],
        np.where(cells[None] < cells[:, None], changed, 0.0).max(axis=0),
        np.where(past, change(bag), 0.0).max(axis=0),
        np.where(past, change(order), 0.0).max(axis=0),
    )


def queries_in_context(tasks: Sequence[Task]) -> int:
    """Tasks whose query is one of their own demonstrations."""
    return sum(any(grid_key(pair.input) == grid_key(task.test[0].input) for pair in task.train) for task in tasks)


def duplicates(pairs: Sequence[Pair]) -> int:
    """Pairs that are equal to an earlier one."""
    return len(pairs) - len(set(pairs))


def overlap(training: Sequence[Pair], scored: Sequence[Pair]) -> int:
    """Scored pairs whose input is an input of the training set."""
    known = {grid_key(pair.input) for pair in training}
    return sum(grid_key(pair.input) in known for pair in scored)
