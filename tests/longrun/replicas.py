"""A small training on the devices named on the command line, its losses printed as JSON; run by test_device in processes of its own."""

import json
import sys

import keras
import tensorflow as tf

from longrun import ExponentialAverage, StepFunction, apply_gradients, device, seeding

STEPS, ROWS = 12, 8


def train(devices: str) -> dict:
    """Losses of every step, weights and averages of a clipped training with an average, on "one", "mirrored" or "multi_worker"."""
    keras.utils.set_random_seed(1)
    strategy = device.strategy(devices)
    with strategy.scope():
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)])
        optimizer = keras.optimizers.AdamW(0.05)
        optimizer.build(model.trainable_variables)
    average = ExponentialAverage(model.trainable_variables, 0.9)  # Outside the scope: it finds its variables' own.

    def train_step(batch, scalars):
        noise = seeding.normal(batch["keys"], "noise")
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(batch["x"], training=True)[:, 0] - batch["y"] + 0.1 * noise) ** 2)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.learning_rate = scalars["learning_rate"]
        report = apply_gradients(optimizer, gradients, model.trainable_variables, clip_norm=scalars["clip_norm"])
        average.update()
        return {"loss": loss, **report}

    function = StepFunction(train_step, strategy=strategy)
    history = []
    for step in range(STEPS):
        keys = seeding.sample_keys(1, step, ROWS)
        x = seeding.normal(keys, "x", (4,))
        batch = {"x": x, "y": tf.reduce_sum(x**2, axis=1), "keys": keys}
        results = function(batch, {"learning_rate": 0.05 * (1 - step / 20), "clip_norm": 0.5})
        history.append({name: float(value) for name, value in results.items()})
    weights = sums(model.trainable_variables)
    average.swap()
    averages = sums(model.trainable_variables)
    average.swap()
    return {
        "replicas": strategy.num_replicas_in_sync,
        "chief": device.is_chief(strategy),
        "history": history,
        "weights": weights,
        "averages": averages,
        "swapped_back": sums(model.trainable_variables) == weights,
        "traces": function.traces,
    }


def sums(variables):
    """One number per variable."""
    return [float(tf.reduce_sum(tf.abs(tf.convert_to_tensor(variable)))) for variable in variables]


if __name__ == "__main__":
    device.configure(seed=1, logical_cpus=2 if "mirrored" in sys.argv else 1)
    print(json.dumps({name: train(name) for name in sys.argv[1:]}))
