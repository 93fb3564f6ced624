"""The network of the original run: its size, how often it sees its input, and when it stops."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from hrm.classic.config import ClassicConfig
from hrm.classic.data import Pairs
from hrm.classic.model import build_model
from longrun.config import changed
from longrun.step import device
from tests.fixtures.hrm import CLASSIC


def test_the_network_has_the_size_of_the_original_run():
    model = build_model(changed(ClassicConfig(), side=2))  # The canvas has no weights.
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == 5_669_645
    attention = [
        layer for layer in model.get_layer("high").layers if layer.name.startswith("layer_0_attention_") and "norm" not in layer.name
    ]
    assert sum(layer.count_params() for layer in attention) == 263_168
    assert model.get_layer("high").count_params() + model.get_layer("low").count_params() == 7 * 789_760 + 1024


@pytest.mark.parametrize("once", [True, False])
def test_the_input_comes_in_once_and_mended_in_every_cycle(once):
    device.configure(seed=0)
    model, grids = build_model(changed(CLASSIC, input_once=once)), Pairs(CLASSIC).held_out(6)
    part = model.get_layer
    x = keras.Model(model.inputs, part("dropout").output)({"tokens": grids.tokens})
    high, low, again = x, x, 0.0 if once else x
    for cycle in range(CLASSIC.model.cycles):
        high = part("high")(high + 0.1 * part("cycle_vectors")(tf.constant([cycle])) + again)
        low = part("low")(low + part("high_to_low")(high) + again)
        high = high + part("low_to_high")(low)
    np.testing.assert_allclose(model({"tokens": grids.tokens})["logits"], part("answer_head")(low), atol=1e-5)


def test_the_mean_of_the_batch_stops_all_and_mended_each_by_itself():
    device.configure(seed=0)
    tokens = Pairs(CLASSIC).held_out(4).tokens
    model = build_model(changed(CLASSIC, cycles=6))
    for bias, expected in ((5.0, 4), (-50.0, 6)):
        model.get_layer("halting_head").bias.assign([bias])
        assert model({"tokens": tokens})["cycles"].numpy().tolist() == [expected] * 4
    model = build_model(changed(CLASSIC, unlearnt_halting=False, cycles=6))
    model.get_layer("halting_head").kernel.assign(100 * model.get_layer("halting_head").kernel)
    cycles = np.concatenate([model({"tokens": tokens[i : i + 1]})["cycles"].numpy() for i in range(4)])
    np.testing.assert_array_equal(model({"tokens": tokens})["cycles"], cycles)  # No sample's batch mates matter.
