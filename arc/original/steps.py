"""One of the original run's models, its optimizer, and one step of its training."""

from typing import NamedTuple

import keras
import tensorflow as tf

from arc.grids.canvas import PAD
from arc.network.model import build_model
from arc.original.config import ExperimentSettings, OriginalConfig
from arc.original.legacy import build_legacy
from longrun import StepFunction, apply_gradients


class Parts(NamedTuple):
    """What a training consists of."""

    model: keras.Model
    groups: dict[str, list]
    step: StepFunction


def model_of(experiment: ExperimentSettings) -> keras.Model:
    """One of the three models, as it was or fixed."""
    if experiment.variant == "fixed":
        return build_model(experiment.fixed)
    return build_legacy(experiment.model, experiment.side**2, experiment.side**2, shifted=experiment.variant == "legacy_shifted")


def build(config: OriginalConfig) -> Parts:
    """Model, Adam and step."""
    model, trial = model_of(config.experiment), config.trial
    variables = list(model.trainable_variables)
    optimizer = keras.optimizers.Adam(trial.lr, trial.beta_1, trial.beta_2, epsilon=1e-8)
    optimizer.build(variables)
    clip = tf.constant(trial.gradient_clip)

    def step(batch, scalars):
        with tf.GradientTape() as tape:
            loss = token_loss(model(batch, training=True), batch["answer"])
        optimizer.learning_rate = scalars["learning_rate"]
        return {"train_loss": loss, **apply_gradients(optimizer, tape.gradient(loss, variables), variables, clip_norm=clip)}

    groups = {"model": model.variables, "optimizer": optimizer.variables}
    return Parts(model, groups, StepFunction(step, mode=config.run.mode, jit_compile=config.run.jit_compile))


def token_loss(logits: tf.Tensor, answer: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy over the cells of the answers, float32 whatever the logits are; padding is ignored, as in the original."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=answer, logits=tf.cast(logits, tf.float32))
    inside = tf.cast(answer != PAD, tf.float32)
    return tf.reduce_sum(losses * inside) / tf.reduce_sum(inside)
