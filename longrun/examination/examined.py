"""What a person tells of a training that is to be examined."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from longrun.errors import UserError

KINDS = ("classification", "regression", "sequence", "other")
LOSSES = ("cross-entropy", "squared error", "absolute error", "other")
_BY_KIND = {"classification": "cross-entropy", "sequence": "cross-entropy", "regression": "squared error", "other": "other"}
_BY_NAME = {"crossentropy": "cross-entropy", "mse": "squared error", "meansquarederror": "squared error", "mae": "absolute error"}
_BY_NAME |= {"meanabsoluteerror": "absolute error"}


@dataclass(frozen=True)
class Examined:
    """A training: its parts, and what only its author knows. A factory of `python -m longrun doctor module:factory` returns one.

    model: any Keras model; compiled, where `train_step` is None.
    batch: a function step -> batch, or an iterable of batches (a tf.data.Dataset, a list), of which the first ones are looked at.
        A batch is (inputs, labels), (inputs, labels, weights) or a dict of named arrays, rows first.
    held_out: one batch of examples that the training never sees, or an iterable of such.
    train_step: one step of the training, `train_step(batch)` or `train_step(batch, scalars)`, which updates the model and returns its
        loss or a dict of scalars; a StepFunction too. None: `model.train_step`, what `model.fit` runs.
    kind: "classification" (labels are classes, one a row or one a position), "sequence" (labels[:, t] is to be predicted from
        inputs[:, :t + 1]: a causal language model), "regression" (labels are numbers), or "other" (nothing is known of labels).
    loss: the scalar of a step that the checks look at. loss_is: what it measures; None: by the compiled loss, else by the kind.
    others: further models that the step trains. groups: further variables that a checkpoint holds, name -> variables; what belongs to a
        model or to a Keras optimizer that the step uses is known.
    scalars: what `train_step` gets beside the batch, or a function of the step.
    inputs, labels: names of parts of a batch that is a dict. ignored: a label that does not count (-1 for padding, say).
    predict: function batch -> outputs (B, ...), in evaluation mode; None: the model's own, on its inputs.
    irrelevant: parts of a batch that must not change a prediction: names, or name -> function(batch, numpy generator) -> batch.
    augment: function (inputs, labels, seed) -> (inputs, labels), as the training uses it.
    save, restore: functions of a folder, as the training uses them; None: longrun's checkpoint of all variables.
    idle: paths, or their ends, of trainable variables that get no gradient on purpose. fresh: whether the weights are new.
        reconstructs: whether the label is the input on purpose (an autoencoder).
    rows_apart: whether a row's prediction must not depend on the other rows of its batch.
    """

    model: keras.Model
    batch: Callable[[int], Any] | Iterable
    held_out: Any
    train_step: Callable | None = None
    kind: str = "classification"
    loss: str = "loss"
    loss_is: str | None = None
    others: Sequence[keras.Model] = ()
    groups: Mapping[str, Iterable] = field(default_factory=dict)
    scalars: Mapping[str, Any] | Callable[[int], Mapping[str, Any]] | None = None
    inputs: Sequence[str] = ()
    labels: Sequence[str] = ()
    ignored: float | None = None
    predict: Callable | None = None
    irrelevant: Mapping[str, Callable] | Sequence[str] = ()
    augment: Callable | None = None
    save: Callable[[Path], object] | None = None
    restore: Callable[[Path], object] | None = None
    idle: Sequence[str] = ()
    fresh: bool = True
    reconstructs: bool = False
    rows_apart: bool = True

    def __post_init__(self):
        for model in self.models:
            if not isinstance(model, keras.Model):
                raise UserError(f"the model is a Keras model, not {type(model).__name__}")
        if self.kind not in KINDS:
            raise UserError(f"kind is one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.loss_is is not None and self.loss_is not in LOSSES:
            raise UserError(f"loss_is is one of {', '.join(LOSSES)}, not {self.loss_is!r}")
        if self.train_step is None and not getattr(self.model, "compiled", False):
            raise UserError(f"{self.model.name} is not compiled, and no train_step is given")
        if (self.save is None) != (self.restore is None):
            raise UserError("save and restore are given together or not at all")
        if not (callable(self.batch) or isinstance(self.batch, Iterable)):
            raise UserError(f"batch is a function of the step or an iterable of batches, not {type(self.batch).__name__}")

    @property
    def models(self) -> tuple[keras.Model, ...]:
        """All of them."""
        return self.model, *self.others

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """Of all models."""
        return [variable for model in self.models for variable in model.trainable_variables]

    @property
    def measure(self) -> str:
        """What the loss measures: one of LOSSES."""
        if self.loss_is is not None:
            return self.loss_is
        if self.train_step is None:
            return _measure_of(self.model.loss)
        return _BY_KIND[self.kind]


def _measure_of(loss):
    """By the name of a compiled loss."""
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    name = str(name).lower().replace("_", "")
    return next((measure for part, measure in _BY_NAME.items() if part in name), "other")
