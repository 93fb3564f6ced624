"""The original run's numbers: teacher-forced accuracies, each beside the zero-parameter predictor that repeats the previous cell."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from arc.grids.canvas import PAD
from arc.measure.floors import previous_cell
from arc.original import collected
from arc.original.config import ExperimentSettings, OriginalConfig
from arc.original.steps import model_of
from longrun import Score, bootstrap_interval, result
from longrun.config import config_of
from longrun.release import models as release
from longrun.run.checkpoint import restore_variables


def predictor(model: keras.Model) -> Callable[[dict], tf.Tensor]:
    """The compiled model without dropout; made once, for each one is traced anew."""
    return tf.function(lambda batch: model(batch, training=False), autograph=False)


def validate(predict: Callable[[dict], tf.Tensor], data: dict[str, np.ndarray], batch_size: int) -> dict[str, np.ndarray]:
    """Teacher-forced: sums of loss and of right cells, cells, and whether the grid is right, one value an example."""
    count, parts = len(data["query"]), []
    for first in range(0, count, batch_size):
        chosen = np.minimum(np.arange(first, first + batch_size), count - 1)
        logits = predict({name: tf.constant(values[chosen]) for name, values in data.items()})
        answer = data["answer"][chosen]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=answer, logits=logits).numpy()
        inside, right = answer != PAD, logits.numpy().argmax(axis=2) == answer
        sums = ((losses * inside).sum(axis=1), (right & inside).sum(axis=1), inside.sum(axis=1), (right | ~inside).all(axis=1))
        parts.append(np.stack([np.asarray(column, np.float64) for column in sums]))
    loss, right, cells, exact = np.concatenate(parts, axis=1)[:, :count]
    return {"loss": loss, "right": right, "cells": cells, "exact": exact}


def numbers(found: dict[str, np.ndarray]) -> dict[str, float]:
    """The original's three numbers; the loss is the mean over all cells, not over batches."""
    return {
        "val_loss": float(found["loss"].sum() / found["cells"].sum()),
        "val_grid_accuracy": float(found["exact"].mean()),
        "val_cell_accuracy": float(found["right"].sum() / found["cells"].sum()),
    }


def floors(experiment: ExperimentSettings) -> dict[str, float]:
    """What repeating the previous cell scores on the validation tasks: grid and cell accuracy, first cell given, single cells left out."""
    pairs = [pair for drawn in collected.tasks(experiment.validate_on, experiment.pairs, experiment.side).values() for pair in drawn]
    scores = [(previous_cell(pair), pair.output.size - 1) for pair in pairs if pair.output.size > 1]
    cells = sum(count for _, count in scores)
    return {
        "val_grid_accuracy": float(np.mean([score.exact for score, _ in scores])),
        "val_cell_accuracy": sum(score.cell * count for score, count in scores) / cells,
    }


def scores(found: dict[str, np.ndarray], known_floors: dict[str, float]) -> dict[str, Score | float]:
    """The last epoch's numbers beside their floors, with intervals over examples of the same tasks: they say nothing about other tasks."""
    values = numbers(found)
    # Cell accuracy is a ratio of two sums: each example's part in it, to first order, has the ratio as its mean.
    accuracy, cells = values["val_cell_accuracy"], found["cells"]
    grid, cell = bootstrap_interval(found["exact"]), bootstrap_interval(accuracy + (found["right"] - accuracy * cells) / cells.mean())
    count = len(found["exact"])
    return {
        "val_loss": values["val_loss"],
        "val_grid_accuracy": Score(values["val_grid_accuracy"], known_floors["val_grid_accuracy"], count, *grid),
        "val_cell_accuracy": Score(values["val_cell_accuracy"], known_floors["val_cell_accuracy"], count, *cell),
    }


def judge(found: release.Found) -> dict:
    """The validation numbers of a run's checkpoint again."""
    experiment = config_of(OriginalConfig, found.config, found.place).experiment
    model = model_of(experiment)
    step = restore_variables(found.checkpoints, {"model": model.variables}, found.kind, found.number)
    judged = validate(predictor(model), collected.rows(experiment, True), experiment.batch_size)
    return result("arc", found.preset, step, scores(judged, floors(experiment)))
