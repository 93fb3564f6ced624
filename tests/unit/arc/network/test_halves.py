import keras
import numpy as np
import pytest
import tensorflow as tf

from arc.network.answerer import Answerer
from arc.network.generate import generate
from arc.network.halves import halves
from arc.network.model import build_model
from longrun.config import changed
from tests.fixtures.arc import TINY, made

CONFIGS = {
    "pointers": made(**TINY, object_view=True),
    "demonstrations": made(**TINY, context_pairs=1, equivariant=True, context_width=32, task_ids=False),
    "no positions": made(**TINY, positions="none"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_two_halves_say_what_the_whole_says(name, random_inputs):
    model = build_model(CONFIGS[name].network)
    before, after = halves(model, "answer")
    inputs = {name: tf.constant(value) for name, value in random_inputs(model, count=2).items()}
    constant = {name: value for name, value in inputs.items() if name != "answer"}
    computed = before(constant)
    assert computed
    for answer in (inputs["answer"], (inputs["answer"] + 1) % 11):
        whole = model({**inputs, "answer": answer})
        assert np.allclose(after({**inputs, "answer": answer, **computed}), whole, atol=1e-5)
    # Weights are shared, so a training is followed.
    encoder = next(variable for variable in model.trainable_variables if "encoder_0" in variable.path)
    encoder.assign_add(tf.random.normal(encoder.shape))
    later = before(constant)
    assert not all(np.allclose(later[name], computed[name], atol=1e-3) for name in computed)


def test_no_layer_of_the_encoder_is_computed_again():
    model = build_model(changed(CONFIGS["pointers"], encoder_layers=2).network)
    before, after = halves(model, "answer")
    names = [{layer.name for layer in half.operations if getattr(layer, "weights", ())} for half in (before, after)]
    assert not names[0] & names[1] and names[0] | names[1] == {layer.name for layer in model.layers if layer.weights}
    assert {"encoder_1_feed_outer", "decoder_0_cross_key_value", "decoder_0_pointing_output"} <= names[0]


def test_an_answerer_answers_as_the_whole_model_and_leaves_it_as_it_was(random_inputs, tmp_path):
    config = CONFIGS["no positions"]
    model = build_model(config.network)
    inputs = {name: tf.constant(value) for name, value in random_inputs(model, count=2).items()}
    expected = tf.function(lambda given: generate(model, given), autograph=False)(inputs)
    found = Answerer(model, config)._generate(inputs)
    assert np.array_equal(found.first, expected.first) and np.array_equal(found.second, expected.second)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert np.allclose(again(inputs), model(inputs), atol=1e-6)
