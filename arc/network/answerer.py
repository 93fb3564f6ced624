"""A trained model that answers tasks: grids in, grids out."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from arc.config import Config
from arc.grids.canvas import PAD, to_grid
from arc.grids.tasks import Pair, Task
from arc.network.generate import generate
from arc.network.halves import halves
from arc.network.inputs import arrays
from arc.network.model import build_model
from longrun import restore_variables
from longrun.config import config_of
from longrun.errors import UserError
from longrun.release import models as release

FILE = "model.keras"
CHUNK = 64


class Answer(NamedTuple):
    """Two attempts as grids, and the confidence of each cell of the first attempt's canvas (side, side)."""

    attempts: tuple[np.ndarray, np.ndarray]
    confidence: np.ndarray


class Answerer:
    """Answers of a model of `model.build_model`; follows its weights. config: it was trained with. preset, step: where it comes from."""

    def __init__(self, model: keras.Model, config: Config, preset: str = "custom", step: int = 0):
        self.model, self.config, self.preset, self.step = model, config, preset, step
        options = {"reduce_retracing": True, "autograph": False}
        self._generate = tf.function(_generator(model, config), **options)
        self._logits = tf.function(lambda inputs: model(inputs), **options)

    def answers(self, tasks: Sequence[Task], known: bool = True) -> list[Answer]:
        """Free answers to the first test input of each task; no output is looked at. known: see data.arrays."""
        inputs = arrays(self.config.network, [Task(task.id, task.train, (Pair(task.test[0].input, None),)) for task in tasks], known)
        side, found = self.config.network.side, []
        for part in _chunks(inputs):
            first, second, confidence, _ = (value.numpy() for value in self._generate(part))
            found += [Answer((to_grid(a), to_grid(b)), c.reshape(side, side)) for a, b, c in zip(first, second, confidence, strict=True)]
        return found[: len(tasks)]

    def teacher_forced(self, tasks: Sequence[Task], known: bool = True) -> np.ndarray:
        """Likeliest symbol of each cell when the true cells before it are given, (tasks, side * side): a diagnostic, no score."""
        parts = [self._logits(part).numpy().argmax(axis=2) for part in _chunks(arrays(self.config.network, tasks, known))]
        return np.concatenate(parts)[: len(tasks)]

    def query_information(self, tasks: Sequence[Task]) -> float:
        """Nats a cell within the grid by which the loss is lower with each sample's own query than with its neighbour's of its skill.

        Nought says that queries are not read.
        """
        inputs = arrays(self.config.network, tasks)
        other = {**inputs, "query": np.roll(inputs["query"], 1, axis=0)}
        own, exchanged = (np.concatenate([self._losses(part) for part in _chunks(each)])[: len(tasks)] for each in (inputs, other))
        return float(np.mean(exchanged - own))

    def _losses(self, part):
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=part["answer"], logits=self._logits(part))
        inside = tf.cast(part["answer"] != PAD, tf.float32)
        return (tf.reduce_sum(losses * inside, axis=1) / tf.reduce_sum(inside, axis=1)).numpy()

    def save(self, folder: Path | str, outcome: dict) -> None:
        """Write model.keras, in half precision, and manifest.json; `keras.saving.load_model` opens the model by itself."""
        origin = {"project": "arc", "preset": self.preset, "step": self.step, "config": self.config}
        release.save(folder, {FILE: self.model}, outcome=outcome, half=True, **origin)


def load(path: Path | str) -> Answerer:
    """From a released folder, a run folder (its last checkpoint), or a checkpoint in one.

    path: see longrun.release.models.find. Raises FileNotFoundError, OSError or UserError with one line.
    """
    found = release.find(path, "arc", (FILE,))
    if "variant" in found.config:
        raise UserError(
            f"{path} is a training of the original run ({found.config['variant']}): it has no free generation; evaluate judges it"
        )
    return open_found(found)


def open_found(found: release.Found) -> Answerer:
    """The Answerer of what release.find has found."""
    config = config_of(Config, found.config, found.place)
    if found.models:
        return Answerer(_in_float32(config, found.models[0]), config, found.preset, found.step)
    model = build_model(config.network)
    step = restore_variables(found.checkpoints, {"model": model.variables}, found.kind, found.number)
    return Answerer(model, config, found.preset, step)


def _generator(model, config):
    """inputs -> Generated, both of B rows; an encoder is asked once and not in every round."""
    if config.network.model == "decoder_only":  # One sequence with the answer in it: nothing can be computed before.
        return lambda inputs: generate(model, inputs)
    before, after = halves(model, "answer")

    def answer(inputs):
        inputs = {name: inputs[name] for name in model.input}
        return generate(after, inputs | before({name: value for name, value in inputs.items() if name != "answer"}))

    return answer


def _in_float32(config, source):
    """The same model with weights and arithmetic in float32, whatever it was trained or saved in."""
    policy = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("float32")
    try:
        model = build_model(config.network)
    finally:
        keras.mixed_precision.set_global_policy(policy)
    for target, weight in zip(model.weights, source.weights, strict=True):
        target.assign(np.asarray(weight).astype(target.dtype))
    return model


def _chunks(inputs):
    """Parts of CHUNK rows, the last filled up with copies of its first row: one shape, one trace."""
    count = len(inputs["query"])
    for first in range(0, count, CHUNK):
        rows = np.arange(first, first + CHUNK)
        rows[rows >= count] = first
        yield {name: tf.constant(value[rows]) for name, value in inputs.items()}
