"""The network of the original run, a Functional Keras model: two stacks of post-norm encoder layers in turn, 5,669,645 parameters."""

import keras
import numpy as np
from keras import ops

from hrm.classic.config import CLASSES, ClassicConfig

FEWEST = 4
"""Cycles before the first decision to stop; the original run said three."""


def sinusoid(length: int, width: int) -> np.ndarray:
    """Positions along one axis (Vaswani et al. 2017), (length, width) float32, root mean square 0.71."""
    angles = np.arange(length)[:, None] * 1e4 ** -(np.arange(0, width, 2) / width)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(length, width).astype("float32")


def build_model(config: ClassicConfig, identifiers: int = 1) -> keras.Model:
    """{"tokens" (B, N) int32, and "identifier" (B,) int32 with task identity} -> {"logits" (B, N, 12), "cycles" (B,), "halting" (B,)}.

    cycles: how many were executed. halting: the halting logit of the last of them. All cycles are in the graph; a sample that has stopped
    keeps its states. There is no detaching and no deep supervision: the gradient goes through all cycles.
    """
    faults, side, width, cells = config.faults, config.model.side, config.model.width, config.model.side**2
    inputs = {"tokens": keras.Input((cells,), dtype="int32", name="tokens")}
    deviation = 0.02 if faults.faint_tokens else 1.0
    x = _table(CLASSES, width, deviation, "token_vectors")(inputs["tokens"])
    if faults.faint_tokens:
        x = x + sinusoid(cells, width)
    else:
        zeros = ops.zeros_like(inputs["tokens"])
        x = x + _table(side, width, 1.0, "rows")(zeros + ops.arange(cells, dtype="int32") // side)
        x = x + _table(side, width, 1.0, "columns")(zeros + ops.arange(cells, dtype="int32") % side)
    if not faults.no_task_identity:
        inputs["identifier"] = keras.Input((), dtype="int32", name="identifier")
        x = x + ops.expand_dims(_table(identifiers, width, 1.0, "task_vectors")(inputs["identifier"]), 1)
    x = keras.layers.Dropout(config.model.dropout, name="dropout")(x)
    upper = stack(config, cells, config.model.high_layers, "high")
    lower = stack(config, cells, config.model.low_layers, "low")
    down, up = (keras.layers.Dense(width, name=name) for name in ("high_to_low", "low_to_high"))
    halt, cycle_vectors = keras.layers.Dense(1, name="halting_head"), _table(config.model.cycles, width, 0.02, "cycle_vectors")
    high, low = x, x
    again = 0.0 if faults.input_once else x
    running = ops.cast(ops.ones_like(inputs["tokens"][:, 0]), "float32")
    executed, total, logit = running * 0, running * 0, running * 0
    for cycle in range(config.model.cycles):
        index = ops.zeros_like(inputs["tokens"][:, :1]) + cycle
        new_high = upper(high + 0.1 * cycle_vectors(index) + again)
        new_low = lower(low + down(new_high) + again)
        new_high = new_high + up(new_low)
        mask = ops.reshape(running > 0, (-1, 1, 1))
        high, low = ops.where(mask, new_high, high), ops.where(mask, new_low, low)
        summary = ops.concatenate([ops.mean(high, axis=1), ops.mean(low, axis=1)], axis=1)
        now = ops.squeeze(halt(summary), 1)
        logit = ops.where(running > 0, now, logit)
        executed, total = executed + running, total + running * ops.sigmoid(now)
        if FEWEST <= cycle + 1 < config.model.cycles:
            # In the original run one decision for all, by a mean over whoever happens to be in the batch.
            stops = ops.mean(total) > 1.0 if faults.unlearnt_halting else now > 0.0
            running = running * ops.cast(ops.logical_not(stops), "float32")
    outputs = {"logits": keras.layers.Dense(CLASSES, name="answer_head")(low), "cycles": executed, "halting": logit}
    return keras.Model(inputs, outputs, name="classic")


def stack(config: ClassicConfig, cells: int, layers: int, name: str) -> keras.Model:
    """Encoder layers (post-norm, ReLU) and a last norm, (B, N, d) -> (B, N, d)."""
    x = state = keras.Input((cells, config.model.width))
    for index in range(layers):
        label = f"layer_{index}"
        mixed = _attention(config, x, cells, f"{label}_attention")
        x = _norm(x + keras.layers.Dropout(config.model.dropout)(mixed), f"{label}_attention_norm")
        inner = keras.layers.Dense(4 * config.model.width, activation="relu", name=f"{label}_inner")(x)
        inner = keras.layers.Dropout(config.model.dropout)(inner)
        outer = keras.layers.Dense(config.model.width, name=f"{label}_outer")(inner)
        x = _norm(x + keras.layers.Dropout(config.model.dropout)(outer), f"{label}_norm")
    return keras.Model(state, _norm(x, "norm"), name=name)


def _attention(config, x, cells, name):
    # By hand: Keras' own layer counts its kernels' fans along the heads, so that its initial weights are 3 to 4 times PyTorch's too small.
    size = config.model.width // config.model.heads
    projected = ops.reshape(keras.layers.Dense(3 * config.model.width, name=f"{name}_in")(x), (-1, cells, 3 * config.model.heads, size))
    query, key, value = ops.split(projected, 3, axis=2)
    weights = ops.softmax(ops.einsum("bqhs,bkhs->bhqk", query * size**-0.5, key))
    weights = keras.layers.Dropout(config.model.dropout)(weights)
    mixed = ops.reshape(ops.einsum("bhqk,bkhs->bqhs", weights, value), (-1, cells, config.model.width))
    return keras.layers.Dense(config.model.width, name=f"{name}_out")(mixed)


def _norm(x, name):
    return keras.layers.LayerNormalization(epsilon=1e-5, name=name)(x)


def _table(rows, width, deviation, name):
    return keras.layers.Embedding(rows, width, embeddings_initializer=keras.initializers.RandomNormal(stddev=deviation), name=name)
