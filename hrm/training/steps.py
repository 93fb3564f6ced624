"""Model, optimizer, carry and puzzle table of a training, and one step of it: one segment of every sample in the carry."""

from typing import NamedTuple

import keras
import tensorflow as tf

from hrm.config import Config
from hrm.network import halting, reasoner
from hrm.network.carry import Carry
from hrm.network.model import segment_model
from hrm.network.puzzle_table import PuzzleTable
from hrm.training import losses
from hrm.training.adam_atan2 import AdamAtan2
from longrun import ExponentialAverage, Shards, StepFunction, apply_gradients, exclude_from_decay
from longrun.release import models

BETA_2 = 0.95


class Parts(NamedTuple):
    """What a training consists of; `groups` names every variable with a value that changes, for the checkpoint."""

    model: keras.Model
    table: PuzzleTable | None
    carry: Carry
    average: ExponentialAverage
    groups: dict[str, list]
    step: StepFunction
    fresh: list[str]
    """Names of the weights that `config.learning.start_from` did not give."""


def build(config: Config, identifiers: int) -> Parts:
    """Everything a training steps with; `identifiers` is the number of puzzle vectors.

    The step takes a batch of data.batches and {"learning_rate", "puzzle_rate", "segments", "diversity_weight"}.
    """
    model, fresh = segment_model(config), []
    if config.learning.start_from:
        fresh = models.take_over(model.weights, reasoner.load(config.learning.start_from, "keras").model.weights)
    variables = list(model.trainable_variables)
    optimizer = _optimizer(config)
    exclude_from_decay(optimizer, variables)
    optimizer.build(variables)
    carry, average = Carry(config), ExponentialAverage(variables, config.learning.average_decay)
    table = PuzzleTable(identifiers, config.model.puzzle_width) if config.model.has_table else None
    forward = Shards(model, config.run.shards)
    log_probabilities = losses.LOG_PROBABILITIES[config.learning.loss]

    def train_step(batch, scalars):
        begins, data, steps = carry.admit(batch)
        labels, identifier = data["labels"], data["identifier"]
        high = carry.high.value()
        if config.model.start_noise:
            numbers = tf.random.stateless_normal((*high.shape[:2], 1), batch["start_seed"])
            high = tf.where(begins[:, None, None], numbers, high)
        inputs = {"tokens": data["tokens"], "reset": begins, "high": high, "low": carry.low.value()}
        if "demonstrations" in data:
            inputs["demonstrations"] = data["demonstrations"]
        rows = [] if table is None else [table.rows(identifier)]
        with tf.GradientTape() as tape:
            tape.watch(rows)
            if rows:
                inputs["puzzle"] = rows[0]
            outputs = forward(inputs)
            logs = log_probabilities(outputs["logits"])
            cells, exact = losses.correct_cells(outputs["logits"], labels)
            stops = halting.halts(outputs["halting"], config.learning.halting, steps, batch["least"], scalars["segments"])
            target = None
            if config.learning.halting == "q_learning":
                no_one = tf.zeros_like(begins)
                following = forward(inputs | {"reset": no_one, "high": outputs["high"], "low": outputs["low"]})
                is_last = steps >= scalars["segments"]
                target = tf.stop_gradient(halting.value_of_going_on(following["halting"], is_last))
            answer = tf.reduce_mean(losses.answer_loss(logs, labels))
            decision = tf.reduce_mean(losses.halting_loss(outputs["halting"], exact, target))
            diversity = losses.diversity_loss(logs, labels)
            loss = answer + config.learning.halting_weight * decision + scalars["diversity_weight"] * diversity
        *gradients, row_gradient = [*tape.gradient(loss, variables + rows), *([] if rows else [None])]
        optimizer.learning_rate = scalars["learning_rate"]
        report = apply_gradients(optimizer, gradients, variables, clip_norm=config.learning.clip_norm)
        if table is not None:
            table.descend(identifier, row_gradient, scalars["puzzle_rate"], config.learning.puzzle_decay)
        average.update()
        carry.keep(outputs["high"], outputs["low"], steps, stops)
        mean = lambda values: tf.reduce_mean(tf.cast(values, tf.float32))  # noqa: E731
        judged_right = (outputs["halting"][:, 0] > 0) == exact
        return {
            "loss": loss,
            "answer_loss": answer,
            "halting_loss": decision,
            "diversity_loss": diversity,
            "cell_accuracy": mean(cells),
            "finished": mean(stops),
            "finished_exact": mean(stops & exact),
            "finished_segments": mean(tf.where(stops, steps, 0)),
            "halting_accuracy": mean(judged_right),
            **report,
        }

    groups = {
        "model": list(model.variables),
        "optimizer": list(optimizer.variables),
        "average": average.variables,
        "carry": carry.variables,
        "puzzles": [] if table is None else [table.table],
    }
    step = StepFunction(train_step, mode=config.run.mode, jit_compile=config.run.jit_compile)
    return Parts(model, table, carry, average, groups, step, fresh)


def _optimizer(config):
    if config.learning.optimizer == "adam_atan2":
        return AdamAtan2(config.learning.learning_rate, beta_2=BETA_2, weight_decay=config.learning.weight_decay)
    return keras.optimizers.AdamW(config.learning.learning_rate, beta_2=BETA_2, weight_decay=config.learning.weight_decay)
