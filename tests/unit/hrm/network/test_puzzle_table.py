"""Sign descent on the vectors of puzzles against the same in NumPy."""

import numpy as np
import tensorflow as tf

from hrm.network.puzzle_table import PuzzleTable


def test_sign_descent_adds_up_equal_identifiers_and_leaves_the_others_alone():
    table = PuzzleTable(4, 2)
    table.table.assign([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]])
    identifier = tf.constant([2, 0, 2])
    gradient = tf.constant([[3.0, -1.0], [-5.0, 0.0], [-1.0, -1.0]])
    table.descend(identifier, gradient, tf.constant(0.1), 0.5)
    kept = 1 - 0.1 * 0.5
    expected = [[kept + 0.1, kept], [2.0, 2.0], [3 * kept - 0.1, 3 * kept + 0.1], [4.0, 4.0]]
    np.testing.assert_allclose(table.table, expected, rtol=1e-6)
    np.testing.assert_allclose(table.rows(identifier), np.array(expected)[[2, 0, 2]], rtol=1e-6)


def test_sign_descent_passes_over_what_is_not_finite():
    table = PuzzleTable(1, 2)
    table.descend(tf.constant([0]), tf.constant([[np.nan, 1.0]]), tf.constant(0.1), 0.0)
    np.testing.assert_allclose(table.table, [[0.0, -0.1]])
