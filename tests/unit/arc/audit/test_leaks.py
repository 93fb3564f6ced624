import numpy as np
import pytest

from arc.audit.leaks import dependence, duplicates, overlap, queries_in_context
from arc.grids.tasks import Pair, Task

ANSWER = {"answer": np.array([[3, 1, 4, 1, 5]], np.int32)}


def one_hot(symbols):
    return np.eye(10)[symbols]


def causal(inputs):
    return one_hot(np.concatenate([np.zeros_like(inputs["answer"][:, :1]), inputs["answer"][:, :-1]], axis=1))


def copying(inputs):
    return one_hot(inputs["answer"])


def counting(inputs):
    return np.repeat(one_hot(inputs["answer"]).sum(axis=1, keepdims=True), 5, axis=1)


def looking_ahead(inputs):
    return one_hot(np.concatenate([inputs["answer"][:, 1:], inputs["answer"][:, :1] * 0], axis=1))


def test_a_causal_model_is_clean():
    found = dependence(causal, ANSWER)
    assert found.clean and all((part == 0.0).all() and part.shape == (5,) for part in found)


def test_a_copying_model_sees_itself_alone():
    found = dependence(copying, ANSWER)
    assert (found.itself == 1).all() and not found.later.any() and not found.order.any() and not found.clean


def test_a_counting_model_sees_the_bag_and_not_the_order():
    found = dependence(counting, ANSWER)
    assert found.bag[:4].all() and found.later[:4].all() and not found.order.any()


def test_a_model_that_looks_one_ahead_is_seen_at_each_cell():
    found = dependence(looking_ahead, ANSWER)
    assert found.later.tolist() == [1, 1, 1, 1, 0] and found.order.any() and not found.itself.any()


def test_shared_pairs_are_counted():
    first, second = (Pair(np.full((1, 2), colour, np.int8), np.zeros((1, 1), np.int8)) for colour in (1, 2))
    assert duplicates([first, second, first]) == 1
    assert overlap([first], [first, second, first]) == 2
    assert queries_in_context([Task("a", (first, second), (second,)), Task("b", (first,), (second,))]) == 1


@pytest.mark.parametrize("model", [causal, copying])
def test_only_the_first_sample_is_used(model):
    more = {"answer": np.concatenate([ANSWER["answer"], [[9, 9, 9, 9, 9]]])}
    assert all(np.array_equal(a, b) for a, b in zip(dependence(model, more), dependence(model, ANSWER), strict=True))
