"""Pictures: an 8 x 8 grid of colours whose cells are recoloured, under turns and mirrors that input and label share."""

import keras
import numpy as np
import tensorflow as tf

from longrun.zoo.specimen import Batch, Specimen, cross_entropy, one_hot, sparse_loss

SIDE, COLOURS, ROWS = 8, 5, 16
BACKGROUND = 0.55
EPOCH = 40


def grid(fault: str, setup: tuple[str, ...], seed: int) -> Specimen:
    """Cells of colour c become colour rule(c), the background stays."""
    rule = np.concatenate([[0], 1 + np.random.default_rng([seed, 1]).permutation(COLOURS - 1)])

    rows_of, channels = (24 * ROWS, 64) if "large" in setup else (ROWS, 24)

    def plain(chance, count):
        cells = chance.random((count, SIDE, SIDE)) < BACKGROUND
        x = np.where(cells, 0, chance.integers(1, COLOURS, (count, SIDE, SIDE)))
        return x.astype(np.int32), rule[x].astype(np.int32)

    def drawn(chance, count):
        x, y = plain(chance, count)
        turns = chance.integers(0, 8, count)
        others = chance.integers(0, 8, count) if fault == "augmented apart" else turns
        return {"x": _turned(x, turns), "y": _turned(y, others)}

    def rows(step: int) -> Batch:
        return drawn(np.random.default_rng([seed, 4, step % EPOCH if fault == "epochs repeat" else step]), rows_of)

    x = keras.Input((SIDE, SIDE), dtype="int32")
    h = keras.layers.Embedding(COLOURS, 16, name="colours")(x)
    h = keras.layers.Conv2D(channels, 3, padding="same", activation="relu", name="first")(h)
    model = keras.Model(x, keras.layers.Dense(COLOURS, name="last")(h))
    hidden = keras.Model(model.input, [model.get_layer("first").output])
    drawn_out = drawn(np.random.default_rng([seed, 3]), 64)

    def loss_of(logits, labels):
        losses = sparse_loss(logits, labels)
        return tf.reduce_mean(losses * tf.cast(labels > 0, tf.float32) if fault == "background left out" else losses)

    def objective(batch, scalars):
        return {"all": loss_of(model(batch["x"], training=True), batch["y"])}, {}

    def reading(batch):
        # One cell in four, so that the rows come from many grids.
        x, y = batch["x"][:, ::2, ::2], batch["y"][:, ::2, ::2]
        return one_hot(x.reshape(-1), COLOURS), y.reshape(-1)

    def raw():
        x, y = plain(np.random.default_rng([seed, 5]), 100)
        return reading({"x": x, "y": y})

    return Specimen(
        models={"model": model},
        rows=rows,
        held_out=drawn_out,
        objective=objective,
        answer=lambda batch: model(batch["x"], training=False),
        cost=lambda logits, batch: cross_entropy(logits, batch["y"]),
        inputs=("x",),
        reading=reading,
        labels="y",
        classes=COLOURS,
        loss=loss_of,
        units=lambda batch: [hidden(batch["x"], training=False)],
        raw=raw,
    )


def _turned(grids, draws):
    """Each grid under one of the eight symmetries of the square."""
    found = [np.rot90(one, draw % 4) for one, draw in zip(grids, draws, strict=True)]
    return np.stack([one.T if draw > 3 else one for one, draw in zip(found, draws, strict=True)])
