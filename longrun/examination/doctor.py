"""All checks in turn, and the table of their verdicts."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from longrun.errors import UserError
from longrun.examination.data.leaks import leaks
from longrun.examination.data.pairs import pairs
from longrun.examination.data.pipeline import pipeline
from longrun.examination.data.shared import shared
from longrun.examination.examined import Examined
from longrun.examination.learning.baselines import baselines
from longrun.examination.learning.first_loss import first_loss
from longrun.examination.learning.gradients import gradients
from longrun.examination.learning.input_use import input_use
from longrun.examination.learning.overfitting import overfitting
from longrun.examination.machine.eager import eager
from longrun.examination.machine.memory import memory
from longrun.examination.machine.modes import modes
from longrun.examination.machine.precision import precision
from longrun.examination.machine.resume import resume
from longrun.examination.machine.retracing import retracing
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import SICK, Verdict, not_applicable, table
from longrun.words import nearest

CHECKS: dict[str, Callable[[Subject], Verdict]] = {
    "gradients": gradients,
    "loss at the start": first_loss,
    "simple predictors": baselines,
    "one batch by heart": overfitting,
    "input used": input_use,
    "nothing leaks": leaks,
    "nothing shared": shared,
    "pairs kept": pairs,
    "modes": modes,
    "eager and graph": eager,
    "retracing": retracing,
    "resume": resume,
    "precision": precision,
    "memory": memory,
    "pipeline": pipeline,
}
SHARE = 0.3
"""Of the seconds given, that learning one batch by heart may take."""


@dataclass(frozen=True)
class Examination:
    """What all checks said. `str` of it is the table."""

    verdicts: tuple[Verdict, ...]
    seconds: float

    @property
    def sick(self) -> tuple[Verdict, ...]:
        """The verdicts that found something."""
        return tuple(each for each in self.verdicts if each.status == SICK)

    def numbers(self) -> dict[str, Any]:
        """JSON-able."""
        return {"sick": [each.check for each in self.sick], "seconds": self.seconds, "verdicts": [v.numbers() for v in self.verdicts]}

    def json(self) -> str:
        """One object on one line."""
        return json.dumps(self.numbers())

    def __str__(self) -> str:
        return f"{table(self.verdicts)}\n\n{len(self.sick)} of {len(self.verdicts)} checks found something, in {self.seconds:.0f} s"


def examine(
    examined: Examined,
    only: Sequence[str] = (),
    seconds: float = 60.0,
    told: Callable[[Verdict], object] | None = None,
    clock: Callable[[], float] = time.perf_counter,
    factory: str = "",
) -> Examination:
    """Run the checks, all or those named; weights, optimizers and random state are afterwards what they were, bit for bit.

    seconds: about how long it may take; a large model's compilation is not cut short. told: gets each verdict as it comes.
    factory: module:function by which another process makes the same training, for `resume`; empty: it is done within this one.
    Raises UserError for an unknown check and for what `Subject` refuses. An error of the training itself keeps its traceback.
    """
    unknown = [name for name in only if name not in CHECKS]
    if unknown:
        raise UserError(f"unknown check {unknown[0]!r}{nearest(unknown[0], list(CHECKS))}; checks: {', '.join(CHECKS)}")
    began, found = clock(), []
    subject = Subject(examined, SHARE * seconds, clock, factory)
    with subject.kept():
        for name, check in CHECKS.items():
            if only and name not in only:
                continue
            start = clock()
            try:
                verdict = check(subject)
            except CannotCheck as reason:
                verdict = not_applicable(str(reason))
            found.append(verdict.named(name, clock() - start))
            if told is not None:
                told(found[-1])
    return Examination(tuple(found), round(clock() - began, 1))


def doctor(
    model: keras.Model,
    train_step: Callable | None,
    batch: Callable[[int], Any] | Iterable,
    held_out: Any,
    *,
    only: Sequence[str] = (),
    seconds: float = 60.0,
    **told: Any,
) -> Examination:
    """Examine a training before its long run; see `Examined` for what is given and what else may be told.

    doctor(model, None, dataset, (x_new, y_new)) examines what `model.fit` would run.
    Returns the examination: print it, or look at its `sick`.
    """
    return examine(Examined(model, batch, held_out, train_step=train_step, **told), only, seconds)
