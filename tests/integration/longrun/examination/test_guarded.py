"""The guards in `model.fit`."""

import keras
import numpy as np
import pytest

from longrun import Guarded, UserError
from tests.fixtures import examined as small


def fitted(model, guarded, x, y, **options):
    model.fit(x, y, batch_size=16, epochs=3, verbose=0, shuffle=False, callbacks=[guarded], **options)
    return guarded


def test_a_loss_that_is_not_finite_stops_the_fit(tmp_path):
    x, y = small.rows(0, 320)
    x[200] = np.nan
    model = small.compiled(small.network(keras.layers.Dense(8)))
    guarded = fitted(model, Guarded(log_every=2, report=tmp_path / "report.md"), x, y)
    assert [finding.guard for finding in guarded.findings] == ["non-finite"] and guarded.step == 14
    assert "not finite: loss" in (tmp_path / "report.md").read_text()


def test_with_warn_the_fit_goes_on(capsys):
    x, y = small.rows(0, 320)
    x[200] = np.nan
    guarded = fitted(small.compiled(small.network(keras.layers.Dense(8))), Guarded(log_every=2, on_unhealthy="warn"), x, y)
    assert guarded.step == 60 and capsys.readouterr().out.count("unhealthy") == 1


class Rectified(keras.Layer):
    """Of what is no number it makes 0, as TensorFlow's rectifier does on some processors and not on others."""

    def __init__(self):
        super().__init__()
        self.inner = keras.layers.Dense(8)

    def call(self, x):
        inner = self.inner(x)
        return keras.ops.where(inner > 0, inner, 0.0)


def test_weights_that_are_not_finite_are_found_behind_a_finite_loss():
    x, y = small.rows(0, 320)
    x[200] = np.nan
    guarded = fitted(small.compiled(small.network(Rectified())), Guarded(log_every=2), x, y)
    assert [finding.quantity for finding in guarded.findings] == ["norm of the weights"] and guarded.step == 20


def test_an_input_that_is_not_used_is_named(tmp_path):
    class Deaf(keras.Layer):
        def call(self, x):
            return 0 * x

    x, y = small.rows(0, 320)
    model = small.compiled(small.network(Deaf()))
    guarded = fitted(model, Guarded(small.rows(1, 64), after=20, tensorboard=tmp_path, floors={"loss": 1.1}), x, y)
    assert "inputs not used" in {finding.guard for finding in guarded.findings}
    assert {path.parent.name for path in tmp_path.rglob("events.*")} == {"doctor", "floors"}


@pytest.mark.parametrize("wrong", [{"on_unhealthy": "rollback"}, {"log_every": 0}, {"held_out": 7}, {"held_out": []}])
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(UserError):
        Guarded(**wrong)


def test_a_regression_and_two_classes_with_one_output_are_healthy():
    x, y = small.rows(0, 320)
    for labels, loss in (((x[:, :1] > 0).astype(np.int32), "binary_crossentropy"), (x[:, :1] + 3, "mse")):
        last = keras.layers.Dense(1, activation="sigmoid" if loss != "mse" else None)
        model = keras.Sequential([keras.Input((small.FEATURES,)), last])
        model.compile(keras.optimizers.Adam(0.1), loss)
        guarded = fitted(model, Guarded((x[:64], labels[:64]), after=20), x, labels)
        assert guarded.findings == []


@pytest.mark.parametrize(("causal", "found"), [(True, []), (False, ["future visible"])])
def test_a_language_model_that_sees_the_future_is_named(causal, found):
    x, y = small.sentences(0, 320)
    model = small.compiled(small.reader(causal), 0.01)
    guarded = fitted(model, Guarded(small.sentences(1, 64), causal=True, after=40), x, y)
    assert [finding.guard for finding in guarded.findings] == found


def test_rows_without_weight_cost_nothing():
    """Labels that have no weight and cannot be learnt: without the weights their loss would hide what the input is good for."""
    x, y = small.rows(0, 320)
    weights = np.ones(320, np.float32)
    weights[1::2], y[1::2] = 0, 0
    guarded = Guarded((x, y, weights), after=20)
    assert fitted(small.compiled(small.network()), guarded, x, y, sample_weight=weights).findings == []
    assert guarded.lines[-1][1]["held_out_loss"] < 0.2


@pytest.mark.parametrize(
    ("told", "compiled", "line"),
    [
        ({"held_out": small.rows(1)}, {}, "compiled without a loss"),
        ({"held_out": small.rows(1)[0]}, {"loss": "mse"}, "with one array of labels"),
        ({"held_out": small.rows(1), "causal": True}, {"loss": "mse"}, "differ in length"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_first_step(told, compiled, line):
    model = small.network()
    model.compile("adam", **compiled)
    guarded = Guarded(**told)
    guarded.set_model(model)
    with pytest.raises(UserError, match=line):
        guarded.on_train_begin()
