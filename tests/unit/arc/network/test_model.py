import keras
import numpy as np
import pytest

from arc.network.layers import canonical_slots, with_neighbours
from arc.network.model import build_model
from longrun.config import changed
from tests.fixtures.arc import made

PAD = 10


def predict(model, inputs):
    return np.asarray(model({name: keras.ops.convert_to_tensor(value) for name, value in inputs.items()}))


def test_decoder_only_has_the_size_of_the_original():
    config = made(model="decoder_only", feed_forward=768, positions="rope3d", task_ids=False, learnt_positions=False)
    assert build_model(config.network).count_params() == 529_792


@pytest.mark.parametrize(
    ("fields", "parameters"),
    [
        ({}, 940_427),
        ({"object_view": True, "neighbours": True}, 1_043_275),
        ({"model": "decoder_only", "feed_forward": 768, "positions": "diagonal3d", "learnt_positions": False}, 532_224),
        ({"model": "champion", "context_pairs": 2, "equivariant": True}, 1_092_811),
    ],
)
def test_the_models_of_the_presets_have_their_sizes(fields, parameters):
    assert build_model(made(**fields).network).count_params() == parameters


def test_no_cell_sees_itself_or_a_later_one(tiny, random_inputs):
    model = build_model(tiny.network)
    inputs = random_inputs(model)
    before = predict(model, inputs)
    for cell in (0, 42, 98):
        changed = inputs["answer"].copy()
        changed[:, cell:] = (changed[:, cell:] + 3) % 10
        after = predict(model, {**inputs, "answer": changed})
        assert np.array_equal(after[:, : cell + 1], before[:, : cell + 1])
        assert not np.array_equal(after[:, cell + 1 :], before[:, cell + 1 :])


@pytest.mark.parametrize("seed", range(3))
def test_renamed_colours_rename_the_answer(seed, random_inputs):
    """model(P x) = P model(x), for colours of demonstrations, query and answer together."""
    fields = {"width": 32, "heads": 2, "encoder_layers": 1, "decoder_layers": 1, "feed_forward": 32, "context_width": 32}
    model = build_model(made(model="champion", context_pairs=1, equivariant=True, **fields).network)
    for variable in model.trainable_variables:
        if "gate" in variable.path:
            variable.assign(np.ones(variable.shape))
    generator = np.random.default_rng(seed)
    # Few colours are seen, so that the answer holds some that are not.
    inputs = random_inputs(model, seed=seed)
    palette = np.append(generator.permutation(10)[:4], PAD).astype(np.int32)
    inputs = {name: value if name in ("task", "answer") else palette[value % 5] for name, value in inputs.items()}
    permutation = np.append(generator.permutation(10), PAD).astype(np.int32)
    renamed = {name: value if name == "task" else permutation[value] for name, value in inputs.items()}
    assert predict(model, renamed)[:, :, permutation] == pytest.approx(predict(model, inputs), abs=1e-5)


def test_the_encoder_decoder_is_not_equivariant(random_inputs):
    model = build_model(made(width=32, heads=2, feed_forward=32).network)
    inputs = random_inputs(model)
    permutation = np.roll(np.arange(11, dtype=np.int32), 0)
    permutation[[1, 2]] = 2, 1
    renamed = {name: value if name == "task" else permutation[value] for name, value in inputs.items()}
    assert np.abs(predict(model, renamed)[:, :, permutation] - predict(model, inputs)).max() > 1e-3


def test_colours_take_slots_by_first_appearance():
    slots = np.asarray(canonical_slots(keras.ops.convert_to_tensor(np.array([[10, 4, 4, 0, 7, 0, 10]], np.int32))))
    assert slots.tolist() == [[1, 9, 9, 9, 0, 9, 9, 2, 9, 9]]


def test_each_neighbour_lends_channels_of_its_own():
    cells = np.zeros((1, 5, 5, 32), np.float32)
    cells[0, 2, 4] = np.arange(1, 33)
    found = np.asarray(with_neighbours(keras.ops.convert_to_tensor(cells.reshape(1, 25, 32)), 5)).reshape(5, 5, 32)
    assert found[2, 4].tolist() == [0] * 16 + list(range(17, 33))
    lent = {(row, column): found[row, column].nonzero()[0].tolist() for row, column in np.argwhere(found.any(axis=2)).tolist()}
    del lent[2, 4]
    # From the lower right neighbour come the last of the lent channels, from the one above the second two; right of the border is nothing.
    assert lent == {(1, 3): [14, 15], (1, 4): [12, 13], (2, 3): [8, 9], (3, 3): [4, 5], (3, 4): [2, 3]}


def test_a_fresh_champion_ignores_its_demonstrations_and_its_gates_feel_a_gradient(random_inputs):
    import tensorflow as tf

    config = made(width=32, heads=2, encoder_layers=1, decoder_layers=1, feed_forward=32, model="champion", context_pairs=1)
    config = changed(config, context_width=32)
    model = build_model(config.network)
    inputs = random_inputs(model)
    other = {**inputs, "context": (inputs["context"] + 1) % 10}
    assert np.array_equal(predict(model, inputs), predict(model, other))
    gates = [variable for variable in model.trainable_variables if "gate" in variable.path]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(inputs)))
    assert len(gates) == 2 and all(np.abs(gradient).max() > 0 for gradient in tape.gradient(loss, gates))


def test_a_saved_model_opens_by_itself(tiny, random_inputs, tmp_path):
    model = build_model(tiny.network)
    model.save(tmp_path / "model.keras")
    inputs = random_inputs(model)
    assert np.array_equal(predict(keras.saving.load_model(tmp_path / "model.keras"), inputs), predict(model, inputs))
