import numpy as np
import pytest

from arc.grids.tasks import Pair, Task
from arc.measure.attention import attention
from arc.network.answerer import Answerer
from arc.network.model import build_model
from arc.training.data import unseen
from tests.fixtures.arc import made


@pytest.fixture
def looked(tiny):
    """A fresh model, one task of it, and where it looks."""
    answerer, task = Answerer(build_model(tiny.network), tiny), unseen(tiny, 1, ["a9f96cdd"])["a9f96cdd"][0]
    return answerer, task, attention(answerer, [task], [task.test[0].output])[0]


def test_each_cell_of_the_answer_has_weights_on_the_query_and_each_demonstration_has_some(looked):
    answerer, _, found = looked
    config = answerer.config.network
    assert found.query.shape == (100, 100) and found.demonstrations.shape == (2 * config.context_pairs, 100)
    assert (found.query >= 0).all()
    total = found.query.sum(axis=1)
    if config.model == "decoder_only":
        assert (total > 0).all() and (total < 1).all()  # It looks at its own answer too.
    else:
        assert total == pytest.approx(1, abs=1e-5)
    if config.context_pairs:
        assert found.demonstrations.sum() == pytest.approx(1, abs=1e-5)


def test_attention_follows_the_query_and_no_true_answer(looked):
    answerer, task, found = looked
    other = Task(task.id, task.train, (Pair(task.test[0].input, np.zeros((1, 1), np.int8)),))
    assert np.array_equal(attention(answerer, [other], [task.test[0].output])[0].query, found.query)
    turned = Task(task.id, task.train, (Pair(task.test[0].input[::-1], None),))
    assert not np.array_equal(attention(answerer, [turned], [task.test[0].output])[0].query, found.query)


def test_a_decoder_that_sees_demonstrations_in_its_sequence_attends_to_them():
    sizes = {"width": 32, "heads": 2, "decoder_layers": 1, "feed_forward": 32, "learnt_positions": False}
    config = made(model="decoder_only", positions="diagonal3d", context_pairs=1, **sizes)
    task = unseen(config, 1, ["a9f96cdd"])["a9f96cdd"][0]
    found = attention(Answerer(build_model(config.network), config), [task], [task.test[0].output])[0]
    assert found.demonstrations.shape == (2, 100)
    assert 0 < found.demonstrations.sum() < 1 and found.query.mean(axis=0).sum() + found.demonstrations.sum() < 1
