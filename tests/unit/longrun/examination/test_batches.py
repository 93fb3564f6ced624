"""Batches by step, and their parts by name."""

import numpy as np
import pytest

from longrun import UserError
from longrun.examination.batches import Batches, changed, one_of, parts

ONE = ({"a": np.zeros((2, 3)), "b": np.ones(2)}, np.arange(2))


def test_parts_have_names_by_place_or_by_key():
    assert list(parts(ONE)) == ["inputs/a", "inputs/b", "labels"]
    assert list(parts((np.zeros(2), np.ones(2), np.ones(2)))) == ["inputs", "labels", "weights"]
    assert list(parts({"x": np.zeros(2), "y": {"z": np.ones(2)}})) == ["x", "y/z"]


def test_one_part_is_replaced_and_the_others_stay():
    found = changed(ONE, {"inputs/b": np.full(2, 7)})
    assert parts(found)["inputs/b"].tolist() == [7, 7] and parts(found)["labels"].tolist() == [0, 1]
    assert parts(ONE)["inputs/b"].tolist() == [1, 1]


def test_a_function_of_the_step_is_asked_and_an_iterable_begins_again():
    assert Batches(lambda step: (np.full(2, step),))(5)[0].tolist() == [5, 5]
    read = Batches(iter([(np.full(2, step),) for step in range(3)]))
    assert [int(read(step)[0][0]) for step in (0, 2, 1, 4)] == [0, 2, 1, 1]
    assert read.length == 3


@pytest.mark.parametrize(
    ("source", "line"),
    [([], "is empty"), ((np.zeros((0, 2)), np.zeros(0)), "is empty"), (np.zeros((0, 3)), "is empty"), (7, "not int"), ({}, "is empty")],
)
def test_a_held_out_set_without_rows_is_refused(source, line):
    with pytest.raises(UserError, match=line):
        one_of(source, "the held-out set")


def test_an_array_alone_is_inputs_without_labels():
    assert list(parts(one_of(np.ones(3), "the held-out set"))) == ["inputs"]
    assert parts(changed(np.ones(3), {"inputs": np.zeros(3)}))["inputs"].tolist() == [0, 0, 0]


def test_each_new_batch_is_timed_once():
    ticks = iter(range(100))
    read = Batches([(np.ones(2),), (np.ones(2),)], clock=lambda: next(ticks))
    for step in (0, 1, 0, 5):
        read(step)
    assert read.seconds == [1, 1] and (read.known, read.length) == (2, 2)


def test_an_iterable_without_a_batch_is_refused():
    with pytest.raises(UserError, match="without a batch"):
        Batches([])(0)
