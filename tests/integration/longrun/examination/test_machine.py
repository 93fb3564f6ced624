"""Each check of the step as a program finds its own fault, and nothing in a healthy training."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun.examination.machine import memory as memory_module
from longrun.examination.machine.eager import eager
from longrun.examination.machine.memory import memory
from longrun.examination.machine.modes import modes
from longrun.examination.machine.precision import precision
from longrun.examination.machine.resume import resume
from longrun.examination.machine.retracing import retracing
from longrun.examination.subject import CannotCheck, Subject
from tests.fixtures import examined as small


@pytest.fixture(scope="module")
def healthy():
    layers = keras.layers.Dense(16), keras.layers.BatchNormalization(), keras.layers.ReLU(), keras.layers.Dropout(0.2)
    return Subject(small.training(small.compiled(small.network(*layers))))


@pytest.mark.parametrize("check", [eager, modes, retracing, resume, memory, precision])
def test_a_healthy_training_passes(healthy, check):
    verdict = check(healthy)
    assert verdict.status == "ok", verdict


def test_a_schedule_that_a_trace_freezes_is_found():
    optimizer, rates = keras.optimizers.SGD(1.0), iter(0.5**step for step in range(100))
    told = small.stepped(small.network(), optimizer=optimizer)

    def train_step(batch):
        optimizer.learning_rate = next(rates)
        return told.train_step(batch)

    verdict = eager(Subject(small.training(told.model, train_step=train_step)))
    assert verdict.status == "SICK" and verdict.value > 1


def test_numbers_drawn_outside_the_state_cannot_be_compared():
    told = small.stepped(small.network(), lambda loss: loss * tf.random.uniform(()))
    with pytest.raises(CannotCheck, match="draws numbers outside its state"):
        eager(Subject(told))


class AlwaysDropping(keras.Layer):
    """Drops in evaluation too."""

    def __init__(self):
        super().__init__()
        self.drop = keras.layers.Dropout(0.5)

    def call(self, x):
        return self.drop(x, training=True)


class ModeOfItsOwn(keras.Layer):
    """Another answer in training mode, without a layer that is known to have one."""

    def call(self, x, training=False):
        return x * (2.0 if training else 1.0)


@pytest.mark.parametrize(("layer", "found"), [(AlwaysDropping, "two evaluations"), (ModeOfItsOwn, "training and evaluation differ")])
def test_modes_that_differ_where_they_must_not_are_found(layer, found):
    verdict = modes(Subject(small.training(small.compiled(small.network(layer())))))
    assert verdict.status == "SICK" and found in verdict.found


class Sampling(keras.Layer):
    """Draws in training, as a variational autoencoder does."""

    def __init__(self):
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, x, training=False):
        return x + keras.random.normal(keras.ops.shape(x), seed=self.seed_generator) if training else x


class Centring(keras.Layer):
    """Keeps a mean, as a normalisation does."""

    def build(self, shape):
        self.mean = self.add_weight(shape=(shape[-1],), trainable=False, initializer="zeros")

    def call(self, x, training=False):
        if training:
            self.mean.assign(0.9 * self.mean + 0.1 * keras.ops.mean(x, axis=0))
            return x - keras.ops.mean(x, axis=0)
        return x - self.mean


@pytest.mark.parametrize("layer", [Sampling, Centring])
def test_a_layer_of_ones_own_may_draw_or_keep_statistics_in_training(layer):
    verdict = modes(Subject(small.training(small.compiled(small.network(layer())))))
    assert verdict.status == "ok" and "of its own" in verdict.found


@pytest.mark.parametrize("layer", [lambda: keras.layers.Dropout(0.5), keras.layers.BatchNormalization])
def test_a_step_in_evaluation_mode_is_found(layer):
    verdict = modes(Subject(small.stepped(small.network(layer()), mode=False)))
    assert verdict.status == "SICK" and "evaluation mode" in verdict.found


def ragged(step):
    x, y = small.rows(step)
    return x[: 16 - step], y[: 16 - step]


def test_batches_of_many_sizes_are_found():
    verdict = retracing(Subject(small.training(batch=ragged)))
    assert verdict.status == "SICK" and verdict.value == 4 and "[15, 6]" in verdict.found


def test_the_short_last_batch_of_a_dataset_is_found():
    data = tf.data.Dataset.from_tensor_slices(small.rows(0, 40)).batch(small.ROWS)
    told = small.stepped(small.network())

    def train_step(batch):
        return told.train_step(batch)

    verdict = retracing(Subject(small.training(told.model, data, train_step=train_step)))
    assert (verdict.status, verdict.value) == ("SICK", 2)
    assert retracing(Subject(small.training(told.model, data.take(2), train_step=train_step))).status == "ok"


def test_model_fit_may_have_a_short_last_batch():
    data = tf.data.Dataset.from_tensor_slices(small.rows(0, 40)).batch(small.ROWS)
    verdict = retracing(Subject(small.training(batch=data)))
    assert (verdict.status, verdict.value, verdict.limit) == ("ok", 2, 2) and "drop_remainder=True" in verdict.found
    uneven = [small.rows(0), small.rows(1, 10), small.rows(2)]
    assert retracing(Subject(small.training(batch=uneven))).status == "SICK"


def test_a_number_that_the_step_closes_over_is_named():
    weight = 0.5
    verdict = retracing(Subject(small.stepped(small.network(), lambda loss: loss * weight)))
    assert verdict.status == "SICK" and "weight = 0.5" in verdict.found


def test_state_outside_the_checkpoint_is_found():
    carried = tf.Variable(1.0)
    told = small.stepped(small.network(), lambda loss: loss * carried.assign_add(1.0))
    verdict = resume(Subject(told))
    assert verdict.status == "SICK" and verdict.value > 0
    held = small.training(told.model, train_step=told.train_step, groups={"carried": [carried]})
    assert resume(Subject(held)).status == "ok"


def test_weights_alone_are_no_checkpoint():
    """`save_weights` leaves out the seeds of Dropout."""
    model = small.compiled(small.network(keras.layers.Dropout(0.5)))
    told = {"save": lambda folder: model.save_weights(folder / "a.weights.h5")}
    told["restore"] = lambda folder: model.load_weights(folder / "a.weights.h5")
    verdict = resume(Subject(small.training(model, **told)))
    assert verdict.status == "SICK" and "seed_generator" in verdict.found


def test_numbers_drawn_by_python_are_no_part_of_a_checkpoint():
    told = small.stepped(small.network(), lambda loss: loss * tf.random.uniform(()))
    assert resume(Subject(told)).status == "SICK"


def test_memory_that_grows_is_found(healthy, monkeypatch):
    used = iter(range(10**9, 2 * 10**9, 10**7))

    def reading():
        now = next(used)
        return {"now": now, "peak": now, "all": 10**11}

    monkeypatch.setattr(memory_module, "on_host", reading)
    verdict = memory(healthy)
    assert verdict.status == "SICK" and "grows by 9.5 MiB a step" in verdict.found
    monkeypatch.setattr(memory_module, "on_host", lambda: {"now": 5, "peak": 95, "all": 100})
    assert memory(healthy).status == "SICK"


def test_memory_of_another_system_is_not_guessed(tmp_path):
    with pytest.raises(CannotCheck, match="does not say"):
        memory_module.on_host(tmp_path / "status")
    (tmp_path / "status").write_text("VmRSS:\t 7 kB\n")
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\n")
    assert memory_module.on_host(tmp_path / "status", tmp_path / "meminfo") == {"now": 7168, "peak": 7168, "all": 9216}


def test_a_loss_that_is_not_finite_is_found():
    verdict = precision(Subject(small.stepped(small.network(), lambda loss: loss / 0.0)))
    assert verdict.status == "SICK" and "first loss" in verdict.found


def numbered(step):
    x, y = small.rows(step)
    return np.rint(1000 + 100 * x).astype(np.float32), y


def of(kind):
    keras.utils.set_random_seed(0)
    hidden = keras.layers.Dense(8, dtype=kind)
    return keras.Sequential([keras.Input((small.FEATURES,), dtype="float32"), hidden, keras.layers.Dense(small.CLASSES)])


def test_whole_numbers_that_fall_together_are_found():
    verdict = precision(Subject(small.training(small.compiled(of("mixed_bfloat16"), 1e-3), numbered, numbered(9))))
    assert verdict.status == "SICK" and "fall together" in verdict.found
    assert precision(Subject(small.training(small.compiled(of("float32"), 1e-3), numbered, numbered(9)))).status == "ok"


def test_gradients_under_the_floor_of_float16_are_found():
    verdict = precision(Subject(small.stepped(of("mixed_float16"), lambda loss: 1e-5 * loss)))
    assert verdict.status == "SICK" and "loses digits" in verdict.found


def test_weights_in_half_precision_are_found():
    verdict = precision(Subject(small.stepped(of("bfloat16"))))
    assert verdict.status == "SICK" and "held in bfloat16" in verdict.found


def test_an_examination_leaves_the_training_as_it_was(healthy):
    from longrun.examination.doctor import examine

    before = healthy.state.snapshot()
    found = examine(healthy.examined, seconds=10)
    assert found.sick == ()
    after = healthy.state.snapshot()
    assert [a.tobytes() for a in before.values] == [a.tobytes() for a in after.values]
    assert json.loads(found.json())["verdicts"][0]["check"] == "gradients"
    assert [v.check for v in found.verdicts if v.status == "not applicable"] == ["pairs kept"]
