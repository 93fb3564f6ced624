"""Means over tasks and their intervals."""

from math import isnan, nan

import numpy as np
import pytest

from arc.grids.tasks import Pair, as_grid
from arc.measure.estimates import estimate, estimates
from arc.measure.scores import METRICS, score


def pair(grid, output):
    return Pair(as_grid(grid), as_grid(output))


# Two of four cells change; an answer changes three, one of them to the right colour.
PAIR = pair([[1, 1], [1, 1]], [[1, 2], [3, 1]])


def test_tasks_weigh_alike_and_nan_is_left_out():
    found = estimate({"a": [1, 1, 1, nan], "b": [0], "c": [nan]})
    assert (found.value, found.tasks, found.pairs) == (0.5, 2, 4)
    assert (found.low, found.high) == (0, 1)
    empty = estimate({"c": [nan]})
    assert isnan(empty.value) and empty.pairs == 0


def test_the_interval_covers_as_the_normal_one_does():
    values = np.random.default_rng(1).random(200)
    found = estimate({str(k): [v] for k, v in enumerate(values)})
    spread = 1.96 * values.std() / np.sqrt(len(values))
    assert found.low == pytest.approx(values.mean() - spread, abs=0.1 * spread)
    assert found.high == pytest.approx(values.mean() + spread, abs=0.1 * spread)
    # Many pairs of few tasks are no more sure than few tasks.
    assert estimate({"a": [1.0] * 1000, "b": [0.0] * 1000}) == estimate({"a": [1.0] * 1000, "b": [0.0] * 1000}, seed=1)


def test_estimates_are_those_of_each_metric():
    found = estimates({"a": [score(PAIR.output, PAIR), score(PAIR.input, PAIR)], "b": []})
    assert list(found) == list(METRICS)
    assert found["exact"].value == 0.5 and found["cell"].value == 0.75 and found["exact"].tasks == 1
