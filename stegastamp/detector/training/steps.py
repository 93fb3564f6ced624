"""One step of a detector's training, and the numbers that change with it."""

from typing import NamedTuple

import keras
import tensorflow as tf

from longrun import ExponentialAverage, StepFunction, apply_gradients
from longrun.step import schedule
from stegastamp.detector.config import DetectorConfig
from stegastamp.detector.model import build_detector


class Parts(NamedTuple):
    """What a training consists of; `groups` names every variable with a value that changes, for the checkpoint."""

    model: keras.Model
    average: ExponentialAverage
    groups: dict[str, list]
    step: StepFunction


def build(config: DetectorConfig) -> Parts:
    """The network, its optimizer and the step: {"frame": (B, S, S, 3) uint8, "maps": (B, S / 4, S / 4, 2)} and `scalars` in."""
    model = build_detector(config)
    optimizer = keras.optimizers.Adam(config.optimizer.learning_rate)
    optimizer.build(model.trainable_variables)
    average = ExponentialAverage(model.trainable_variables, config.optimizer.average_decay)

    def train_step(batch, scalars):
        target = batch["maps"]
        with tf.GradientTape() as tape:
            logits = model(tf.cast(batch["frame"], tf.float32) / 255, training=True)
            loss, report = map_losses(logits, target, config.optimizer.border_weight)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.learning_rate = scalars["learning_rate"]
        report |= {"loss": loss, **apply_gradients(optimizer, gradients, model.trainable_variables, config.optimizer.clip_norm)}
        average.update()
        return report

    groups = {"model": model.variables, "optimizer": optimizer.variables, "average": average.variables}
    return Parts(model, average, groups, StepFunction(train_step, mode=config.run.mode, jit_compile=config.run.jit_compile))


def map_losses(logits: tf.Tensor, target: tf.Tensor, border_weight: float) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """Weighted cross-entropy of the maps, and what is worth logging: its excess over the labels' entropy, and what it knows.

    A cell half covered costs ln 2 at best, so the excess is 0 for a perfect map. "knowledge" is what the best constant answer of
    this batch costs more than the network, in nats a cell: 0 or less where nothing is learnt.
    """
    cell = tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=logits)
    border = 4 * target * (1 - target)
    # Twice: cells that the outline crosses, and the cells beside them, from which it must not creep.
    near = tf.nn.max_pool2d(border, 3, 1, "SAME")
    weight = 1 + border_weight * (border + near) / 2
    loss = tf.reduce_sum(weight * cell) / tf.reduce_sum(weight)
    entropy = _entropy(target)
    mean = tf.reduce_mean(target, axis=(0, 1, 2))
    report = {
        "excess": tf.reduce_mean(cell - entropy),
        "knowledge": tf.reduce_mean(_entropy(mean)) - tf.reduce_mean(cell),
        "picture_error": tf.reduce_mean(tf.abs(tf.sigmoid(logits[..., 0]) - target[..., 0])),
    }
    return loss, report


def scalars(config: DetectorConfig, step: int) -> dict[str, float]:
    """The values of a step that change with it."""
    settings, steps = config.optimizer, config.run.steps
    peak = settings.learning_rate
    hold = max(settings.warmup, int(settings.hold * steps))
    return {"learning_rate": schedule.warmup_hold_decay(step, settings.warmup, hold, steps, peak, settings.final_rate * peak)}


def _entropy(p):
    p = tf.clip_by_value(p, 1e-6, 1 - 1e-6)
    return -p * tf.math.log(p) - (1 - p) * tf.math.log1p(-p)
