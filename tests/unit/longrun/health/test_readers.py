"""Readers that are not the model."""

import numpy as np
import pytest

from longrun.health.readers import as_classes, read, telling_feature

CHANCE = np.random.default_rng(0)
X = CHANCE.normal(size=(1200, 6))


@pytest.mark.parametrize("rule", [lambda x: x[:, 0] > 0, lambda x: (x[:, 0] + x[:, 1] > 0.5) + 1 * (x[:, 2] > 0)])
def test_a_relation_is_read(rule):
    accuracy, commonest = read(X, rule(X).astype(int))
    assert accuracy > commonest + 0.2


def test_a_relation_that_is_not_linear_is_read_in_part():
    accuracy, commonest = read(X, (np.abs(X[:, 0]) > 0.7).astype(int))
    assert accuracy > commonest + 0.1


def test_no_relation_is_read_where_there_is_none():
    labels = CHANCE.integers(0, 3, len(X))
    accuracy, commonest = read(X, labels)
    assert abs(accuracy - commonest) < 0.05


def test_a_number_as_label_is_read_by_quarters():
    accuracy, commonest = read(X, X[:, 3] + 0.1 * CHANCE.normal(size=len(X)))
    assert accuracy > 0.6 > 0.3 > commonest


def test_classes_are_numbered_from_zero():
    assert as_classes(np.array([7, 3, 3, 9])).tolist() == [1, 0, 0, 2]
    assert sorted(set(as_classes(X[:, 0]).tolist())) == [0, 1, 2, 3]


def test_the_feature_that_is_the_label_is_found():
    labels = CHANCE.integers(0, 4, len(X))
    leaked = X.copy()
    leaked[:, 2] = labels - 1.5
    assert telling_feature(leaked, labels) == (2, 1.0)
    assert telling_feature(X, labels)[1] < 0.5
