"""The guards of a long run for whoever trains with `model.fit`."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from longrun.errors import UserError
from longrun.examination.batches import as_arrays, changed, one_of, parts
from longrun.examination.board import write_lines, write_text
from longrun.examination.interval import Interval
from longrun.health.answers import Answers
from longrun.health.floors import skill
from longrun.health.guards import AtFloor, Guard, Health, NonFinite, Spike, Unhealthy, table
from longrun.run.durable import write_atomically

LEAST_SKILL = 0.02
"""Of the way from a floor to a perfect score, that must be gone by step `after`."""


class Guarded(keras.callbacks.Callback):
    """Watches a `model.fit`: not finite, spikes, at its floor, input not used, output constant, one class, evaluation not repeatable.

        guarded = longrun.Guarded((x_new, y_new), floors={"accuracy": 0.1})
        model.fit(x, y, epochs=20, callbacks=[guarded])
        guarded.findings

    held_out: a batch (inputs, labels) or (inputs, labels, weights) that the model is asked at the end of each epoch; its loss with
        exchanged inputs says whether the input is used. Some hundred rows are enough. None: these guards are left out.
    causal: whether labels[:, t] is to be predicted from inputs[:, :t + 1], so that an answer must not change with what comes later.
    floors: metric of `fit` ("accuracy", "val_loss") -> what a predictor scores that learns nothing.
    guards: further ones, over the metrics of `fit`. on_unhealthy: "stop" ends `fit` at the next batch, "warn" prints each guard's first
        finding. log_every: steps between two looks at the loss. after: steps in which something must have been learnt.
    report: file for a report in Markdown, written whatever the end was; empty: none. tensorboard: folder of keras.callbacks.TensorBoard,
        which gets the report as text and the floors as lines in the charts of the metrics; empty: none.

    Raises UserError for what is none of these. It sees what `fit` reports and what the model answers to the held-out rows; it cannot see
    gradients, nor the weights of single layers. It costs a number each `log_every` steps, and at the end of an epoch the norm of the
    weights and three answers to the held-out rows, one more for each further input and for `causal`.
    """

    def __init__(
        self,
        held_out: Any = None,
        *,
        causal: bool = False,
        floors: Mapping[str, float] | None = None,
        guards: Sequence[Guard] = (),
        on_unhealthy: str = "stop",
        log_every: int = 20,
        after: int = 200,
        report: str | Path = "",
        tensorboard: str | Path = "",
    ):
        super().__init__()
        if on_unhealthy not in ("stop", "warn"):
            raise UserError(f"on_unhealthy is stop or warn, not {on_unhealthy!r}")
        if log_every < 1:
            raise UserError(f"log_every is at least 1, not {log_every}")
        self._held_out = None if held_out is None else one_of(held_out, "the held-out set")
        self._floors, self._further, self._action = dict(floors or {}), list(guards), on_unhealthy
        self._log_every, self._after, self._causal, self._report, self._board = log_every, after, causal, report, tensorboard
        self.step, self.lines = 0, []
        """Steps done, and all numbers that were looked at, as (step, name -> value)."""
        self._health = Health([])

    @property
    def findings(self) -> list:
        """What the guards found, each guard's first."""
        return self._health.findings

    def on_train_begin(self, logs: Mapping | None = None) -> None:
        """Make the guards."""
        self.step, self.lines, self._epochs = 0, [], 0
        self._answers = None if self._held_out is None else _answers(self.model, self._held_out, self._causal)
        learnt = [
            AtFloor(f"skill of {name}", f"{name} is no better than without learning", tolerance=LEAST_SKILL, after=self._after, patience=2)
            for name in self._floors
        ]
        asked = [] if self._answers is None else self._answers.guards(self._after)
        self._health = Health([NonFinite(), Spike("loss"), *learnt, *asked, *self._further], self._action)

    def on_epoch_begin(self, epoch: int, logs: Mapping | None = None) -> None:
        """`fit` begins its running means anew."""
        self._before, self._interval = self.step, Interval()

    def on_train_batch_end(self, batch: int, logs: Mapping | None = None) -> None:
        """Look at the loss since the last look."""
        done = self._before + batch + 1
        due = done // self._log_every > self.step // self._log_every
        self.step = done
        if due and logs and "loss" in logs:
            self._look({"loss": self._interval.mean(float(logs["loss"]), batch + 1)})

    def on_epoch_end(self, epoch: int, logs: Mapping | None = None) -> None:
        """Look at the metrics of the epoch and ask the held-out rows."""
        self._epochs = epoch + 1
        values = {name: float(value) for name, value in (logs or {}).items()}
        # The mean over the epoch is no loss of now.
        found = {name: value for name, value in values.items() if name != "loss" or not math.isfinite(value)}
        found |= {f"skill of {name}": _skill(name, values[name], floor) for name, floor in self._floors.items() if name in values}
        # Behind a rectifier weights that are not finite leave the loss finite.
        norms = [keras.ops.sum(keras.ops.square(keras.ops.cast(each, "float32"))) for each in self.model.trainable_variables]
        found["norm of the weights"] = float(keras.ops.sqrt(sum(norms)))
        if self._answers is not None:
            found |= self._answers.look()
        self._look(found)

    def on_train_end(self, logs: Mapping | None = None) -> None:
        """Write the report."""
        text = self.summary()
        if self._report:
            write_atomically(Path(self._report), text)
        if self._board:
            write_text(self._board, "guards", text)
            floors = {f"epoch_{name.removeprefix('val_')}": floor for name, floor in self._floors.items()}
            write_lines(Path(self._board) / "floors", floors, range(max(self._epochs, 2)))

    def summary(self) -> str:
        """The report: what was found, and the last value of each metric beside its floor."""
        latest: dict[str, float] = {}
        for _, values in self.lines:
            latest |= values
        rows = [f"| {name} | {value:.4g} | {self._floors.get(name, '-')} |" for name, value in sorted(latest.items())]
        verdict = table(self.findings) if self.findings else "The guards found nothing."
        numbers = "\n".join(["| metric | last value | floor |", "|---|---|---|", *rows])
        return f"# Guards after {self.step} steps\n\n{verdict}\n\n{numbers}\n"

    def _look(self, values):
        self.lines.append((self.step, values))
        try:
            self._health.check(self.step, values)
        except Unhealthy as sick:
            self.model.stop_training = True
            print(f"\nstopped by a health guard: {sick}", flush=True)


