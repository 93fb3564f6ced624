"""Each check of what can be learnt finds its own fault, and nothing in a healthy training."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun.examination.fitting import Fitted
from longrun.examination.learning.baselines import baselines
from longrun.examination.learning.first_loss import first_loss
from longrun.examination.learning.gradients import gradients
from longrun.examination.learning.input_use import input_use
from longrun.examination.learning.overfitting import overfitting
from longrun.examination.subject import CannotCheck, Subject
from tests.fixtures import examined as small


@pytest.fixture(scope="module")
def healthy():
    # A clock that stands: the steps alone decide.
    return Subject(small.training(), clock=lambda: 0.0)


@pytest.mark.parametrize("check", [gradients, first_loss, baselines, overfitting, input_use])
def test_a_healthy_training_passes(healthy, check):
    verdict = check(healthy)
    assert verdict.status == "ok", verdict


class Headless(keras.Model):
    """A layer that nothing leads to."""

    def __init__(self):
        super().__init__()
        self.used, self.unused = keras.layers.Dense(small.CLASSES), keras.layers.Dense(2, name="unused")

    def call(self, x):
        self.unused(x)
        return self.used(x)


def test_a_layer_without_gradient_is_named():
    verdict = gradients(Subject(small.training(small.compiled(Headless()))))
    assert verdict.status == "SICK" and "unused/kernel" in verdict.found and verdict.value == 2


def test_a_variable_left_out_of_the_optimizer_is_named():
    model = small.network()
    verdict = gradients(Subject(small.stepped(model, variables=model.trainable_variables[:-1])))
    assert verdict.status == "SICK" and model.trainable_variables[-1].path in verdict.found


def test_a_gradient_that_is_not_finite_is_named():
    verdict = gradients(Subject(small.stepped(small.network(), lambda loss: loss * np.inf)))
    assert verdict.status == "SICK" and "not finite" in verdict.found


def test_a_branch_that_begins_at_nought_is_no_fault():
    inputs = keras.Input((small.FEATURES,))
    keras.utils.set_random_seed(0)
    branch = keras.layers.Dense(small.CLASSES, kernel_initializer="zeros")(keras.layers.Dense(8)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(small.CLASSES)(inputs) + branch)
    subject = Subject(small.training(small.compiled(model)))
    assert min(found.norm for found in subject.gradients.of.values()) == 0
    assert gradients(subject).status == "ok"


@pytest.mark.parametrize(("factor", "advice"), [(100.0, "too large"), (0.1, "cannot know")])
def test_a_loss_far_from_ignorance_is_found(factor, advice):
    verdict = first_loss(Subject(small.stepped(small.network(), lambda loss: factor * loss)))
    assert verdict.status == "SICK" and advice in verdict.advice


def test_trained_weights_have_no_first_loss():
    with pytest.raises(CannotCheck, match="trained already"):
        first_loss(Subject(small.training(fresh=False)))


def same_labels(seed):
    return small.rows(seed)[0], np.ones(small.ROWS, np.int32)


def leaked(seed, count=small.ROWS):
    x, y = small.rows(seed, count)
    return np.concatenate([x[:, 1:], y[:, None]], axis=1).astype(np.float32), y


def unshifted(seed):
    tokens, _ = small.sentences(seed)
    return tokens, tokens


def test_constant_labels_are_found():
    verdict = baselines(Subject(small.training(batch=same_labels, held_out=same_labels(9))))
    assert verdict.status == "SICK" and "all 512 labels are 1" in verdict.found


def test_a_label_among_the_features_is_found():
    verdict = baselines(Subject(small.training(batch=leaked, held_out=leaked(9))))
    assert verdict.status == "SICK" and "element 5 of inputs" in verdict.found


def test_targets_that_were_not_shifted_are_found():
    model = small.compiled(small.reader(causal=True))
    verdict = baselines(Subject(small.training(model, unshifted, unshifted(9), kind="sequence")))
    assert verdict.status == "SICK" and "copy of inputs gives the label away" in verdict.found


def test_the_table_of_the_current_token_is_a_floor_of_a_language_model():
    model = small.compiled(small.reader(causal=True))
    verdict = baselines(Subject(small.training(model, small.sentences, small.sentences(9, 64), kind="sequence")))
    assert verdict.status == "ok" and 0.4 < verdict.value < 0.6 and verdict.floor < 0.2


def test_a_linear_relation_is_solved_by_the_linear_predictor():
    def numbers(seed, count=small.ROWS):
        x, _ = small.rows(seed, count)
        return x, x[:, :2].sum(axis=1, keepdims=True) - 1

    model = small.network(classes=1)
    model.compile("adam", "mse")
    verdict = baselines(Subject(small.training(model, numbers, numbers(9, 64), kind="regression")))
    assert verdict.status == "ok" and verdict.value < 0.01 < verdict.floor


def test_a_rate_of_nought_learns_nothing():
    verdict = overfitting(Subject(small.training(small.compiled(small.network(), learning_rate=0.0)), clock=lambda: 0.0))
    assert verdict.status == "SICK" and verdict.value > verdict.limit


def test_what_still_falls_is_left_open():
    slow = small.compiled(small.network(), learning_rate=1e-3)
    verdict = overfitting(Subject(small.training(slow), seconds=0.0))
    assert verdict.status == "not applicable" and "too early" in verdict.found
    assert Fitted(np.linspace(2.0, 1.0, 40), None).undecided and not Fitted(np.full(40, 2.0), None).undecided


class Deaf(keras.Model):
    """Answers without its input, and learns how often each class comes."""

    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(small.CLASSES)

    def call(self, x):
        return self.head(0 * x + 1)


def uneven(seed):
    x, y = small.rows(seed)
    return x, np.where(np.arange(small.ROWS) < 12, 0, y).astype(np.int32)


def test_an_input_that_is_not_read_is_found():
    verdict = input_use(Subject(small.training(small.compiled(Deaf()), uneven)))
    assert verdict.status == "SICK" and verdict.value == 0


def two_inputs(seed):
    x, y = small.rows(seed)
    return {"seen": x, "unseen": x[:, ::-1].copy()}, y


def test_one_input_of_two_that_is_not_read_is_named():
    keras.utils.set_random_seed(0)
    inputs = {name: keras.Input((small.FEATURES,), name=name) for name in ("seen", "unseen")}
    together = keras.layers.Add()([inputs["seen"], keras.layers.Lambda(lambda x: 0 * x)(inputs["unseen"])])
    hidden = keras.layers.Dense(16, activation="relu")(together)
    model = small.compiled(keras.Model(inputs, keras.layers.Dense(small.CLASSES)(hidden)))
    verdict = input_use(Subject(small.training(model, two_inputs, two_inputs(9))))
    assert verdict.status == "SICK" and "inputs/unseen" in verdict.found


def test_without_labels_nothing_is_said_of_them():
    """A step that is given noise alone: the checks of labels say why they cannot be applied."""
    model = small.network()
    optimizer = keras.optimizers.Adam(0.05)
    optimizer.build(model.trainable_variables)

    def train_step(batch):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(batch["noise"]) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True))
        return loss

    def noise(seed):
        return {"noise": small.rows(seed)[0]}

    subject = Subject(small.training(model, noise, noise(9), train_step=train_step, kind="other"))
    for check in (first_loss, baselines, input_use):
        with pytest.raises(CannotCheck, match="nothing says"):
            check(subject)


class Autoencoder(keras.Model):
    """Trained by a step of its own on inputs alone, as `model.fit(x)` trains it."""

    def __init__(self, read: float):
        super().__init__()
        self.read, self.layer = read, keras.layers.Dense(small.FEATURES)

    def call(self, x):
        return self.layer(self.read * x)

    def train_step(self, x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x, training=True) - x) ** 2)
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return {"loss": loss}


@pytest.mark.parametrize(("read", "status"), [(1.0, "ok"), (0.0, "SICK")])
def test_without_labels_predictions_say_whether_the_input_is_used(read, status):
    keras.utils.set_random_seed(0)
    model = Autoencoder(read)
    model.compile("adam")
    data = tf.data.Dataset.from_tensor_slices(small.rows(0, 64)[0]).batch(small.ROWS)
    verdict = input_use(Subject(small.training(model, data, small.rows(9)[0], kind="other"), seconds=1.0))
    assert verdict.status == status, verdict


def padded(seed, count=64):
    """Sentences of which the second half is filled up with nought, which does not count."""
    x, y = small.sentences(seed, count)
    weights = np.repeat(np.arange(8) < 4, count).reshape(8, count).T.astype(np.float32)
    return x, np.where(weights > 0, y, 0).astype(np.int32), weights


def test_what_has_no_weight_is_no_label():
    model = small.compiled(small.reader(causal=True))
    verdict = baselines(Subject(small.training(model, padded, padded(9), kind="sequence")))
    assert verdict.status == "ok" and verdict.floor < 0.2 and 0.4 < verdict.value < 0.6


def test_the_last_number_of_a_window_is_a_floor_of_a_forecast():
    def walks(seed, count=small.ROWS):
        x = np.random.default_rng(seed).normal(size=(count, 9, 1)).cumsum(axis=1).astype(np.float32)
        return x[:, :8], x[:, 8]

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    verdict = baselines(Subject(small.training(model, walks, walks(99, 400), kind="regression")))
    assert "previous" in verdict.found and 0.7 < verdict.value < 1.3 < verdict.floor
