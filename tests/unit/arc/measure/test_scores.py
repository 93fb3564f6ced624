"""Scores of one answer against numbers worked out by hand."""

import pytest

from arc.grids.tasks import Pair, as_grid
from arc.measure.scores import GridScore, pass_at, score


def pair(grid, output):
    return Pair(as_grid(grid), as_grid(output))


# Two of four cells change; an answer changes three, one of them to the right colour.
PAIR = pair([[1, 1], [1, 1]], [[1, 2], [3, 1]])


def test_a_right_answer_scores_one_everywhere():
    assert score(PAIR.output, PAIR) == GridScore(1, 1, 1, 1, 1, 1)


def test_a_wrong_colour_is_no_hit():
    judged = score(as_grid([[4, 2], [2, 1]]), PAIR)
    assert (judged.exact, judged.shape, judged.cell) == (0, 1, 0.5)
    assert (judged.change_recall, judged.change_precision) == (1 / 2, 1 / 3)
    assert judged.change_f1 == pytest.approx(2 * (1 / 6) / (5 / 6))


def test_a_wrong_shape_pays_for_what_is_missing_and_what_is_too_much():
    judged = score(as_grid([[1, 2, 5]]), PAIR)
    # Laid corner on corner: 2 cells in common, both right; 5 cells are covered by one or the other.
    assert (judged.exact, judged.shape, judged.cell) == (0, 0, 2 / 5)
    assert (judged.change_recall, judged.change_precision, judged.change_f1) == (0, 0, 0)


def test_two_attempts_are_two_attempts():
    wrong, right = PAIR.input, PAIR.output
    assert pass_at([wrong, right], PAIR) == 1 and pass_at([wrong, right], PAIR, attempts=1) == 0
    assert pass_at([wrong, wrong, right], PAIR) == 0 and pass_at([], PAIR) == 0
