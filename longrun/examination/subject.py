"""The training under examination, made to run: a step compiled and eager, predictions, losses, and the way back to where it was."""

import contextlib
import functools
import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from longrun.errors import UserError
from longrun.examination.batches import Batches, as_arrays, one_of, parts
from longrun.examination.examined import Examined
from longrun.examination.recorded import Gradients, recorded
from longrun.examination.state import Snapshot, State
from longrun.examination.targets import Targets, targets
from longrun.step.step import StepFunction


class CannotCheck(Exception):
    """A check cannot be applied; the message is what follows "because"."""


class Subject:
    """What the checks work on. Each leaves the state as it found it (`kept`).

    examined: what was told. seconds: for the longest part, learning one batch by heart. clock: gives seconds. factory: module:function
        by which another process makes the same training; empty: there is to be none.
    Raises UserError for a model without trainable variables, for an empty held-out set and for a step without the loss that was named.
    """

    def __init__(self, examined: Examined, seconds: float = 20.0, clock: Callable[[], float] = time.perf_counter, factory: str = ""):
        self.examined, self.seconds, self.clock, self.factory = examined, seconds, clock, factory
        self.batches = Batches(examined.batch, clock)
        self.held_out = one_of(examined.held_out, "the held-out set")
        self.first = one_of(self.batches(0), "the first batch")
        self.traces = 0
        self.fit = None
        """One batch learnt by heart, once it has been (see `fitting`)."""
        self._wants_scalars, self._raw = _plain(examined)
        self._graph = tf.function(self._traced)
        self._forward = tf.function(self._predicted)
        self._build()
        self.state = State(examined, ())
        # Eagerly first: what makes variables when it first runs, as metrics do, could not be compiled at once.
        self.gradients = self.recorded()
        for optimizer, variables in self.gradients.optimizers:
            if not optimizer.built:
                optimizer.build(variables)
        self.state = State(examined, [optimizer for optimizer, _ in self.gradients.optimizers])

    def _build(self):
        model = self.examined.model
        if not model.built:
            with contextlib.suppress(CannotCheck):
                self._predicted(_tensors(self.first))
        if not self.examined.trainable_variables:
            raise UserError(f"{model.name} has no trainable variables")

    # The step.

    def step(self, batch: Any, number: int = 0) -> dict[str, float]:
        """One compiled step of the training on a batch; `number` is what the scalars depend on. Changes the state."""
        return self._ran(self._graph, batch, number)

    def eager_step(self, batch: Any, number: int = 0) -> dict[str, float]:
        """The same, line by line in Python."""
        return self._ran(self._called, batch, number)

    def recorded(self) -> Gradients:
        """The gradients of a step on the first batch at the state of now, which stays as it is."""
        with self.kept(), recorded() as found:
            found.values = self.eager_step(self.first)
        return found

    def loss(self, batch: Any, number: int = 0) -> float:
        """Loss of a step at the state of now, which stays as it is."""
        with self.kept():
            return self.step(batch, number)[self.examined.loss]

    @contextlib.contextmanager
    def kept(self) -> Iterator[Snapshot]:
        """Whatever happens in the block, the state is afterwards what it was."""
        before = self.state.snapshot()
        try:
            yield before
        finally:
            self.state.restore(before)

    def _ran(self, run, batch, number):
        model = self.examined.model
        if getattr(model, "compiled", False):
            model.reset_metrics()
        values = run(_tensors(batch), self._scalars(number))
        found = {name: float(np.mean(as_arrays(value))) for name, value in values.items() if not isinstance(value, Mapping)}
        if self.examined.loss not in found:
            raise UserError(f"the step returns no {self.examined.loss!r}; it returns {', '.join(found) or 'nothing'}")
        return found

    def _called(self, batch, scalars):
        arguments = (batch, scalars) if self._wants_scalars else (batch,)
        result = self._raw(*arguments)
        return dict(result) if isinstance(result, Mapping) else {self.examined.loss: result}

    def _traced(self, batch, scalars):
        self.traces += 1  # A side effect of Python: it happens while tracing only.
        return self._called(batch, scalars)

    def _scalars(self, number):
        told = self.examined.scalars
        told = told(number) if callable(told) else told or {}
        kinds = {float: tf.float32, int: tf.int64}
        return {name: tf.convert_to_tensor(value, kinds.get(type(value))) for name, value in told.items()}

    # Parts of a batch.

    def inputs(self, batch: Any) -> dict[str, np.ndarray]:
        """Name -> array of what the model reads, without labels that are fed to it. Raises CannotCheck where nothing says what that is."""
        found = self._named(batch, "inputs", self.examined.inputs)
        return {name: values for name, values in found.items() if name not in self.examined.labels}

    def labels(self, batch: Any) -> dict[str, np.ndarray]:
        """Name -> array of what is to be predicted. Raises CannotCheck."""
        return self._named(batch, "labels", self.examined.labels)

    def label(self, batch: Any) -> np.ndarray:
        """The one array of labels. Raises CannotCheck where there are several."""
        found = self.labels(batch)
        if len(found) != 1:
            raise CannotCheck(f"there are {len(found)} parts of labels: {', '.join(found)}")
        return next(iter(found.values()))

    def _named(self, batch, place, told):
        leaves = parts(batch)
        missing = [name for name in told if name not in leaves]
        if missing:
            raise UserError(f"{place} names {missing[0]!r}, which is no part of a batch: {', '.join(leaves)}")
        names = told or [name for name in leaves if not isinstance(batch, Mapping) and name.split("/")[0] == place]
        if not names:
            raise CannotCheck(f"nothing says which part of a batch is {place}")
        return {name: leaves[name] for name in names}

    # Predictions.

    def outputs(self, batch: Any) -> list[np.ndarray]:
        """Predictions in evaluation mode, one array for each output of the model. Raises CannotCheck where nothing says how to predict."""
        found = self.examined.predict(batch) if self.examined.predict is not None else self._forward(_tensors(batch))
        return [np.asarray(each) for each in keras.tree.flatten(found)]

    def model_inputs(self, batch: Any) -> Any:
        """What the model is called with. Raises CannotCheck where nothing says what that is."""
        if isinstance(batch, tuple):
            return batch[0]
        if not isinstance(batch, Mapping):
            return batch
        names = list(self.examined.inputs)
        if not names:
            raise CannotCheck("nothing says which parts of a batch the model is called with")
        return batch[names[0]] if len(names) == 1 else {name: batch[name] for name in names}

    def asked(self, batch: Any, training: bool) -> Any:
        """What the model answers in one mode, eagerly."""
        model = self.examined.model
        mode = {"training": training} if _takes_mode(model) else {}
        return model(self.model_inputs(batch), **mode)

    def _predicted(self, batch):
        return self.asked(batch, training=False)

    @functools.cached_property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the one output on the first batch. Raises CannotCheck."""
        found = self.outputs(self.first)
        if len(found) != 1:
            raise CannotCheck(f"the model has {len(found)} outputs")
        return found[0].shape

    def targets(self, batch: Any, measure: str = "") -> Targets:
        """The labels of a batch, in the form that the loss, or another measure, compares. Raises CannotCheck."""
        measure = measure or self.examined.measure
        if measure == "other":
            raise CannotCheck("nothing says that the loss is a cross-entropy or an error")
        weights = parts(batch).get("weights") if isinstance(batch, tuple) else None
        if weights is not None and not np.isin(weights, (0, 1)).all():
            raise CannotCheck("the rows are weighted, and so is the loss")
        return targets(self.label(batch), weights, self.output_shape, measure, self.examined.ignored)


def _plain(examined):
    """Whether the step takes scalars, and the step without tf.function around it."""
    if examined.train_step is None:
        return False, examined.model.train_step
    step = examined.train_step
    if isinstance(step, StepFunction):
        return True, step.function
    step = getattr(step, "python_function", step)
    if not callable(step):
        raise UserError(f"train_step is a function, not {type(step).__name__}")
    taken = [
        p
        for p in inspect.signature(step).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if len(taken) not in (1, 2):
        raise UserError(f"train_step takes a batch, or a batch and scalars, not {len(taken)} arguments")
    return len(taken) == 2, step


def _takes_mode(model):
    parameters = inspect.signature(model.call).parameters.values()
    return any(p.name == "training" or p.kind == p.VAR_KEYWORD for p in parameters)


def _tensors(batch):
    return keras.tree.map_structure(tf.convert_to_tensor, batch)
