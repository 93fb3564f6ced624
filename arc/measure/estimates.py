"""Means over tasks with their intervals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from arc.measure.scores import METRICS, GridScore


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
