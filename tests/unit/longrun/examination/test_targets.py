"""Labels in the unit of the loss: floors that a pencil gives too."""

import math

import numpy as np
import pytest

from longrun.examination.targets import targets


def test_classes():
    found = targets(np.array([0, 0, 0, 1]), None, (4, 10), "cross-entropy")
    assert (found.form, found.classes) == ("classes", 10)
    assert found.uniform() == pytest.approx(math.log(10)) and found.least("cross-entropy") == 0
    assert found.constant("cross-entropy") == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))


def test_labels_that_do_not_count_are_left_out():
    labels = np.array([[0, 1, -1], [1, 0, -1]])
    assert targets(labels, None, (2, 3, 5), "cross-entropy", ignored=-1).values.tolist() == [0, 1, 1, 0]
    assert targets(labels, labels >= 0, (2, 3, 5), "cross-entropy").values.tolist() == [0, 1, 1, 0]
    assert targets(labels[..., None], np.array([[1], [0]]), (2, 3, 5), "cross-entropy").values.tolist() == [0, 1, -1]


def test_distributions_and_bits():
    soft = targets(np.array([[0.5, 0.5], [1.0, 0.0]]), None, (2, 2), "cross-entropy")
    assert soft.form == "distribution" and soft.least("cross-entropy") == pytest.approx(math.log(2) / 2)
    assert soft.constant("cross-entropy") == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))
    bits = targets(np.array([0, 1, 1, 0]), None, (4, 1), "cross-entropy")
    assert (bits.form, bits.uniform()) == ("bits", math.log(2))
    assert bits.constant("cross-entropy") == pytest.approx(math.log(2)) and bits.least("cross-entropy") == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("measure", "floor"), [("squared error", 1.0), ("absolute error", 1.0)])
def test_numbers(measure, floor):
    found = targets(np.array([[1.0], [3.0]]), None, (2, 1), measure)
    assert (found.form, found.constant(measure), found.least(measure)) == ("numbers", floor, 0.0)
