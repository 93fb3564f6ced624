"""A reasoner's segment in Keras: compiled for use, and restored from a run's checkpoint."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from hrm.config import Config
from hrm.network.model import segment_model
from hrm.network.puzzle_table import PuzzleTable
from longrun import ExponentialAverage, restore_variables
from longrun.release.models import Found


def segment_of(model: keras.Model, table: tf.Variable | None) -> Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """Inputs by name -> outputs by name, arrays in and out; "identifier" is looked up in the table, where there is one."""
    compiled = tf.function(segment(model, table))
    return lambda inputs: {name: value.numpy() for name, value in compiled({k: tf.constant(v) for k, v in inputs.items()}).items()}


def segment(model: keras.Model, table: tf.Variable | None) -> Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]]:
    """The same of tensors."""

    def run(inputs):
        inputs = dict(inputs)
        identifier = inputs.pop("identifier")
        if table is not None:
            inputs["puzzle"] = tf.gather(table, identifier)
        elif any(tensor.name == "identifier" for tensor in model.inputs):
            inputs["identifier"] = identifier
        return model(inputs, training=False)

    return run


def rows_of(model: keras.Model, table: tf.Variable | None) -> int:
    """Rows of the puzzle table; 0 where there is none."""
    if table is not None:
        return int(table.shape[0])
    tables = [layer for layer in model.layers if layer.name == "puzzle_table"]
    return int(tables[0].weights[0].shape[0]) if tables else 0


def restored(found: Found, config: Config, identifiers: int) -> tuple[keras.Model, tf.Variable | None, int]:
    """Segment model and table with the averaged weights of a checkpoint, and its step. Raises OSError or UserError."""
    model = segment_model(config)
    average = ExponentialAverage(model.trainable_variables, config.learning.average_decay)
    groups = {"model": list(model.variables), "average": average.variables, "puzzles": []}
    table = None
    if config.model.has_table:
        table = PuzzleTable(identifiers, config.model.puzzle_width).table
        groups["puzzles"] = [table]
    step = restore_variables(found.checkpoints, groups, found.kind, found.number)
    average.swap()
    return model, table, step
