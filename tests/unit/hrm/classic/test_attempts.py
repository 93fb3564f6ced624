"""Two attempts against all grids there are."""

from itertools import product

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from hrm.classic.attempts import two_likeliest


@given(seed=st.integers(0, 2**32 - 1), cells=st.integers(1, 4), classes=st.integers(2, 4))
@settings(max_examples=50, deadline=None)
def test_the_two_attempts_are_the_likeliest_of_all_grids(seed, cells, classes):
    logits = np.random.default_rng(seed).normal(size=(3, cells, classes))
    attempts = two_likeliest(logits)
    assert attempts.shape == (2, 3, cells)
    grids = np.array(list(product(range(classes), repeat=cells)))
    for row in range(3):
        likelihood = tf.nn.log_softmax(logits[row]).numpy()[np.arange(cells), grids].sum(axis=1)
        np.testing.assert_array_equal(attempts[:, row], grids[np.argsort(-likelihood)[:2]])


def test_equal_choices_still_make_two_attempts():
    first, second = two_likeliest(np.zeros((2, 3, 4)))
    assert ((first != second).sum(axis=1) == 1).all()
