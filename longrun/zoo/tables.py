"""Rows of numbers: four classes told by a bent linear rule, and a noisy number."""

import keras
import numpy as np
import tensorflow as tf

from longrun.zoo.specimen import Batch, Specimen, cross_entropy, sparse_loss

WIDTH, CLASSES, ROWS, POOL = 12, 4, 64, 1500


def tabular(fault: str, setup: tuple[str, ...], seed: int) -> Specimen:
    """Four classes of twelve numbers each row; two layers of 32 units."""
    rule = np.random.default_rng([seed, 1]).normal(size=(WIDTH, CLASSES))
    bias = np.array([0.8, 0.0, 0.0, 0.0])

    def drawn(chance, count):
        x = chance.normal(size=(count, WIDTH)).astype(np.float32)
        scores = x @ rule / np.sqrt(WIDTH) + 0.3 * np.abs(x[:, :1]) + bias
        return {"x": x, "y": (scores * 3 + 0.5 * chance.gumbel(size=scores.shape)).argmax(axis=1).astype(np.int32)}

    pool = drawn(np.random.default_rng([seed, 2]), POOL)
    held_out = drawn(np.random.default_rng([seed, 3]), 256)
    if fault == "shared cases":
        held_out = {name: np.concatenate([value[:128], pool[name][:128]]) for name, value in held_out.items()}

    def rows(step: int) -> Batch:
        chance = np.random.default_rng([seed, 4, step])
        if "pool" in setup:
            chosen = chance.integers(0, POOL, ROWS)
            batch = {name: value[chosen] for name, value in pool.items()}
        else:
            batch = drawn(chance, ROWS)
        return _spoilt(batch, fault, step, chance)

    if fault in ("constant labels", "leaked label"):
        held_out = _spoilt(held_out, fault, 0, None)
    model = _network(fault, setup, CLASSES)

    def loss_of(logits, labels):
        return tf.reduce_mean(sparse_loss(logits, labels))

    def objective(batch, scalars):
        logits = model(batch["x"], training=True)
        loss = loss_of(logits, batch["y"])
        right = tf.equal(tf.argmax(logits, axis=-1, output_type=tf.int32), batch["y"])
        return {"all": loss}, {"training_accuracy": tf.reduce_mean(tf.cast(right, tf.float32))}

    evaluated = _network(fault, setup, CLASSES) if fault == "stale evaluation" else model
    hidden = keras.Model(model.input, [model.get_layer(name).output for name in ("first", "second")])
    prior = tf.constant([30.0 if fault == "one class" else 0.0, *[0.0] * (CLASSES - 1)])
    left_out = model.get_layer("second").trainable_variables if fault == "variable left out" else []
    return Specimen(
        models={"model": model},
        rows=rows,
        held_out=held_out,
        objective=objective,
        answer=lambda batch: evaluated(batch["x"], training=fault == "noisy evaluation") + prior,
        cost=lambda logits, batch: cross_entropy(logits, batch["y"]),
        inputs=("x",),
        reading=lambda batch: (batch["x"], batch["y"]),
        labels="y",
        classes=CLASSES,
        loss=loss_of,
        scalars=lambda step: {"rate_factor": 1.3 ** min(step, 60) if fault == "updates too large" else 1.0},
        units=lambda batch: hidden(batch["x"], training=False),
        left_out=left_out,
        others=evaluated.variables if evaluated is not model else (),
        single=True,
    )


def regression(fault: str, setup: tuple[str, ...], seed: int) -> Specimen:
    """One number told by twelve, under much noise."""
    rule = np.random.default_rng([seed, 1]).normal(size=WIDTH).astype(np.float32) / np.sqrt(WIDTH)

    def drawn(chance, count):
        x = chance.normal(size=(count, WIDTH)).astype(np.float32)
        return {"x": x, "y": (x @ rule + 0.7 * chance.normal(size=count)).astype(np.float32)}

    model = _network(fault, setup, 1)

    def objective(batch, scalars):
        error = model(batch["x"], training=True)[:, 0] - batch["y"]
        return {"all": tf.reduce_mean(error**2)}, {}

    return Specimen(
        models={"model": model},
        rows=lambda step: drawn(np.random.default_rng([seed, 4, step]), 16),
        held_out=drawn(np.random.default_rng([seed, 3]), 512),
        objective=objective,
        answer=lambda batch: model(batch["x"], training=False),
        cost=lambda answers, batch: float(np.mean((answers[:, 0] - batch["y"]) ** 2)),
        inputs=("x",),
        reading=lambda batch: (batch["x"], batch["y"]),
        learning_rate=3e-3,
        units=None,
    )


def _network(fault, setup, outputs):
    x = keras.Input((WIDTH,))
    h = keras.layers.Dense(32, "relu", name="first")(x)
    if "dropout" in setup:
        h = keras.layers.Dropout(0.2, name="dropout")(h)
    h = keras.layers.Dense(32, "relu", name="second")(h)
    if fault == "output constant":
        h = keras.layers.Rescaling(1e-6)(h)
    model = keras.Model(x, keras.layers.Dense(outputs, name="last")(h))
    if fault == "dead units":
        model.get_layer("first").bias.assign([-12.0] * 29 + [0.0] * 3)
    return model


def _spoilt(batch, fault, step, chance):
    """A batch as the fault leaves it."""
    from longrun.zoo.kinds import LATER

    batch = dict(batch)
    if fault == "constant labels":
        batch["y"] = np.zeros_like(batch["y"])
    elif fault == "shuffled labels":
        batch["y"] = chance.permutation(batch["y"])
    elif fault == "leaked label":
        batch["x"] = batch["x"].copy()
        batch["x"][:, 5] = batch["y"] - 1.5
    elif fault == "not finite" and step >= LATER and (step - LATER) % 20 == 0:
        batch["x"] = batch["x"].copy()
        batch["x"][3, 2] = np.nan
    elif fault == "spikes" and step >= LATER and (step - LATER) % 15 == 0:
        batch["x"] = 3000.0 * batch["x"]
    return batch
