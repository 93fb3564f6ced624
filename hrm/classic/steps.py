"""Model, optimizer and step of the original run."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from hrm.classic import losses
from hrm.classic.config import ClassicConfig
from hrm.classic.model import build_model
from longrun import StepFunction, apply_gradients

CLIP_NORM = 1.0


class Parts(NamedTuple):
    """What a training consists of."""

    model: keras.Model
    groups: dict[str, list]
    step: StepFunction
    answers: Callable[[dict], dict]
    """The model without dropout, compiled: for hrm.classic.answers."""


def build(config: ClassicConfig, identifiers: int) -> Parts:
    """The step takes {"tokens", "labels" (B, N), "identifier" (B,)} int32 and {"learning_rate"}."""
    model = build_model(config, identifiers)
    variables = _trained(config, model)
    optimizer = keras.optimizers.AdamW(config.learning.learning_rate, weight_decay=config.learning.weight_decay, epsilon=1e-8)
    optimizer.build(variables)

    def train_step(batch, scalars):
        with tf.GradientTape() as tape:
            outputs = model(inputs_of(config, batch), training=True)
            answer = losses.answer_loss(config, outputs["logits"], batch["labels"])
            diversity = losses.diversity_penalty(config, outputs["logits"], batch["labels"])
            distribution = losses.distribution_penalty(outputs["logits"])
            halting = losses.halting_penalty(config, outputs, batch["labels"])
            loss = answer + diversity + distribution + halting
        gradients = tape.gradient(loss, variables)
        optimizer.learning_rate = scalars["learning_rate"]
        report = apply_gradients(optimizer, gradients, variables, clip_norm=CLIP_NORM)
        answers = tf.reshape(tf.argmax(outputs["logits"], axis=-1), (-1,))
        present = tf.reduce_max(tf.one_hot(answers, outputs["logits"].shape[-1]), axis=0)
        terms = {"answer_loss": answer, "diversity_loss": diversity, "distribution_loss": distribution, "halting_loss": halting}
        return {"loss": loss, **terms, "unique": tf.reduce_sum(present), "cycles": tf.reduce_mean(outputs["cycles"]), **report}

    groups = {"model": list(model.variables), "optimizer": list(optimizer.variables)}
    step = StepFunction(train_step, mode=config.run.mode, jit_compile=config.run.jit_compile)
    # Of any number of rows: traced once.
    rows = {name: tf.TensorSpec((None, *model.input[name].shape[1:]), tf.int32) for name in model.input}
    answers = tf.function(lambda inputs: model(inputs, training=False), autograph=False, input_signature=[rows])
    return Parts(model, groups, step, answers)


def _trained(config, model):
    # No gradient reaches the halting head; PyTorch's optimizer passes such a weight over, decay included.
    return [v for v in model.trainable_variables if not (config.faults.unlearnt_halting and "halting_head" in v.path)]


def inputs_of(config: ClassicConfig, batch) -> dict:
    """The model's inputs from a batch or from Examples as a dict."""
    names = ("tokens",) if config.faults.no_task_identity else ("tokens", "identifier")
    return {name: batch[name] for name in names}
