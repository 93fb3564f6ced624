"""Floors against numbers worked out by hand."""

from math import isnan

import numpy as np

from arc.grids.tasks import Pair, as_grid
from arc.measure.floors import FAIR_FLOORS, FLOORS, copy, floor_table, floor_text, majority, majority_shape_given, no_op, previous_cell
from arc.measure.scores import METRICS, GridScore, score


def pair(grid, output):
    return Pair(as_grid(grid), as_grid(output))


# Two of four cells change; an answer changes three, one of them to the right colour.
PAIR = pair([[1, 1], [1, 1]], [[1, 2], [3, 1]])


def test_an_unchanged_answer_finds_no_change():
    assert score(PAIR.input, PAIR) == GridScore(0, 1, 0.5, 0, 1, 0) == copy(PAIR)


def test_an_unneeded_change_costs_precision():
    quiet = pair([[1, 2]], [[1, 2]])
    assert score(as_grid([[1, 3]]), quiet) == GridScore(0, 1, 0.5, 1, 0, 0)
    assert copy(quiet) == no_op(quiet) == GridScore(1, 1, 1, 1, 1, 1)
    assert no_op(PAIR) == GridScore(0, 0, 0, 0, 0, 0)


def test_change_means_nothing_where_the_task_changes_the_shape():
    grown = pair([[1]], [[1, 1]])
    for judged in (score(grown.output, grown), copy(grown), no_op(grown), previous_cell(grown)):
        assert isnan(judged.change_recall) and isnan(judged.change_precision) and isnan(judged.change_f1)
    assert copy(grown).cell == 1 / 2


def test_majority_takes_the_commonest_colour_of_the_input():
    example = pair([[1, 7, 7]], [[7, 7], [7, 1]])
    # [[7, 7, 7]] on [[7, 7], [7, 1]]: 2 right, 5 cells covered.
    assert majority(example).cell == 2 / 5 and majority(example).shape == 0
    assert majority_shape_given(example).cell == 3 / 4 and majority_shape_given(example).exact == 0
    assert majority_shape_given(pair([[1, 7, 7]], [[7], [7]])).exact == 1


def test_the_previous_cell_is_read_across_rows_and_the_first_is_not_counted():
    # Reading order 1 1 2 2 2 3: after the first cell, 1, 2, 2 are repeats among 1 2 2 2 3.
    judged = previous_cell(pair([[0]], [[1, 1, 2], [2, 2, 3]]))
    assert judged.cell == 3 / 5 and judged.exact == 0
    assert previous_cell(pair([[0]], [[4, 4], [4, 4]])).exact == 1
    assert all(isnan(getattr(previous_cell(pair([[0, 1]], [[4]])), metric)) for metric in METRICS)


def test_the_previous_cell_solves_constant_outputs_and_they_alone():
    generator = np.random.default_rng(0)
    for _ in range(50):
        output = generator.integers(0, 2, (2, 2))
        constant = len(np.unique(output)) == 1
        assert previous_cell(pair([[0]], output)).exact == constant


def test_every_floor_stands_in_the_table():
    table = floor_table({"a": iter([PAIR]), "b": [pair([[1]], [[1]])]})
    assert list(table) == list(FLOORS) and set(FAIR_FLOORS) < set(FLOORS)
    assert table["copy"]["exact"].value == 0.5 and table["copy"]["cell"].value == 0.75
    assert table["previous_cell"]["exact"].pairs == 1  # the one-cell output is not counted
    text = floor_text(table, ("exact",))
    assert len(text.splitlines()) == 6 and "0.5000 0.0000..1.0000" in text
    assert floor_text(floor_table({"b": [pair([[1]], [[1]])]})).splitlines()[-1].split() == ["previous_cell"] + ["-"] * 6
