"""A recurrent network that refines a state over cycles, told its task by a number, with a head that says when it is done."""

import keras
import numpy as np
import tensorflow as tf

from longrun.zoo.specimen import Batch, Specimen, cross_entropy, one_hot, sparse_loss

DIGITS, CELLS, TASKS, WIDTH, ROWS = 5, 9, 3, 32, 32


def reasoner(fault: str, setup: tuple[str, ...], seed: int) -> Specimen:
    """Each cell gains what the task says: nine cells, three tasks, four cycles."""
    gains = np.random.default_rng([seed, 1]).permutation(DIGITS)[:TASKS]
    washed = fault == "input washed out"
    count = 8 if washed else 4

    def drawn(chance, rows):
        x, task = chance.integers(0, DIGITS, (rows, CELLS)), chance.integers(0, TASKS, rows)
        y = (x + gains[task][:, None]) % DIGITS
        return {"x": x.astype(np.int32), "task": task.astype(np.int32), "y": y.astype(np.int32)}

    x, task = keras.Input((CELLS,), dtype="int32"), keras.Input((), dtype="int32")
    read = keras.layers.Lambda(lambda tokens: tokens * 0)(x) if fault == "input not read" else x
    told = keras.layers.Embedding(TASKS, WIDTH, name="tasks")(task)
    told = keras.layers.RepeatVector(CELLS)(told)
    given = keras.layers.Embedding(DIGITS, WIDTH, name="digits")(read)
    core = keras.layers.Dense(WIDTH, name="core")
    mix = keras.layers.Dense(WIDTH, activation="tanh", name="mix")
    state, states = given, []
    for _ in range(count):
        fed = told if washed else keras.layers.Concatenate()([given, told])
        # Of what is given once, each cycle keeps a tenth.
        kept = keras.layers.Rescaling(0.1)(core(state)) if washed else core(state)
        state = mix(keras.layers.Concatenate()([kept, fed]))
        states.append(state)
    answers = keras.layers.Dense(DIGITS, name="answers")(state)
    halt = keras.layers.Dense(1, name="halt")(keras.layers.GlobalAveragePooling1D()(state))
    model = keras.Model([x, task], [answers, halt, *states])

    def objective(batch, scalars):
        logits, halting, *_ = model([batch["x"], batch["task"]], training=True)
        right = tf.reduce_all(tf.equal(tf.argmax(logits, axis=-1, output_type=tf.int32), batch["y"]), axis=-1)
        halting = halting[:, 0]
        if fault == "head without gradient":
            # A threshold, which is a constant to the optimizer.
            halting = 2.0 * tf.cast(halting > 0, tf.float32) - 1.0
        halted = tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.cast(right, tf.float32), logits=halting)
        return {"all": tf.reduce_mean(sparse_loss(logits, batch["y"])) + 0.1 * tf.reduce_mean(halted)}, {}

    def reading(batch: Batch):
        pairs = batch["x"] * TASKS + batch["task"][:, None]
        return one_hot(pairs[:, ::3].reshape(-1), DIGITS * TASKS), batch["y"][:, ::3].reshape(-1)

    return Specimen(
        models={"model": model},
        rows=lambda step: drawn(np.random.default_rng([seed, 4, step]), ROWS),
        held_out=drawn(np.random.default_rng([seed, 3]), 64),
        objective=objective,
        answer=lambda batch: model([batch["x"], batch["task"]], training=False)[0],
        cost=lambda logits, batch: cross_entropy(logits, batch["y"]),
        inputs=("x", "task"),
        reading=reading,
        labels="y",
        classes=DIGITS,
        loss=lambda logits, labels: tf.reduce_mean(sparse_loss(logits, labels)),
        cycles=lambda batch: model([batch["x"], batch["task"]], training=False)[2:],
    )
