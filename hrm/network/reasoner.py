"""A trained reasoner: puzzles in, the answer after every segment out; and where it comes from.

Its network is a Keras model, or an ONNX file in onnxruntime, which needs no TensorFlow.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hrm.config import Config
from hrm.network.halting import wants_to_halt
from hrm.puzzles.examples import Examples
from longrun.config import config_of
from longrun.errors import UserError
from longrun.release import models
from longrun.release.models import Runtime
from longrun.release.portable import Network
from longrun.run.durable import write_atomically
from longrun.run.journal import read_json

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

FILE = "reasoner.keras"
IDENTIFIERS = "identifiers.json"
CHUNK = 256
ROWS = "puzzle_table_rows"
"""What an ONNX file says of its puzzle table."""
NEXT = {"high": "next_high", "low": "next_low"}
"""Outputs of an ONNX file that a Keras model calls as it calls the inputs."""


class Thoughts(NamedTuple):
    """Everything a reasoner said about B puzzles in M segments."""

    answers: np.ndarray
    """(M, B, N) int32: the answer after each segment."""
    halting: np.ndarray
    """(M, B, 2): logits of "right" and "worth going on"."""
    used: np.ndarray
    """(B,) int: index of the segment whose answer counts."""
    logits: np.ndarray
    """(B, N, V): of the answer that counts."""

    @property
    def answer(self) -> np.ndarray:
        """(B, N) int32: the answer that counts."""
        return self.answers[self.used, np.arange(len(self.used))]


class Reasoner:
    """A segment model with its puzzle table, called with an explicit carry.

    model: of model.reasoner_model, with the input "identifier"; or, where `table` is given, of model.segment_model, whose weights and table
    it then follows. preset, step: where it comes from. identifiers: the name of each row of the table, where that is known.
    """

    def __init__(
        self,
        model: keras.Model | Network,
        config: Config,
        table: tf.Variable | None = None,
        preset: str = "custom",
        step: int = 0,
        identifiers: Sequence[str] = (),
    ):
        self.model, self.config, self.preset, self.step = model, config, preset, step
        self.identifiers = tuple(identifiers)
        self._table = table
        if isinstance(model, Network):
            self._segment = lambda inputs: _renamed(model(**{name: inputs[name] for name in model.inputs}))
        else:
            from hrm.network import with_keras

            self._segment = with_keras.segment_of(model, table)

    @property
    def rows(self) -> int:
        """Rows of the puzzle table; 0 where there is none."""
        if isinstance(self.model, Network):
            return int(self.model.facts.get(ROWS, 0))
        from hrm.network import with_keras

        return with_keras.rows_of(self.model, self._table)

    def require_identifiers(self, identifiers: Sequence[str]) -> None:
        """UserError where the puzzle table has other rows than there are identifiers; puzzles of one rule need the first row alone."""
        if self.rows and len(identifiers) > 1 and self.identifiers and self.identifiers != tuple(identifiers):
            raise UserError(f"the puzzle table of {self.preset} is of other puzzles than these: its {IDENTIFIERS} lists others")
        if self.rows and len(identifiers) > 1 and len(identifiers) != self.rows:
            raise UserError(f"the puzzle table of {self.preset} has {self.rows} rows, and its puzzles {len(identifiers)} identifiers")

    def consider(self, examples: Examples, segments: int = 0, halt: bool | None = None) -> Thoughts:
        """Answer examples by whatever tells this reasoner their rule; see think."""
        return self.think(examples.tokens, examples.identifier, segments, halt, examples.demonstrations)

    def think(
        self,
        tokens: np.ndarray,
        identifier: np.ndarray,
        segments: int = 0,
        halt: bool | None = None,
        demonstrations: np.ndarray | None = None,
        start: np.ndarray | None = None,
    ) -> Thoughts:
        """Answer puzzles: tokens (B, N) int32, identifier (B,) int32.

        segments: how many, 0 for as many as in training; halt: whether each answer counts at the segment where its reasoner holds it to be
        right, or after the last one; None: as configured. demonstrations: (B, K, 2, N) int32 as in Examples, which a reasoner that is
        conditioned on them needs and no other reads; ValueError where they are missing. start: (B, S) float32, random numbers that
        the states start from, where the reasoner was trained with such; None: zeros.
        """
        count = len(tokens)
        given = {"tokens": tokens, "identifier": identifier}
        if start is not None:
            given["start"] = start
        if self.config.model.conditioning == "demonstrations":
            if demonstrations is None:
                raise ValueError("this reasoner is told its rule by demonstrations, and was given none")
            given["demonstrations"] = demonstrations
        if not count:
            return self._none(segments or self.config.model.segments)
        chunk = min(CHUNK, count)
        parts = []
        for first in range(0, count, chunk):
            rows = np.minimum(np.arange(first, first + chunk), count - 1)  # The last chunk is filled up: no other shape, no retrace.
            parts.append((self._chunk({name: array[rows] for name, array in given.items()}, segments, halt), min(chunk, count - first)))
        axes = {"answers": 1, "halting": 1, "used": 0, "logits": 0}
        joined = {}
        for name, axis in axes.items():
            joined[name] = np.concatenate([np.take(getattr(part, name), np.arange(size), axis) for part, size in parts], axis=axis)
        return Thoughts(**joined)

    def _none(self, segments):
        cells = self.config.data.side**2
        answers, halting = np.zeros((segments, 0, cells), np.int32), np.zeros((segments, 0, 2), np.float32)
        return Thoughts(answers, halting, np.zeros(0, int), np.zeros((0, cells, self.config.data.vocabulary), np.float32))

    def _chunk(self, given, segments, halt):
        config, count = self.config, len(given["tokens"])
        segments = segments or config.model.segments
        halt = config.evaluation.halt_at_evaluation if halt is None else halt
        state = np.zeros((count, config.length, config.model.width), np.float32)
        carry = {"high": state, "low": state}
        if "start" in given:
            carry["high"] = state.copy()
            carry["high"][:, :, 0] = given.pop("start")
        fixed = {name: np.asarray(array, np.int32) for name, array in given.items()}
        answers, decisions = [], []
        used, logits = np.full(count, segments - 1), None
        running = np.ones(count, bool)
        for index in range(segments):
            outputs = self._segment({**carry, **fixed, "reset": np.full(count, index == 0)})
            carry = {"high": outputs["high"], "low": outputs["low"]}
            now, decision = outputs["logits"], outputs["halting"]
            logits = now if logits is None else np.where(running[:, None, None], now, logits)
            stops = running & halt & wants_to_halt(decision, config.learning.halting, config.evaluation.halting_confidence)
            used[stops] = index
            running &= ~stops
            answers.append(now.argmax(axis=2).astype(np.int32))
            decisions.append(decision)
        return Thoughts(np.stack(answers), np.stack(decisions), used, logits)

    def for_keras(self) -> keras.Model:
        """The Keras model with the puzzle table inside."""
        from hrm.network.model import reasoner_model

        return self.model if self._table is None else reasoner_model(self.model, self._table.numpy())

    def save(self, folder: Path | str, outcome: dict, half: bool = False) -> None:
        """Write reasoner.keras, which `keras.saving.load_model` opens by itself, and manifest.json.

        half: in half precision, as released.
        """
        model = self.for_keras()
        origin = {"project": "hrm", "preset": self.preset, "step": self.step, "config": self.config}
        models.save(folder, {FILE: model}, outcome=outcome, half=half, **origin)
        if self.identifiers:
            write_atomically(Path(folder) / IDENTIFIERS, json.dumps(self.identifiers) + "\n")


def _renamed(outputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    own = {theirs: ours for ours, theirs in NEXT.items()}
    return {own.get(name, name): value for name, value in outputs.items()}


def load(path: Path | str, runtime: Runtime = "") -> Reasoner:
    """From a released folder, a run folder (its last checkpoint, averaged weights), or a checkpoint in one.

    path, runtime: see longrun.release.models.find. Raises UserError or OSError with one line.
    """
    return opened(models.find(path, "hrm", (FILE,), runtime))


def opened(found: models.Found) -> Reasoner:
    """The reasoner that a path has led to. Raises UserError or OSError with one line."""
    config = config_of(Config, found.config, found.place)
    if found.models:
        folder = found.place.parent
        names = read_identifiers(folder) if (folder / IDENTIFIERS).exists() else ()
        reasoner = Reasoner(*found.models, config, None, found.preset, found.step, names)
        if names and len(names) != reasoner.rows:
            raise UserError(f"{folder / IDENTIFIERS} lists {len(names)} puzzles, the puzzle table of {folder} has {reasoner.rows} rows")
        return reasoner
    from hrm.network import with_keras

    names = read_identifiers(found.checkpoints.parent) if config.model.has_table else []
    model, table, step = with_keras.restored(found, config, len(names))
    return Reasoner(model, config, table, found.preset, step, names)


def read_identifiers(run: Path) -> list[str]:
    """Which puzzle each row of a run's table belongs to. Raises UserError or FileNotFoundError."""
    return identifiers_of(run / IDENTIFIERS)


def identifiers_of(place: Path) -> list[str]:
    """The names in such a file. Raises UserError or FileNotFoundError."""
    names = read_json(place)
    if not isinstance(names, list):
        raise UserError(f"{place} is damaged: it holds no list")
    if not all(isinstance(name, str) for name in names):
        raise UserError(f"{place} is damaged: it lists what is no name")
    return names
