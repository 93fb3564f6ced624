import keras
import numpy as np
import pytest

from collatz.config import Config
from collatz.functions import closed_forms
from collatz.functions.clock import clock
from collatz.functions.model import build_clock, build_levels, build_model, build_original, log_orbit, value_model
from collatz.presets import PRESETS
from collatz.settings import ModelSettings
from collatz.training.sampler import Sampler
from longrun import changed

SMALL = changed(Config(), recipe="clock", layers="8,8", lookahead=20, batch_size=512)


@pytest.fixture(scope="module")
def features():
    return Sampler(SMALL.batches, 20).batch(3, 0)["features_0"]


@pytest.mark.parametrize(("preset", "count"), [("run5", 4_405_250), ("run6", 4_425_730), ("quick", 128_769), ("levels", 129_414)])
def test_parameters_are_pinned(preset, count):
    assert build_model(PRESETS[preset]().model).count_params() == count


def test_the_default_network_has_the_original_count():
    assert build_original(ModelSettings()).count_params() == 35_330


def test_the_original_starts_as_pytorch_does():
    keras.utils.set_random_seed(0)
    model = build_original(ModelSettings(layers="400,400"))
    for name, fan_in in (("hidden_1", 16), ("hidden_2", 400), ("output", 400)):
        kernel, bias = (np.asarray(weight) for weight in model.get_layer(name).weights)
        bound = fan_in**-0.5
        for values in (kernel, bias):
            assert np.abs(values).max() <= bound
        assert np.abs(kernel).max() > 0.97 * bound and abs(kernel.std() - bound / 3**0.5) < 0.03 * bound
        assert np.abs(bias).max() > 0


def test_the_original_is_positive_and_knows_its_coefficient():
    model = build_original(ModelSettings())
    batch = Sampler(Config().batches, 10).batch(0, 0)
    outputs = model(batch["features_0"])
    assert (np.asarray(outputs["value"]) > 0).all()
    np.testing.assert_allclose(outputs["drift_term"], 0.35 * batch["drift"], rtol=1e-5, atol=1e-5)


def test_log_orbit_equals_the_closed_forms(features):
    inputs = keras.Input((26,))
    found = keras.Model(inputs, log_orbit(inputs, 20))(features)
    np.testing.assert_allclose(found, closed_forms.log_orbit(features), atol=1e-9)


def test_the_clock_starts_as_the_closed_form(features):
    value = value_model(build_clock(SMALL.model))
    np.testing.assert_array_equal(value(features), clock(20)(features))


def test_levels_start_as_the_closed_form(features):
    outputs = build_levels(changed(SMALL.model, recipe="levels", levels=4, climb_index=12))(features)
    orbit = closed_forms.log_orbit(features) + 1e-3 * np.arange(21)
    climbs = (orbit.argmax(axis=1) >= 12) & (orbit.max(axis=1) > 0.5)
    expected = climbs + 2 * (features[:, 1] == 0)
    np.testing.assert_array_equal(outputs["prior"], expected)
    np.testing.assert_array_equal(np.argmax(outputs["logits"], axis=1), expected)
    np.testing.assert_array_equal(np.asarray(outputs["value"]) // 120, expected)


@pytest.mark.parametrize("recipe", ["clock", "levels", "original"])
def test_a_saved_value_opens_by_itself(recipe, features, tmp_path):
    model = build_model(changed(SMALL.model, recipe=recipe))
    for weight in model.trainable_variables:
        weight.assign(weight + 0.05 * np.random.default_rng(0).normal(size=weight.shape))
    value = value_model(model)
    value.save(tmp_path / "v.keras")
    found = keras.saving.load_model(tmp_path / "v.keras", safe_mode=True)
    np.testing.assert_array_equal(found(features), value(features))
    assert len(np.unique(value(features))) > 100
