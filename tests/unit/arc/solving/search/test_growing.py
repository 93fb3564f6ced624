"""Answers written row by row."""

import numpy as np
import pytest

from arc.grids.symmetries import dihedral
from arc.solving.search.growing import growing
from arc.solving.search.pieces import Piece


def zigzag(height, start, width=3):
    """A line from the top that goes to and fro between the sides, and where it begins."""
    begun, whole = np.zeros((2, height, width), np.int8)
    column, step = start, 1
    begun[0, start] = 4
    for row in range(height):
        whole[row, column] = 4
        step = -step if not 0 <= column + step < width else step
        column += step
    return begun, whole


@pytest.mark.parametrize("symmetry", range(4))
def test_a_line_bends_at_the_sides_whichever_way_it_goes(symmetry):
    pairs = [[dihedral(grid, symmetry) for grid in zigzag(*each)] for each in ((7, 0), (8, 1), (9, 0), (12, 0))]
    (*shown, (asked, answer)) = pairs
    cells = np.concatenate([begun.ravel() for begun, _ in shown])
    piece = Piece(cells, asked.ravel(), (), 0, True)
    found = max(growing([piece], [whole for _, whole in shown], [asked.shape]), key=lambda fit: fit.trust)
    assert found.asked.tolist() == answer.ravel().tolist()


def test_nothing_is_written_where_no_table_holds():
    seed = np.random.default_rng(0)
    outputs = [seed.integers(0, 9, (6, 6)).astype(np.int8) for _ in range(3)]
    piece = Piece(np.zeros(108, np.int8), np.zeros(36, np.int8), (), 0, True)
    assert list(growing([piece], outputs, [(6, 6)])) == []


def test_one_demonstration_confirms_nothing():
    begun, whole = zigzag(7, 0)
    assert list(growing([Piece(begun.ravel(), begun.ravel(), (), 0, True)], [whole], [whole.shape])) == []
