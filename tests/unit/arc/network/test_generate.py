import numpy as np
import pytest
import tensorflow as tf

from arc.grids.canvas import PAD
from arc.network.generate import generate, greedy
from arc.network.model import build_model
from tests.fixtures.arc import SPECIAL, TINY, made


def cell_by_cell(model, inputs, forced):
    answer = np.full(inputs["query"].shape, PAD, np.int32)
    predict = tf.function(model, autograph=False)
    for cell in range(answer.shape[1]):
        logits = predict({**inputs, "answer": tf.constant(answer)}).numpy()
        answer[:, cell] = np.where(forced[:, cell] >= 0, forced[:, cell], logits[:, cell].argmax(axis=1))
    return answer


def chained(inputs):
    """A model of four cells whose every cell is the one before it plus one, after the query's first; runner-up: 0."""
    before = tf.concat([inputs["query"][:, :1], inputs["answer"][:, :-1]], axis=1)
    narrow = tf.constant([3.0, 3.0, 1.5, 3.0])[None, :, None]
    return narrow * tf.one_hot((before + 1) % 10, 11) + tf.one_hot(tf.zeros_like(before), 11)


@pytest.mark.parametrize("name", ["encoder_decoder", "decoder_only"])
def test_answers_at_once_are_those_of_one_cell_after_another(name, random_inputs):
    model = build_model(made(model=name, **TINY, **SPECIAL[name]).network)
    inputs = {name: tf.constant(value) for name, value in random_inputs(model, count=2).items()}
    forced = np.full((2, 100), -1, np.int32)
    forced[1, 30] = 7
    start = tf.fill((2, 100), PAD)
    answer, rounds = tf.function(lambda inputs: greedy(model, inputs, tf.constant(forced), start), autograph=False)(inputs)
    assert np.array_equal(answer, cell_by_cell(model, inputs, forced))
    assert int(rounds) <= 101 and answer[1, 30] == 7


def test_a_chain_is_followed_to_its_end_and_the_second_attempt_leaves_it_at_the_narrowest_cell():
    found = generate(chained, {"query": tf.constant([[4, 0, 0, 0], [8, 0, 0, 0]])})
    assert found.first.numpy().tolist() == [[5, 6, 7, 8], [9, 0, 1, 2]]
    assert found.second.numpy()[0].tolist() == [5, 6, 0, 1]
    assert int(found.rounds) == 5
    assert found.confidence.numpy()[0, 2] == pytest.approx(np.exp(1.5) / (np.exp(1.5) + np.exp(1) + 9))
