"""The original recipe against PyTorch's own numbers."""

import keras
import numpy as np
import pytest

from collatz.config import Config
from collatz.training.optimizer import adamw
from collatz.training.schedules import plateau
from longrun import changed
from tests.golden.collatz.make_torch_vectors import PLATEAU_STEPS, noisy_loss
from tests.places import GOLDEN


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "collatz" / "torch_optimizer.npz") as vectors:
        return dict(vectors)


def weights_of(optimizer, golden) -> np.ndarray:
    """(S, P) weights after each step."""
    weight, path = keras.Variable(golden["initial"]), []
    optimizer.build([weight])
    for gradient, rate in zip(golden["gradients"], golden["rates"], strict=True):
        optimizer.learning_rate = rate
        optimizer.apply_gradients([(keras.ops.convert_to_tensor(gradient), weight)])
        path.append(weight.numpy())
    return np.stack(path)


def test_the_originals_adamw_is_pytorchs(golden):
    # Half a unit in the last place a step: PyTorch rounds 1 - rate x decay to float32, Keras the product.
    rounding = len(golden["rates"]) * 2.0**-24
    np.testing.assert_allclose(weights_of(adamw(Config()), golden), golden["weights"], rtol=rounding, atol=1e-7)


def test_keras_adamw_is_not(golden):
    """Else the vectors would hold nothing."""
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.01, epsilon=1e-8)
    assert np.abs(weights_of(optimizer, golden) - golden["weights"]).max() > 1e-4


@pytest.mark.parametrize("recipe", ["clock", "levels"])
def test_ours_keep_keras_adamw(recipe):
    """Released weights were trained with it."""
    assert type(adamw(changed(Config(), recipe=recipe, lookahead=20))) is keras.optimizers.AdamW


def test_the_plateau_rule_is_pytorchs(golden):
    rate, steps, rates = plateau(Config()), [], [1e-3]
    for step in range(PLATEAU_STEPS):
        if rate.observe(noisy_loss(step)) != rates[-1]:
            steps.append(step)
            rates.append(rate.rate)
    assert steps == golden["plateau_steps"].tolist()
    assert rates[1:] == golden["plateau_rates"].tolist()
