"""The linear predictor finds a linear relation, with few features and with many."""

import numpy as np
import pytest

from longrun.examination.linear import MOST_FEATURES, linear_answers


@pytest.mark.parametrize(("features", "error"), [(5, 0.05), (MOST_FEATURES + 8, 0.6)])
def test_a_linear_relation_is_found(features, error):
    numbers = np.random.default_rng(0)
    inputs, weights = numbers.normal(size=(1500, features)), numbers.normal(size=(features, 2)) / np.sqrt(features)
    wanted = inputs @ weights + 3
    found = linear_answers(inputs[:1200], wanted[:1200], inputs[1200:])
    assert np.sqrt(np.mean((found - wanted[1200:]) ** 2)) < error
