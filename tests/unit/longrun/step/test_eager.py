"""The same training with and without a graph, every scalar changing from step to step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun import StepFunction, apply_gradients


def small_training(mode, steps=10):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
    )
    optimizer = keras.optimizers.AdamW(0.01)
    optimizer.build(model.trainable_variables)

    def train_step(batch, scalars):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(batch["x"], training=True) - batch["y"]) ** 2) * scalars["weight"]
        optimizer.learning_rate = scalars["learning_rate"]
        gradients = tape.gradient(loss, model.trainable_variables)
        return {"loss": loss, **apply_gradients(optimizer, gradients, model.trainable_variables, clip_norm=scalars["clip_norm"])}

    function = StepFunction(train_step, mode=mode)
    random = np.random.default_rng(0)
    losses = []
    for step in range(steps):
        x = random.normal(size=(16, 3)).astype(np.float32)
        batch = {"x": x, "y": np.sum(x**2, axis=1, keepdims=True)}
        scalars = {"weight": 1.0 + step, "learning_rate": 0.02 / (1 + step), "clip_norm": 0.5}
        losses.append(float(function(batch, scalars)["loss"]))
    return losses, [np.array(value) for value in model.trainable_variables], float(optimizer.learning_rate), function.traces


def test_eager_equals_graph_with_every_scalar_changing():
    graph, eager = small_training("graph"), small_training("eager")
    np.testing.assert_allclose(graph[0], eager[0], rtol=1e-5)
    for one, other in zip(graph[1], eager[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    # The learning rate of the last step arrived in the optimizer, from inside the one trace.
    assert graph[2] == eager[2] == pytest.approx(0.002)
    assert (graph[3], eager[3]) == (1, 0)
