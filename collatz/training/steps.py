"""The model of a training, its optimizer, and one step of it."""

from typing import NamedTuple

import keras
import tensorflow as tf

from collatz.config import Config
from collatz.functions.model import build_model, build_original
from collatz.training.losses import clock_loss, expected_violation, original_loss
from collatz.training.optimizer import adamw
from longrun import StepFunction, apply_gradients

CLIP_NORM = 1.0


class Parts(NamedTuple):
    """What a training consists of; `groups` names every variable with a value that changes, for the checkpoint."""

    model: keras.Model
    groups: dict[str, list]
    step: StepFunction


def build(config: Config) -> Parts:
    """Model, optimizer and step. The step takes a batch of data.batches and the scalars of schedules.scalars."""
    model = build_model(config.model)
    variables = _trained(config, model)
    optimizer = adamw(config)
    optimizer.build(variables)
    # What computes in bfloat16 has variables of its own and is given the weights anew in every step: what is saved, judged and updated
    # is float32 throughout.
    worker = model if config.run.precision == "float32" else build_original(config.model, hidden_dtype=config.run.precision)
    differentiated = _trained(config, worker)
    shifts = tuple(f"features_{shift}" for shift in config.loss.shifts)

    def forward(batch):
        """All iterates in one pass; each output as a list, one tensor (B, ...) an iterate."""
        if worker is not model:
            for copy, weight in zip(worker.variables, model.variables, strict=True):
                copy.assign(weight)
        outputs = worker(tf.concat([batch[name] for name in shifts], axis=0), training=True)
        return {name: tf.split(output, len(shifts)) for name, output in outputs.items()}

    def original(batch, scalars):
        with tf.GradientTape() as tape:
            outputs = forward(batch)
            values = dict(zip(config.loss.shifts, outputs["value"], strict=True))
            loss = original_loss(config.loss, values, outputs["drift_term"][0], batch, scalars)
        return {"loss": loss, **update(tape, loss, scalars), **_report(outputs["value"], batch)}

    def clock(batch, scalars):
        with tf.GradientTape() as tape:
            outputs = forward(batch)
            loss = clock_loss(*outputs["estimate"], outputs["counts"][0], batch["weight"])
        start = clock_loss(*outputs["closed_form"], outputs["counts"][0], batch["weight"])
        report = {"loss": loss, "closed_form_loss": start, **update(tape, loss, scalars), **_report(outputs["value"], batch)}
        # V itself spreads whatever is learnt: multiples of three stand high above, and the endgame below.
        counts, estimate = outputs["counts"][0], outputs["estimate"][0]
        spreads = {"value_spread": estimate, "correction_spread": estimate - outputs["closed_form"][0]}
        return report | {name: _spread(quantity, counts) for name, quantity in spreads.items()}

    def levels(batch, scalars):
        with tf.GradientTape() as tape:
            outputs = forward(batch)
            here, following = (tf.nn.softmax(logits) for logits in outputs["logits"])
            falls_low, falls_high = (outputs[name][0] > outputs[name][1] for name in ("low", "high"))
            costs = (1 - tf.cast(falls_low, tf.float32), 1 - tf.cast(falls_high, tf.float32))
            loss = expected_violation(here, following, *costs, batch["weight"])
        certain = (tf.one_hot(prior, config.model.levels) for prior in outputs["prior"])
        start = expected_violation(*certain, *costs, batch["weight"])
        report = {"loss": loss, "closed_form_loss": start, **update(tape, loss, scalars), **_report(outputs["value"], batch)}
        # V itself spreads whatever is learnt: it falls with the window's largest logarithm on every level.
        logits = outputs["logits"][0]
        correction = logits - config.model.prior_strength * tf.one_hot(outputs["prior"][0], config.model.levels)
        spreads = {"value_spread": logits, "correction_spread": correction}
        return report | {name: tf.reduce_mean(tf.math.reduce_std(quantity, axis=0)) for name, quantity in spreads.items()}

    def update(tape, loss, scalars):
        gradients = [tf.cast(gradient, tf.float32) for gradient in tape.gradient(loss, differentiated)]
        optimizer.learning_rate = scalars["learning_rate"]
        return apply_gradients(optimizer, gradients, variables, clip_norm=None if config.model.recipe == "original" else CLIP_NORM)

    step = {"original": original, "clock": clock, "levels": levels}[config.model.recipe]
    groups = {"model": model.variables, "optimizer": optimizer.variables}
    return Parts(model, groups, StepFunction(step, mode=config.run.mode, jit_compile=config.run.jit_compile))


def _trained(config, model):
    # Where no gradient reaches it, the original optimizer does not even decay the coefficient.
    return [each for each in model.trainable_variables if config.trains_coefficient or "drift_coefficient" not in each.path]


def _report(values, batch):
    """Share of violations in the batch, all and hard rows, and the spread of V over its numbers."""
    violates = tf.cast(values[0] <= values[1], tf.float32)
    hard = tf.cast(batch["hard"], tf.float32)
    return {
        "violations": tf.reduce_mean(violates),
        "hard_violations": tf.math.divide_no_nan(tf.reduce_sum(hard * violates), tf.reduce_sum(hard)),
        "value_spread": tf.math.reduce_std(values[0]),
    }


def _spread(quantity, counts):
    """Standard deviation of `quantity` (B,) over the rows with `counts` = 1; nought where there are none."""
    rows = tf.reduce_sum(counts)
    mean = tf.math.divide_no_nan(tf.reduce_sum(counts * quantity), rows)
    return tf.sqrt(tf.math.divide_no_nan(tf.reduce_sum(counts * tf.square(quantity - mean)), rows))
