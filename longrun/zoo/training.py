"""One small training of the zoo, through the loop that every training uses, sick or healthy; what was found, as a record."""

import contextlib
import io
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

import longrun
from longrun.step import device
from longrun.step.schedule import Plateau
from longrun.zoo.evidence import Evidence
from longrun.zoo.grids import grid
from longrun.zoo.kinds import HALF, STEPS, Kind
from longrun.zoo.reasoner import reasoner
from longrun.zoo.sequences import language, translation
from longrun.zoo.stamps import stamp
from longrun.zoo.tables import regression, tabular

TASKS = {task.__name__: task for task in (tabular, regression, grid, language, translation, reasoner, stamp)}
SMALL_LOSS, LOSS_SCALE = 1e-7, 2.0**20
"""Half precision: what the loss is weighted with, and what it is scaled by where it is scaled."""
TRACED = 16
"""Steps of a process after which all that is compiled has been."""


@dataclass(frozen=True)
class ZooConfig(longrun.Settings):
    """A small training: which kind, whether it is sick, and its length."""

    PROJECT: ClassVar[str] = "zoo"
    kind: str = ""
    """Name of the kind."""
    sick: bool = False
    """Whether its fault is on."""
    run: longrun.RunSettings = longrun.RunSettings(steps=STEPS, log_every=8, save_every=40, evaluate_every=16, on_unhealthy="warn")


def train(kind: Kind, sick: bool, seed: int, folder: Path) -> dict:
    """Train to the end whatever is found; the record: findings in their order, the curves that peers look at, and times."""
    config = longrun.changed(ZooConfig(), kind=kind.name, sick=sick, seed=seed)
    curves: dict[str, list] = {"loss": [], "held_out": [], "gradient_nan": []}
    started = time.process_time()
    # What comes after half of the steps since the onset counts for nobody.
    end = min(kind.onset + HALF, STEPS) if sick else STEPS
    for stop in [kind.onset] * ("resume" in kind.setup) + [end]:
        parts = Parts(kind, sick, seed)
        parts.began = len(curves["loss"])
        with contextlib.redirect_stdout(io.StringIO()):
            _run(parts, config, folder, stop, curves)
    findings = [[one.guard, one.step, one.cause] for one in parts.evidence.health.findings]
    seconds = {**parts.seconds, "all": time.process_time() - started}
    return {"kind": kind.name, "sick": sick, "seed": seed, "findings": findings, "curves": curves, "seconds": seconds}


