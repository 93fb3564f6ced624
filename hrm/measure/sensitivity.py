"""Does the answer depend on the input? Measures that a network with one answer for everything cannot pass, and the old check, which it can.

Everything is measured on answers that are there anyway; no further forward pass is needed but for the probes of the old check.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from hrm.puzzles.examples import IGNORED, Examples, has_partner, partners


@dataclass(frozen=True)
class Sensitivity:
    """Shares in [0, 1], each the median over the tasks of two examples and more, but for `classes`."""

    input_sensitivity: float
    """G: cell accuracy minus cell accuracy when each answer is held against the label of another input of its task."""
    answer_variation: float
    """A: share of cells in which the answers to two inputs of a task differ."""
    target_variation: float
    """The same of the right answers."""
    variation_ratio: float
    """A over that of the right answers."""
    total_variation: float
    """Mean total variation between the probabilities of a cell for two inputs of a task."""
    above_majority: float
    """Cell accuracy minus that of the commonest label of each cell of a task."""
    classes: float
    """Different classes among all answers."""

    def numbers(self) -> dict[str, float]:
        """By name."""
        return asdict(self)


def majority_answers(examples: Examples, of_others: bool = False) -> np.ndarray:
    """(B, N): the commonest label of each cell of each task, the best answer that reads no input (and knows the labels).

    of_others: without the example's own label; the only one of its task is then answered with PAD.
    """
    best = np.zeros_like(examples.labels)
    for index in np.unique(examples.task):
        rows = examples.task == index
        given = examples.labels[rows][..., None] == np.arange(examples.labels.max() + 1)
        counts = given.sum(axis=0) - (given if of_others else 0)
        best[rows] = counts.argmax(axis=-1)
    return best


def cell_accuracy(answers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of labelled cells that are right, (B,)."""
    asked = labels != IGNORED
    return ((answers == labels) & asked).sum(axis=1) / np.maximum(asked.sum(axis=1), 1)


def measure(examples: Examples, answers: np.ndarray, logits: np.ndarray) -> Sensitivity:
    """answers (B, N) and logits (B, N, V) of a reasoner on `examples`.

    A task's only example has no other to be held against and takes no part; where no task has two, all shares are 0: nothing shows that
    the input is used.
    """
    classes = float(len(np.unique(answers[examples.labels != IGNORED])))
    several = has_partner(examples.task)
    if not several.any():
        return Sensitivity(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, classes)
    examples, answers, logits = examples.rows(several), answers[several], logits[several]
    partner, asked = partners(examples.task), examples.labels != IGNORED
    both = asked & asked[partner]
    share = lambda differs: (differs & both).sum(axis=1) / np.maximum(both.sum(axis=1), 1)  # noqa: E731
    right = cell_accuracy(answers, examples.labels)
    varied, wanted = share(answers != answers[partner]), share(examples.labels != examples.labels[partner])
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    distance = 0.5 * np.abs(weights - weights[partner]).sum(axis=2)
    variation = (distance * both).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    floor = cell_accuracy(majority_answers(examples), examples.labels)
    gain = right - cell_accuracy(answers, examples.labels[partner])

    def median(values):
        return float(np.median([values[examples.task == index].mean() for index in np.unique(examples.task)]))

    return Sensitivity(
        input_sensitivity=median(gain),
        answer_variation=median(varied),
        target_variation=median(wanted),
        variation_ratio=median(varied) / max(median(wanted), 1e-9),
        total_variation=median(variation),
        above_majority=median(right - floor),
        classes=classes,
    )


def original_check(logits_of: Callable[[np.ndarray], np.ndarray], cells: int, vocabulary: int = 12) -> bool:
    """The original run's check: PASS unless the raw logits of all of four probes are close to the first's (rtol 1e-3, atol 1e-8).

    logits_of: tokens (B, N) -> logits. Probes: all 0, all 1, and three of uniform numbers in 0..9 (within a smaller vocabulary).
    The smallest numerical difference in one logit passes, whatever the answers are.
    """
    numbers = np.random.default_rng(0)
    probes = np.stack([np.zeros(cells), np.ones(cells), *numbers.integers(0, min(10, vocabulary), (3, cells))]).astype(np.int32)
    logits = logits_of(probes)
    return not all(np.allclose(other, logits[0], rtol=1e-3, atol=1e-8) for other in logits[1:])
