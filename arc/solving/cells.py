"""The network of a single task: from what is known of a cell and a colour, the logit of that colour in that cell (new here).

Eight small networks, the members, are one model: each reads a part of the relations, and each may be kept from a demonstration. Colours
share their weights, so renaming them renames the answer, but for what a member learns of a colour by its number.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from arc.grids.canvas import PAD
from arc.grids.tasks import COLOURS
from arc.solving.frames import SOURCES
from arc.solving.relations import COLOUR_NAMES, FACT_NAMES, PLACE_NAMES, PRESENCE_NAMES
from longrun import StepFunction, apply_gradients

MEMBERS = 8
UNITS = 32
PAIR_KINDS = tuple(name.split()[0] for name in (*COLOUR_NAMES, *["source"] * SOURCES, *PRESENCE_NAMES)) + ("number",) * COLOURS
"""Kind of each feature of a cell and a colour."""
CELL_KINDS = tuple(name.split()[0] for name in FACT_NAMES) + ("place",) * len(PLACE_NAMES) + ("number",) * COLOURS
"""Kind of each feature of a cell."""
ALWAYS_READ = ("own", "source")
READ_SHARE = 0.7
"""Of the kinds, and of the features of a kind, that a family of members reads."""
PALETTE_SIZES = (4, 6, 8, COLOURS)
"""Palettes are filled up to one of these: as many traces."""
NO_COLOUR = PAD + 1
"""Fills a palette up; no cell has it."""
WEIGHT_DECAY = 1.0
"""Times the learning rate, what a weight loses in a step: high, so that of the many relations only those that are needed are used."""
DEVIATIONS = {"pair_units": 0.15, "cell_units": 0.15, "own_units": 0.25, "other_units": 0.25, "head": 0.25, "direct": 0.0}
"""Of the initial weights of each layer; biases start at zero."""


class Known(NamedTuple):
    """What is known of N cells, for the K colours of their palette (see arc.solving.relations)."""

    colours: np.ndarray
    """(N, colour maps and sources) int8, PAD where there is none; the sources come last."""
    facts: np.ndarray
    """(N, facts and places) float32."""
    presence: np.ndarray
    """(N, K, presences) float32."""
    palette: np.ndarray
    """(N, K) int32: the colours that the cell may take, filled up with NO_COLOUR."""

    def take(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Some of the cells, by name."""
        return {name: values[rows] for name, values in self._asdict().items()}


def build_model() -> keras.Model:
    """Inputs "pair" (B, K, len(PAIR_KINDS)) and "cell" (B, len(CELL_KINDS)) float32 -> logits (B, K, MEMBERS) of K colours."""
    pair = keras.Input((None, len(PAIR_KINDS)), name="pair")
    cell = keras.Input((len(CELL_KINDS),), name="cell")
    each = (None, MEMBERS, UNITS)
    dense = keras.layers.EinsumDense
    of_cell = dense("bf,efu->beu", (MEMBERS, UNITS), bias_axes="eu", name="cell_units")(cell)
    hidden = ops.relu(dense("bkf,efu->bkeu", each, name="pair_units")(pair) + ops.expand_dims(of_cell, 1))
    # Whether a colour is right depends on what else is on offer.
    others = ops.max(hidden, axis=1, keepdims=True)
    compared = dense("bkeu,euv->bkev", each, bias_axes="ev", name="own_units")(hidden)
    compared = compared + dense("bkeu,euv->bkev", each, name="other_units")(others)
    logits = dense("bkeu,eu->bke", (None, MEMBERS), name="head")(ops.relu(compared))
    return keras.Model({"pair": pair, "cell": cell}, logits + dense("bkf,ef->bke", (None, MEMBERS), name="direct")(pair), name="cells")


def features(known: dict) -> dict[str, tf.Tensor]:
    """Inputs of the model for cells, by the names of Known."""
    colours = tf.cast(known["colours"], tf.int32)
    marks = tf.cast(colours[:, tf.newaxis, :] == known["palette"][:, :, tf.newaxis], tf.float32)
    pair = [marks, known["presence"], tf.one_hot(known["palette"], COLOURS)]
    return {"pair": tf.concat(pair, axis=2), "cell": tf.concat([known["facts"], tf.one_hot(colours[:, 0], COLOURS)], axis=1)}