class Parts:
    """Everything of one process of a training; a run that goes on makes them anew. `seconds`: of the processor, by what took them."""

    def __init__(self, kind: Kind, sick: bool, seed: int):
        keras.utils.clear_session()
        number = zlib.crc32(f"{kind.name}, {'sick' if sick else 'healthy'}, {seed}".encode())  # No two runs of a table share draws.
        device.configure(seed=number)
        self.kind, self.fault = kind, kind.name if sick else ""
        self.seconds, self.began = {"steps": 0.0, "guards": 0.0}, 0
        self.specimen = specimen = TASKS[kind.task](self.fault, kind.setup, number)
        self.half = "half" in kind.setup
        left_out = {id(variable) for variable in specimen.left_out}
        self.moved = [variable for variable in specimen.variables if id(variable) not in left_out]
        self.optimizer = keras.optimizers.Adam(specimen.learning_rate)
        self.optimizer.build(self.moved)
        decay = 0.9 if "average" in kind.setup else 0.0
        self.average = longrun.ExponentialAverage(specimen.variables, decay)
        models = [variable for model in specimen.models.values() for variable in model.variables]
        trainable = {id(variable) for variable in specimen.variables}
        random = [variable for variable in models if id(variable) not in trainable]
        weights = [variable for variable in models if id(variable) in trainable]
        depends = {"model": weights, "random state": random, "optimizer": self.optimizer.variables, "average": self.average.variables}
        lost = {"no optimizer saved": "optimizer", "no random state saved": "random state"}.get(self.fault)
        self.groups = {name: variables for name, variables in depends.items() if name != lost and variables}
        self.plateau = Plateau(specimen.learning_rate, factor=0.5, patience=4 if sick else 3, threshold=1e-4)
        precision = "float16" if self.half else "float32"
        self.answer = tf.function(specimen.answer, autograph=False)
        self.evidence = Evidence(specimen, depends, self.average.variables[1:], self._answered, precision)
        self.step = longrun.StepFunction(self.step_function())
        self.evidence.health.check = self._timed_check(self.evidence.health.check)

    def _answered(self, rows):
        """The evaluation's answer, from the averages where there are any."""
        with self.average.used():
            return self.answer({name: tf.convert_to_tensor(value) for name, value in rows.items()})

    def step_function(self, noting: str = "noting"):
        """The step that is trained with; noting: empty for one in which no guard notes gradients."""
        specimen, optimizer, average, movement = self.specimen, self.optimizer, self.average, self.evidence.movement
        chosen = {id(variable) for variable in self.moved}
        half, frozen = "half" if self.half else "", "frozen" if self.fault == "average not updated" else ""

        @tf.autograph.experimental.do_not_convert  # There is nothing in it to convert, and a zoo traces hundreds of steps.
        def train_step(batch, scalars):
            with tf.GradientTape(persistent=True) as tape:
                losses, numbers = specimen.objective(batch, scalars)
                scaled = {name: loss * scalars["loss_weight"] * scalars["loss_scale"] for name, loss in losses.items()}
            gradients, variables = [], []
            for name, model in specimen.models.items():
                loss = scaled.get(name, scaled["all"])
                # Of a Keras variable that no gradient reaches TensorFlow cannot make zeros; of its value it can.
                values = [variable.value for variable in model.trainable_variables]
                gradients += tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
                variables += model.trainable_variables
            gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
            if half:
                gradients = [tf.cast(gradient, tf.float16) for gradient in gradients]
            if noting:
                movement.note(gradients)
            gradients = [tf.cast(gradient, tf.float32) / scalars["loss_scale"] for gradient in gradients]
            optimizer.learning_rate = scalars["learning_rate"]
            mine = [(gradient, one) for gradient, one in zip(gradients, variables, strict=True) if id(one) in chosen]
            report = longrun.apply_gradients(optimizer, *map(list, zip(*mine, strict=True)))
            if not frozen:
                average.update()
            return {"loss": losses["all"], **numbers, **report}

        return train_step

    def _timed_check(self, check):
        def checked(step, values):
            with self.timed("guards", step):
                return check(step, values)

        return checked

    @contextlib.contextmanager
    def timed(self, what: str, step: int):
        """Count processor time, once everything is traced."""
        start = time.process_time()
        yield
        if step - self.began >= TRACED:
            self.seconds[what] += time.process_time() - start

    def scalars(self, step: int) -> dict[str, float]:
        """Scheduled numbers of a step."""
        rate = self.plateau.rate if "plateau" in self.kind.setup else self.specimen.learning_rate
        weight = SMALL_LOSS if self.half else 1.0
        scale = LOSS_SCALE if self.half and not self.fault else 1.0
        return {"learning_rate": rate, "loss_weight": weight, "loss_scale": scale, **self.specimen.scalars(step)}

    def data(self, start: int, attempt: int):
        """Batches from a step on; a function of (seed, step), unless that is the fault."""
        first = 0 if self.fault == "resume repeats data" else start
        return (self.specimen.rows(step - start + first) for step in range(start, STEPS))


def _run(parts, config, folder, stop, curves):
    evidence, report = parts.evidence, longrun.Report(columns=())
    hosts = {"resumed": evidence.resumed.memory, "plateau": parts.plateau}
    with longrun.Run(folder, config, preset="zoo", report=report) as run:
        for tick in longrun.loop(run, parts.groups, evidence.health, data=parts.data, hosts=hosts):
            if tick.step == stop:
                return  # As a kill would leave it: the checkpoint of this step is there.
            with parts.timed("guards", tick.step):
                evidence.see(tick.step, tick.batch)
                if tick.logging:
                    evidence.begin_line(tick.batch)
            values = parts.scalars(tick.step)
            with parts.timed("steps", tick.step):
                tick.did(parts.step(tick.batch, values), values)
                loss = tick.latest("loss")
            curves["loss"].append(loss)
            curves["gradient_nan"].append(bool(np.isnan(tick.latest("gradient_norm"))))
            if tick.evaluating:
                with parts.timed("guards", tick.step):
                    tick.log(evidence.look(tick.batch))
                curves["held_out"].append([tick.done, tick.further["held_out_loss"]])
            _plateau(parts, tick, loss)


def _plateau(parts, tick, loss):
    """The rule sees single batches where that is the fault, and the held-out loss where not."""
    if "plateau" not in parts.kind.setup:
        return
    if parts.fault:
        parts.plateau.observe(loss)
        parts.evidence.cuts.observe(loss, parts.plateau.best, parts.plateau.rate)
    elif tick.evaluating:
        parts.plateau.observe(tick.further["held_out_loss"])
        parts.evidence.cuts.observe(tick.further["held_out_loss"], parts.plateau.best, parts.plateau.rate)
