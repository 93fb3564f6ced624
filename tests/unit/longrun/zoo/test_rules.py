"""What others' rules say of made-up curves."""

import math

from longrun.zoo.rules import (
    detect_anomaly,
    keras_early_stopping,
    lightning_early_stopping,
    loss_stayed,
    terminate_on_nan,
)


def held_out(*losses):
    return {"held_out": [[10 * number, loss] for number, loss in enumerate(losses, 1)]}


def test_terminate_on_nan_stops_at_the_first_loss_that_is_no_number():
    assert terminate_on_nan({"loss": [1.0, math.inf, math.nan]}) == 2
    assert terminate_on_nan({"loss": [1.0, 0.5]}) is None


def test_early_stopping_waits_for_its_patience():
    assert keras_early_stopping(held_out(3, 2, 2.5, 1)) == 30
    assert keras_early_stopping(held_out(3, 2, 1)) is None
    assert lightning_early_stopping(held_out(3, 2, 2.5, 2.4, 2.3, 1)) == 50
    assert lightning_early_stopping(held_out(3, 2, 2.5, 1, 2, 2)) is None


def test_only_lightning_checks_that_the_held_out_loss_is_finite():
    assert lightning_early_stopping(held_out(3, math.nan, 1)) == 20
    assert lightning_early_stopping(held_out(3, math.inf, 1)) == 20


def test_anomaly_is_a_gradient_that_is_no_number():
    assert detect_anomaly({"gradient_nan": [False, True]}) == 2
    assert detect_anomaly({"gradient_nan": [False, False]}) is None


def test_a_loss_that_went_down_is_well():
    assert loss_stayed({"loss": [1.0] * 10 + [0.5] * 10}) is None
    assert loss_stayed({"loss": [1.0] * 20}) == 20
    assert loss_stayed({"loss": [1.0] * 10 + [math.nan] * 10}) == 20
