import keras
import numpy as np
import pytest

from longrun.release.half_precision import halve


@pytest.fixture
def saved(tmp_path):
    """A model with a nested one, trained weights that half precision cannot hold exactly, and its file."""
    inner = keras.Sequential([keras.layers.Dense(64, name="inner")], name="nested")
    image = keras.Input((32,))
    model = keras.Model(image, keras.layers.Dense(3, name="outer")(inner(image)))
    model.save(tmp_path / "model.keras")
    return model, tmp_path / "model.keras"


def test_the_opened_model_has_the_rounded_weights_in_single_precision(saved):
    model, path = saved
    before = path.stat().st_size
    halve(path)
    again = keras.saving.load_model(path)
    assert path.stat().st_size < 0.75 * before
    for weight, original in zip(again.weights, model.weights, strict=True):
        assert weight.dtype == "float32" and weight.path.split("/")[-2:] == original.path.split("/")[-2:]
        assert np.array_equal(weight.numpy(), original.numpy().astype(np.float16).astype(np.float32))
    assert not np.array_equal(again.weights[0].numpy(), model.weights[0].numpy())
    halve(path)
    assert np.array_equal(keras.saving.load_model(path).weights[0].numpy(), again.weights[0].numpy())


def test_weights_beyond_half_precision_are_refused_and_the_file_stays(saved):
    model, path = saved
    model.weights[-1].assign([1e6, 0, 0])
    model.save(path)
    with pytest.raises(ValueError, match="too large for half precision"):
        halve(path)
    assert keras.saving.load_model(path).weights[-1].numpy()[0] == 1e6
    assert [each.name for each in path.parent.iterdir()] == ["model.keras"]
