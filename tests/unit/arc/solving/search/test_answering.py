"""Whole tasks that need exactly one part of the search."""

import numpy as np
import pytest

from arc.grids.tasks import Pair, Task
from arc.solving.search.answering import Found, answers, is_sure

SEED = np.random.default_rng(3)
GRIDS = [SEED.integers(0, 4, (3, 4)).astype(np.int8) for _ in range(4)]
WORK = 4000


def task(rule, grids=GRIDS):
    """The last grid is asked."""
    pairs = [Pair(grid, np.asarray(rule(grid), np.int8)) for grid in grids]
    return Task("made", tuple(pairs[:-1]), (Pair(grids[-1], None),))


def largest(grid):
    """Colour with most cells, in a grid of one cell."""
    return [[np.bincount(grid.ravel())[1:].argmax() + 1]]


@pytest.mark.parametrize(
    "rule",
    [
        lambda grid: grid[::-1, ::-1].T,
        lambda grid: np.concatenate([grid, grid[::-1]])[:, ::-1],
        lambda grid: np.array([0, 7, 8, 9])[grid],
        lambda grid: np.where((grid[:, :2] > 0) & (grid[:, 2:] > 0), 8, 0),
        lambda grid: np.where(grid[:, ::-1] == 1, 1, np.where(grid == 2, 5, 0)),
    ],
    ids=["turned", "two steps", "colours", "halves", "table of two"],
)
def test_a_rule_is_found_and_comes_first(rule):
    found = answers(task(rule), WORK)
    assert found[0].grids[0].tolist() == np.asarray(rule(GRIDS[-1])).tolist()


def test_a_background_that_is_not_zero_is_nothing_drawn():
    grids = [np.full((4, 4), 8, np.int8) for _ in range(3)]
    for place, grid in enumerate(grids):
        grid[place : place + 2, 1:3] = 3
    found = answers(task(lambda grid: np.full((2, 2), 3), grids), 2000)
    assert found[0].grids[0].tolist() == [[3, 3], [3, 3]] and is_sure(found)


def test_noise_is_not_trusted():
    noise = iter([SEED.integers(0, 9, (5, 7)) for _ in range(4)])
    assert all(one.trust == 0 and not is_sure([one]) for one in answers(task(lambda grid: next(noise)), 800))


def test_a_colour_that_differs_from_pair_to_pair_is_known_by_how_common_it_is():
    """The rarer of two colours is painted over by the commoner one: a table of numbers, and of no colours."""
    rows = np.array([[1, 1, 2, 0], [1, 0, 2, 1]], np.int8)
    grids = [np.array([0, *names], np.int8)[turned] for names, turned in (((4, 6), rows), ((7, 3), rows[::-1]), ((5, 8), rows[:, ::-1]))]
    rule = lambda grid: np.where(grid > 0, np.bincount(grid.ravel())[1:].argmax() + 1, 0)[:, ::-1] * (grid > 0)  # noqa: E731
    found = answers(task(rule, grids), WORK)
    assert found[0].grids[0].tolist() == rule(grids[-1]).tolist()


def test_answers_repeat():
    one, again = (answers(task(lambda grid: grid[:, :2]), 800) for _ in range(2))
    assert [(found.rule, found.weight) for found in one] == [(found.rule, found.weight) for found in again]


def found(weight, trust=1.0):
    return Found((GRIDS[0],), weight, "rule", trust)


@pytest.mark.parametrize(
    ("given", "sure"),
    [([], False), ([found(1.0)], True), ([found(1.0, 0.5)], False), ([found(1.0), found(0.5)], False), ([found(0.01)], False)],
)
def test_only_a_rule_that_stands_alone_is_sure(given, sure):
    assert is_sure(given) is sure