def _skill(name, value, floor):
    """0 at the floor and 1 at a perfect score; a loss is perfect at nought."""
    return (floor - value) / floor if "loss" in name and floor else skill(value, floor)


def _answers(model, held_out, causal):
    """What the answers to the held-out rows depend on; a compiled loss says what they cost, in units of a constant answer's."""
    rows = parts(held_out)
    inputs = [name for name in rows if name.split("/")[0] == "inputs"]
    labels, weights = rows.get("labels"), rows.get("weights")
    if labels is None or not inputs:
        raise UserError("held_out is a batch (inputs, labels), with one array of labels")
    if model.loss is None:
        raise UserError(f"{model.name} is compiled without a loss, which says what an answer costs: leave held_out out")
    if causal and (rows[inputs[0]].ndim < 2 or rows[inputs[0]].shape[:2] != labels.shape[:2]):
        raise UserError(f"causal: {inputs[0]} of shape {rows[inputs[0]].shape} and labels of shape {labels.shape} differ in length")
    classes = np.issubdtype(labels.dtype, np.integer)
    spread = 1.0 if classes else max(float(np.var(labels, axis=0).mean()), 1e-12)

    def answer(given):
        found = as_arrays(model(changed(held_out, given)[0], training=False))
        return next(iter(parts(found if isinstance(found, tuple | dict) else (found,)).values()))

    def cost(answers, given):
        tensors = (None if each is None else keras.ops.convert_to_tensor(each) for each in (labels, answers, weights))
        y, y_pred, sample_weight = tensors
        return float(model.compute_loss(y=y, y_pred=y_pred, sample_weight=sample_weight)) / spread

    known = "labels" if classes and answer(rows).shape[-1] > 1 and answer(rows).shape[:-1] == labels.shape else ""
    return Answers(answer, cost, rows, inputs, labels=known, context=inputs[0] if causal else "")
