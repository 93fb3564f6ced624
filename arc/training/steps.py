"""The model of a training, its optimizer, and one step of it."""

from typing import NamedTuple

import keras
import tensorflow as tf

from arc.config import Config
from arc.network.model import PAD, SYMBOLS, build_model
from arc.training import losses
from longrun import Shards, StepFunction, apply_gradients, exclude_from_decay

CLIP_NORM = 1.0
BETAS = (0.9, 0.98)
"""Decay of AdamW's averages of gradients and of their squares."""
EPSILON = 1e-8
ADAM_SHARE = 0.5
"""Share of Muon's learning rate at which AdamW moves what Muon does not."""


class Parts(NamedTuple):
    """What a training consists of; `groups` names every variable with a value that changes, for the checkpoint."""

    model: keras.Model
    groups: dict[str, list]
    step: StepFunction


def build(config: Config) -> Parts:
    """Model, optimizer and step. The step takes a batch of data.batch and the scalars of schedules.scalars."""
    model = build_model(config.network)
    variables = list(model.trainable_variables)
    optimizer = _optimizer(config)
    exclude_from_decay(optimizer, variables)
    optimizer.build(variables)

    forward = Shards(model, config.run.shards)

    def step(batch, scalars):
        inputs = dict(batch)
        answer = inputs["answer"]
        inputs["answer"] = inputs.pop("given", answer)
        weights = losses.cell_weights(answer, scalars["pad_weight"])
        with tf.GradientTape() as tape:
            logits = forward(inputs)
            entropy = losses.cross_entropy(logits, answer, weights)
            cost = losses.expected_cost(logits, answer, weights)
            loss = entropy + scalars["cost_share"] * (cost - entropy)
        gradients = tape.gradient(loss, variables)
        optimizer.learning_rate = scalars["learning_rate"]
        report = apply_gradients(optimizer, gradients, variables, clip_norm=CLIP_NORM)
        floor = losses.marginal_entropy(answer, weights, SYMBOLS)
        return {"loss": loss, "information": floor - entropy, **report, **_report(logits, answer)}

    groups = {"model": model.variables, "optimizer": optimizer.variables}
    return Parts(model, groups, StepFunction(step, mode=config.run.mode, jit_compile=config.run.jit_compile))


def _optimizer(config):
    """AdamW, or Muon (Jordan 2024), which makes a matrix's steps orthogonal; they are as large as AdamW's (Liu et al. 2025)."""
    decay = config.learning.weight_decay
    if config.learning.optimizer == "adamw":
        return keras.optimizers.AdamW(config.learning.lr, weight_decay=decay, beta_1=BETAS[0], beta_2=BETAS[1], epsilon=EPSILON)
    adam = {"adam_beta_1": BETAS[0], "adam_beta_2": BETAS[1], "epsilon": EPSILON, "adam_weight_decay": decay}
    # Symbols, places and the head are read row by row, and have no use for orthogonal steps.
    return keras.optimizers.Muon(config.learning.lr, weight_decay=decay, exclude_layers=["head"], adam_lr_ratio=ADAM_SHARE, **adam)


def _report(logits, answer):
    """Share of right cells within grids, of canvases without an error, and of the commonest prediction, with the answer as far as given."""
    predicted = tf.argmax(logits, axis=2, output_type=tf.int32)
    right = tf.cast(predicted == answer, tf.float32)
    inside = tf.cast(answer != PAD, tf.float32)
    return {
        "cell_accuracy": tf.reduce_sum(right * inside) / tf.reduce_sum(inside),
        "exact": tf.reduce_mean(tf.reduce_min(right, axis=1)),
        "commonest_prediction": tf.reduce_max(tf.reduce_mean(tf.one_hot(predicted, SYMBOLS), axis=(0, 1))),
    }
