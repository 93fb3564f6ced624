"""One segment: pinned sizes, what the gradient reaches, resets, and that a saved reasoner opens without this package."""

import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from hrm.config import Config
from hrm.network import layers
from hrm.network.model import demonstration_encoder, reasoner_model, segment_model
from hrm.presets import PRESETS
from hrm.puzzles.mini_arc import MiniArc
from hrm.puzzles.sudoku_solver import units
from longrun.config import changed

PUBLISHED = changed(Config(), network="hrm", width=512, heads=8, inner=0, high_layers=4, low_layers=4, positions="rotary", puzzle_width=512)
SUDOKU = changed(PUBLISHED, puzzle="sudoku", side=9, givens=(17, 30))
ARC = changed(PUBLISHED, puzzle="arc", side=5)  # The canvas has no weights.
TRM = {"network": "trm", "low_layers": 2, "prefix": 16}


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        (SUDOKU, 27_275_266),
        (ARC, 27_276_290),
        (changed(ARC, **TRM), 6_829_058),
        (changed(SUDOKU, **TRM, mixing="mlp"), 5_028_866),
    ],
    ids=["hrm sudoku", "hrm arc", "trm arc", "trm sudoku"],
)
def test_published_networks_have_their_published_sizes(config, parameters):
    model = segment_model(config)
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == parameters
    assert sorted(v.path.split("/")[0] for v in model.non_trainable_variables) == ["initial_high", "initial_low"]


@pytest.mark.parametrize(("conditioning", "parameters"), [("id", 84_354), ("none", 84_354), ("demonstrations", 197_250)])
def test_presets_have_their_sizes(conditioning, parameters):
    model = segment_model(changed(PRESETS["mini"](), conditioning=conditioning))
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == parameters


def random_inputs(config: Config, count: int = 3, seed: int = 0) -> dict[str, tf.Tensor]:
    numbers = np.random.default_rng(seed)
    state = (count, config.length, config.model.width)
    inputs = {
        "tokens": numbers.integers(0, config.data.vocabulary, (count, config.data.cells)).astype(np.int32),
        "reset": np.zeros(count, bool),
        "high": numbers.normal(size=state).astype(np.float32),
        "low": numbers.normal(size=state).astype(np.float32),
    }
    if config.model.has_table:
        inputs["puzzle"] = numbers.normal(size=(count, config.model.puzzle_width)).astype(np.float32)
    if config.model.conditioning == "demonstrations":
        inputs["demonstrations"] = demonstrations(count, seed)
    return {name: tf.constant(value) for name, value in inputs.items()}


def demonstrations(count: int, seed: int = 0) -> np.ndarray:
    return MiniArc(shown=(2, 4)).batch(seed, 0, count).demonstrations


def unrolled(config: Config, model: keras.Model, inputs: dict, free_updates: int) -> tf.Tensor:
    """The segment once more in plain TensorFlow; only the last `free_updates` updates of the states carry a gradient."""
    core = {"hrm": ("low_module", "high_module"), "trm": ("module", "module")}[config.model.network]
    lower, upper = (model.get_layer(name) for name in core)
    injected = keras.Model(model.inputs, _injection(model))(inputs)
    high, low = inputs["high"], inputs["low"]
    total = config.model.high_cycles * (config.model.low_cycles + 1)
    for index in range(total):
        if index <= total - free_updates:
            high, low = tf.stop_gradient(high), tf.stop_gradient(low)
        if (index + 1) % (config.model.low_cycles + 1):
            low = lower(low + (high + injected))
        else:
            high = upper(high + low)
    return model.get_layer("answer_head")(high[:, config.model.prefix :])


def _injection(model):
    # What both states are added to: the other summand of the first sum that holds the high state.
    module = next(layer for layer in model.layers if layer.name in ("low_module", "module"))
    total = module._inbound_nodes[1].input_tensors[0]._keras_history.operation._inbound_nodes[0].input_tensors
    return total[1]._keras_history.operation._inbound_nodes[0].input_tensors[1]


@pytest.mark.parametrize(("network", "free_updates"), [("hrm", 2), ("trm", 3)])
def test_the_gradient_reaches_the_last_updates_alone(small, network, free_updates):
    config = changed(small, network=network)
    model = segment_model(config)
    inputs = random_inputs(config)
    variables = [v for v in model.trainable_variables if "halting" not in v.path]
    with tf.GradientTape(persistent=True) as tape:
        segment = model(inputs)["logits"]
        reference = unrolled(config, model, inputs, free_updates)
        further = unrolled(config, model, inputs, free_updates + 2)
        losses = [tf.reduce_mean(logits**2) for logits in (segment, reference, further)]
    np.testing.assert_allclose(segment, reference, rtol=1e-5, atol=1e-5)
    wanted, same, more = ([tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)] for loss in losses)
    for one, other in zip(wanted, same, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-7)
    assert max(float(tf.reduce_max(tf.abs(a - b))) for a, b in zip(wanted, more, strict=True)) > 1e-5


def test_no_gradient_leaves_a_segment(small):
    model, inputs = segment_model(small), random_inputs(small)
    with tf.GradientTape() as tape:
        tape.watch([inputs["high"], inputs["low"]])
        outputs = model(inputs)
        total = sum(tf.reduce_sum(value) for value in outputs.values())
    assert tape.gradient(total, [inputs["high"], inputs["low"]]) == [None, None]


