"""A trained Lyapunov function: raw features in, V out, and where it comes from."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from collatz.config import Config
from collatz.functions.model import build_clock, build_model, saved_model, value_model
from longrun import config_of, restore_variables
from longrun.errors import UserError
from longrun.release import models

FILE = "lyapunov.keras"
CHUNK = 8192


class Lyapunov:
    """V as a function of features (B, 6 + lookahead) float32 -> (B,) float32; follows the weights of `saved`.

    saved: a model of model.saved_model. config: it was trained with. preset, step: where it comes from.
    """

    def __init__(self, saved: keras.Model, config: Config, preset: str = "custom", step: int = 0):
        self.saved, self.config, self.preset, self.step = saved, config, preset, step
        self.value = value_model(saved)
        signature = [tf.TensorSpec((None, 6 + config.model.lookahead), tf.float32)]
        self._run = tf.function(lambda features: self.value(features), input_signature=signature)

    def __call__(self, features: np.ndarray) -> np.ndarray:
        parts = [self._run(features[first : first + CHUNK]).numpy() for first in range(0, len(features), CHUNK)]
        return np.concatenate(parts)

    def without_endgame(self) -> "Lyapunov":
        """The same network without the table of the endgame; the recipe clock alone has one."""
        model = build_clock(self.config.model, endgame=False)
        for target, weight in zip(value_model(model).weights, self.value.weights, strict=True):
            target.assign(weight)
        return Lyapunov(saved_model(model), self.config, self.preset, self.step)

    def save(self, folder: Path | str, outcome: dict) -> None:
        """Write lyapunov.keras, which `keras.saving.load_model` opens by itself, and manifest.json."""
        origin = {"project": "collatz", "preset": self.preset, "step": self.step, "config": self.config}
        models.save(folder, {FILE: self.saved}, outcome=outcome, **origin)


def load(path: Path | str) -> Lyapunov:
    """From a released folder, a run folder (its last checkpoint), or a checkpoint in one.

    path: see longrun.release.models.find. Raises OSError or UserError with one line.
    """
    found = models.find(path, "collatz", (FILE,))
    config = config_of(Config, found.config, found.place)
    if found.models:
        return Lyapunov(*found.models, config, found.preset, found.step)
    model = build_model(config.model)
    step = restore_variables(found.checkpoints, {"model": model.variables}, found.kind, found.number)
    return Lyapunov(saved_model(model), config, found.preset, step)


def load_weights(model: keras.Model, config: Config) -> None:
    """Take over the weights of the run `load_checkpoint`, of the original with its drift coefficient.

    UserError where its network is another one.
    """
    source = load(config.model.load_checkpoint)
    for name in ("recipe", "lookahead", "widths", *(("levels",) if config.model.recipe == "levels" else ())):
        before, now = getattr(source.config.model, name), getattr(config.model, name)
        if before != now:
            raise UserError(f"load_checkpoint {config.model.load_checkpoint} has {name} {before}, this run has {now}")
    for target, weight in zip(saved_model(model).weights, source.saved.weights, strict=True):
        target.assign(weight)