class Cells:
    """Model, optimizer and compiled functions, made once and used for one task after the other, from fresh weights each time."""

    def __init__(self, mode: str = "graph"):
        self.model = build_model()
        variables = list(self.model.trainable_variables)
        read = {"pair_units": len(PAIR_KINDS), "cell_units": len(CELL_KINDS)}
        self._read = {layer: tf.Variable(tf.ones((MEMBERS, count)), trainable=False) for layer, count in read.items()}
        self._read["direct"] = self._read["pair_units"]
        optimizer = keras.optimizers.AdamW(0.01, weight_decay=WEIGHT_DECAY, beta_2=0.98, epsilon=1e-8)
        optimizer.build(variables)
        self._optimizer = [(variable, np.array(variable)) for variable in optimizer.variables]

        def step(batch, scalars):
            with tf.GradientTape() as tape:
                # The members have nothing in common, so each is trained as if alone.
                loss = tf.reduce_sum(_losses(self._logits(batch), batch))
            gradients = [
                self._masked(gradient, variable) for gradient, variable in zip(tape.gradient(loss, variables), variables, strict=True)
            ]
            optimizer.learning_rate = scalars["learning_rate"]
            return {"loss": loss, **apply_gradients(optimizer, gradients, variables)}

        self.step = StepFunction(step, mode=mode, max_traces=len(PALETTE_SIZES))
        """A batch: the fields of Known, "target" (B,) int32 and "weight" (B, MEMBERS); scalars: "learning_rate"."""
        self._answers = tf.function(self._best, reduce_retracing=True, autograph=False)

    def reset(self, generator: np.random.Generator, families: np.ndarray) -> None:
        """Fresh weights and optimizer. families: (MEMBERS,) from 0; members of one family start alike and read the same."""
        count = families.max() + 1
        kept = {kind: generator.random(count) < READ_SHARE for kind in sorted({*PAIR_KINDS, *CELL_KINDS})}
        for layer, kinds in (("pair_units", PAIR_KINDS), ("cell_units", CELL_KINDS)):
            mask = np.stack([kept[kind] for kind in kinds], axis=1) & (generator.random((count, len(kinds))) < READ_SHARE)
            mask |= np.array([kind in ALWAYS_READ for kind in kinds])
            self._read[layer].assign(mask[families].astype(np.float32))
        for variable in self.model.trainable_variables:
            layer, kind = variable.path.split("/")[-2:]
            drawn = generator.normal(0, DEVIATIONS[layer], (count, *variable.shape[1:])) * (kind != "bias")
            variable.assign(self._masked(tf.constant(drawn[families], tf.float32), variable))
        for variable, value in self._optimizer:
            variable.assign(value)

    def answers(self, known: Known) -> tuple[np.ndarray, np.ndarray]:
        """The likeliest colour of each cell for each member, (N, MEMBERS) int32, and its probability."""
        colours, sure = self._answers({name: tf.constant(values) for name, values in known._asdict().items()})
        return colours.numpy(), sure.numpy()

    def _masked(self, tensor, variable):
        """Zero where the member does not read: of a kernel on relations, or of its gradient."""
        layer, kind = variable.path.split("/")[-2:]
        if layer not in self._read or kind == "bias":
            return tensor
        mask = self._read[layer]
        return tensor * tf.reshape(mask, (*mask.shape, *[1] * (len(variable.shape) - 2)))

    def _logits(self, batch):
        return self.model(features(batch)) + tf.where(batch["palette"] == NO_COLOUR, -1e9, 0.0)[..., tf.newaxis]

    def _best(self, batch):
        chances = tf.nn.softmax(self._logits(batch), axis=1)
        return tf.gather(batch["palette"], tf.argmax(chances, axis=1), batch_dims=1), tf.reduce_max(chances, axis=1)


def _losses(logits, batch):
    """Mean cross-entropy of each member (MEMBERS,) over the cells it may learn from."""
    right = tf.cast(batch["palette"] == batch["target"][:, tf.newaxis], tf.float32)
    entropy = -tf.reduce_sum(tf.nn.log_softmax(logits, axis=1) * right[..., tf.newaxis], axis=1)
    return tf.math.divide_no_nan(tf.reduce_sum(entropy * batch["weight"], axis=0), tf.reduce_sum(batch["weight"], axis=0))