def test_a_reset_sample_forgets_its_state_and_no_other_does(small):
    model, inputs = segment_model(small), random_inputs(small)
    inputs["reset"] = tf.constant([True, False, False])
    before = model(inputs)["logits"]
    shaken = {name: inputs[name] + 1.0 for name in ("high", "low")}
    after = model(inputs | shaken)["logits"]
    np.testing.assert_array_equal(before[0], after[0])
    assert float(tf.reduce_min(tf.reduce_max(tf.abs(before - after), axis=(1, 2))[1:])) > 1e-3


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"positions": "rotary", "conditioning": "none"},
        {"positions": "learned", "prefix": 0, "puzzle_width": 0},
        {"mixing": "mlp"},
        {"conditioning": "demonstrations"},
    ],
)
def test_answers_depend_on_tokens_and_puzzle(small, changes):
    config = changed(small, **changes)
    model, inputs = segment_model(config), random_inputs(config)
    before = model(inputs)["logits"]
    assert before.shape == (3, 36, 12)
    for name, other in random_inputs(config, seed=1).items():
        if name != "reset":
            assert float(tf.reduce_max(tf.abs(model(inputs | {name: other})["logits"] - before))) > 1e-3, name


def test_heads_look_along_row_column_box_and_everywhere():
    side, prefix = 6, 2
    seen = ~layers.outside_units(prefix, units(side), heads=8)
    row, column = np.divmod(np.arange(side * side), side)
    box = row // 2 * 2 + column // 3
    for head, kind in enumerate((row, column, box, np.zeros_like(row)) * 2):
        np.testing.assert_array_equal(seen[head, prefix:, prefix:], kind[:, None] == kind)
    assert seen[:, :prefix].all() and seen[:, :, :prefix].all()


def test_a_cell_that_is_hidden_from_all_heads_does_not_count():
    x = np.random.default_rng(0).normal(size=(2, 5, 8)).astype(np.float32)
    hidden = np.zeros((2, 5, 5), bool)
    hidden[:, 1, 3] = True
    state = keras.Input((5, 8))
    model = keras.Model(state, layers.attention(state, 2, None, "attention", hidden))
    changed = x.copy()
    changed[:, 3] += 1
    moved = np.abs(model(x) - model(changed)).max(axis=(0, 2))
    assert moved[1] == 0.0 and (np.delete(moved, 1) > 1e-3).all()


def test_a_sudoku_is_answered_through_its_units(small):
    config = changed(small, puzzle="sudoku", givens=(16, 16), mixing="units", heads=4, width=16)
    model, inputs = segment_model(config), random_inputs(config)
    before = model(inputs)["logits"]
    assert float(tf.reduce_max(tf.abs(model(inputs | {"tokens": random_inputs(config, seed=1)["tokens"]})["logits"] - before))) > 1e-3
    with pytest.raises(ValueError, match="mixing by units is for sudoku and a multiple of 4 heads, not sudoku and 2"):
        changed(config, heads=2)


@pytest.fixture
def shown(small) -> Config:
    """A network that is told its rule by demonstrations."""
    return changed(small, conditioning="demonstrations", demonstration_layers=1)


def test_the_order_of_the_demonstrations_does_not_matter(shown):
    encoder, pairs = demonstration_encoder(shown), demonstrations(5)
    vectors = encoder(pairs)
    np.testing.assert_allclose(encoder(pairs[:, [2, 0, 3, 1]]), vectors, rtol=1e-4, atol=1e-6)
    exchanged = encoder(pairs[:, :, ::-1])  # Question and answer are no set.
    assert float(tf.reduce_min(tf.reduce_max(tf.abs(exchanged - vectors), axis=1))) > 1e-3


def test_padding_is_no_demonstration(shown):
    two, four = (demonstration_encoder(changed(shown, demonstrations=(2, most))) for most in (2, 4))
    four.set_weights(two.get_weights())
    pairs = MiniArc(shown=(2, 2)).batch(0, 0, 5).demonstrations
    np.testing.assert_allclose(four(np.pad(pairs, ((0, 0), (0, 2), (0, 0), (0, 0)))), two(pairs), rtol=1e-4, atol=1e-6)
    twice = four(np.concatenate([pairs, demonstrations(5)[:, :2]], axis=1))
    assert float(tf.reduce_min(tf.reduce_max(tf.abs(twice - two(pairs)), axis=1))) > 1e-3


def test_the_gradient_of_the_answer_reaches_all_of_the_encoder(shown):
    model, inputs = segment_model(shown), random_inputs(shown)
    variables = model.get_layer("demonstration_encoder").trainable_variables
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(inputs)["logits"] ** 2)
    gradients = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, variables)]
    assert len(gradients) == 11 and min(float(tf.reduce_max(tf.abs(gradient))) for gradient in gradients) > 1e-6


def test_a_reasoner_that_is_shown_demonstrations_opens_without_this_package(shown, tmp_path):
    model, inputs = reasoner_model(segment_model(shown), None), random_inputs(shown)
    model.save(tmp_path / "reasoner.keras")
    opened = keras.saving.load_model(tmp_path / "reasoner.keras")
    for name, value in model(inputs).items():
        np.testing.assert_allclose(opened(inputs)[name], value, rtol=1e-5, atol=1e-6)


def test_a_reasoner_opens_without_this_package(small, tmp_path):
    model = reasoner_model(segment_model(small), np.random.default_rng(0).normal(size=(5, 16)).astype(np.float32))
    model.save(tmp_path / "reasoner.keras")
    inputs = random_inputs(small)
    inputs["identifier"] = tf.constant([0, 3, 4])
    del inputs["puzzle"]
    with zipfile.ZipFile(tmp_path / "reasoner.keras") as archive:
        assert b"hrm" not in archive.read("config.json")  # Keras' own classes and no others.
    opened = keras.saving.load_model(tmp_path / "reasoner.keras")
    for name, value in model(inputs).items():
        np.testing.assert_allclose(opened(inputs)[name], value, rtol=1e-5, atol=1e-6)
