"""One small training of the zoo, through the loop that every training uses, sick or healthy; what was found, as a record."""

import contextlib
import functools
import io
import time
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

import longrun
from longrun.health.movement import Movement
from longrun.step import device
from longrun.step.schedule import Plateau
from longrun.zoo.evidence import Evidence
from longrun.zoo.grids import grid
from longrun.zoo.kinds import HALF, STEPS, WARM, Kind
from longrun.zoo.reasoner import reasoner
from longrun.zoo.sequences import language, translation
from longrun.zoo.stamps import stamp
from longrun.zoo.tables import regression, tabular

TASKS = {task.__name__: task for task in (tabular, regression, grid, language, translation, reasoner, stamp)}
SMALL_LOSS, LOSS_SCALE = 1e-7, 2.0**20
"""Half precision: what the loss is weighted with, and what it is scaled by where it is scaled."""
SAVED = 40
"""Steps between two checkpoints, where a training is stopped and goes on."""


@dataclass(frozen=True)
class ZooConfig(longrun.Settings):
    """A small training: which kind, whether it is sick, and its length."""

    PROJECT: ClassVar[str] = "zoo"
    kind: str = ""
    """Name of the kind."""
    sick: bool = False
    """Whether its fault is on."""
    run: longrun.RunSettings = longrun.RunSettings(steps=STEPS, log_every=8, save_every=STEPS, evaluate_every=16, on_unhealthy="warn")


def train(kind: Kind, sick: bool, seed: int, folder: Path) -> dict:
    """Train to the end whatever is found; the record: findings in their order, the curves that peers look at, and times."""
    config = longrun.changed(ZooConfig(), kind=kind.name, sick=sick, seed=seed, save_every=SAVED if "resume" in kind.setup else STEPS)
    curves: dict[str, list] = {"loss": [], "held_out": [], "gradient_nan": []}
    started, seconds = time.process_time(), {"steps": 0.0, "guards": 0.0}
    parts = parts_of(kind.task, kind.setup, kind.name if sick else "")
    # No two runs of a table share draws.
    number = zlib.crc32(f"{kind.name}, {'sick' if sick else 'healthy'}, {seed}".encode())
    # What comes after half of the steps since the onset counts for nobody.
    end = min(kind.onset + HALF, STEPS) if sick else STEPS
    for stop in [kind.onset] * ("resume" in kind.setup) + [end]:
        parts.begin(number)
        with contextlib.redirect_stdout(io.StringIO()):
            _run(parts, config, folder, stop, curves, seconds)
    findings = [[one.guard, one.step, one.cause] for one in parts.evidence.health.findings]
    seconds["all"] = time.process_time() - started
    return {"kind": kind.name, "sick": sick, "seed": seed, "findings": findings, "curves": curves, "seconds": seconds}


@functools.lru_cache(maxsize=2)
def parts_of(task: str, setup: tuple[str, ...], fault: str) -> "Parts":
    """The parts of a training, compiled once for all of its seeds; `begin` makes them those of one seed."""
    return Parts(task, setup, fault)


class Parts:
    """Everything of one training, as a process that begins, or goes on, has it after `begin`."""

    def __init__(self, task: str, setup: tuple[str, ...], fault: str):
        self.setup, self.fault, self._task = setup, fault, TASKS[task]
        device.configure(seed=0)
        self.specimen = specimen = self._task(fault, setup, 0)
        self.half = "half" in setup
        left_out = {id(variable) for variable in specimen.left_out}
        self.moved = [variable for variable in specimen.variables if id(variable) not in left_out]
        self.optimizer = keras.optimizers.Adam(specimen.learning_rate)
        self.optimizer.build(self.moved)
        self._fresh = [variable.numpy() for variable in self.optimizer.variables]
        self.average = longrun.ExponentialAverage(specimen.variables, 0.9 if "average" in setup else 0.0)
        models = [variable for model in specimen.models.values() for variable in model.variables]
        trainable = {id(variable) for variable in specimen.variables}
        self.depends = {
            "model": [variable for variable in models if id(variable) in trainable],
            "random state": [variable for variable in models if id(variable) not in trainable],
            "optimizer": self.optimizer.variables,
            "average": self.average.variables,
        }
        lost = {"no optimizer saved": "optimizer", "no random state saved": "random state"}.get(fault)
        self.groups = {name: variables for name, variables in self.depends.items() if name != lost and variables}
        self.answer = tf.function(specimen.answer, autograph=False)
        self.movement = Movement(specimen.variables, self.average.variables[1:], precision="float16" if self.half else "float32")
        self.step = longrun.StepFunction(self.step_function())

    def begin(self, seed: int) -> None:
        """All weights, states and draws as a new process with this seed has them; what is compiled stays."""
        device.configure(seed=seed)
        new, specimen = self._task(self.fault, self.setup, seed), self.specimen
        for name, model in specimen.models.items():
            _assign(model.variables, new.models[name].variables)
        _assign(self.optimizer.variables, self._fresh)
        _assign(self.average.variables, [0.0, *specimen.variables][: len(self.average.variables)])
        _assign(specimen.others, new.others)
        self.movement.load(Movement([]).state())
        self.specimen = replace(specimen, rows=new.rows, held_out=new.held_out, raw=new.raw, guards=new.guards)
        self.plateau = Plateau(specimen.learning_rate, factor=0.5, patience=4 if self.fault else 3, threshold=1e-4)
        self.evidence = Evidence(self.specimen, self.depends, self.movement, self._answered)

    def _answered(self, rows):
        """The evaluation's answer, from the averages where there are any."""
        with self.average.used():
            return self.answer({name: tf.convert_to_tensor(value) for name, value in rows.items()})

    def step_function(self, noting: str = "noting"):
        """The step that is trained with; noting: empty for one in which no guard notes gradients."""
        specimen, optimizer, average, movement = self.specimen, self.optimizer, self.average, self.movement
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
            gradients = [tf.cast(gradient, tf.float32) / (scalars["loss_weight"] * scalars["loss_scale"]) for gradient in gradients]
            optimizer.learning_rate = scalars["learning_rate"]
            mine = [(gradient, one) for gradient, one in zip(gradients, variables, strict=True) if id(one) in chosen]
            report = longrun.apply_gradients(optimizer, *map(list, zip(*mine, strict=True)))
            if not frozen:
                average.update()
            return {"loss": losses["all"], **numbers, **report}

        return train_step

    def scalars(self, step: int) -> dict[str, float]:
        """Scheduled numbers of a step."""
        rate = self.plateau.rate if "plateau" in self.setup else self.specimen.learning_rate
        weight = SMALL_LOSS if self.half else 1.0
        scale = LOSS_SCALE if self.half and not self.fault else 1.0
        scheduled = self.specimen.scalars(step)
        rate *= scheduled.pop("rate_factor", 1.0)
        return {"learning_rate": rate, "loss_weight": weight, "loss_scale": scale, **scheduled}

    def data(self, start: int, attempt: int):
        """Batches from a step on; a function of (seed, step), unless that is the fault."""
        first = 0 if self.fault == "resume repeats data" else start
        return (self.specimen.rows(step - start + first) for step in range(start, STEPS))


def _run(parts, config, folder, stop, curves, seconds):
    evidence, report, began = parts.evidence, longrun.Report(columns=()), len(curves["loss"])
    hosts = {"resumed": evidence.resumed.memory, "plateau": parts.plateau}

    @contextlib.contextmanager
    def timed(what, step):  # Processor time, once all is warm.
        start = time.process_time()
        yield
        seconds[what] += (time.process_time() - start) * (step - began >= WARM)

    check = evidence.health.check

    def timed_check(step, values):
        with timed("guards", step):
            return check(step, values)

    evidence.health.check = timed_check
    with longrun.Run(folder, config, preset="zoo", report=report) as run:
        for tick in longrun.loop(run, parts.groups, evidence.health, data=parts.data, hosts=hosts):
            if tick.step == stop:
                return  # As a kill would leave it: the checkpoint of this step is there.
            with timed("guards", tick.step):
                evidence.see(tick.step, tick.batch)
                if tick.logging:
                    evidence.begin_line(tick.batch)
            values = parts.scalars(tick.step)
            with timed("steps", tick.step):
                tick.did(parts.step(tick.batch, values), values)
                loss = tick.latest("loss")
            curves["loss"].append(loss)
            curves["gradient_nan"].append(bool(np.isnan(tick.latest("gradient_norm"))))
            if tick.evaluating:
                with timed("guards", tick.step):
                    tick.log(evidence.look(tick.batch))
                curves["held_out"].append([tick.done, tick.further["held_out_loss"]])
            _plateau(parts, tick, loss)


def _plateau(parts, tick, loss):
    """The rule sees single batches where that is the fault, and the held-out loss where not."""
    if "plateau" not in parts.setup:
        return
    if parts.fault:
        parts.plateau.observe(loss)
        parts.evidence.cuts.observe(loss, parts.plateau.best, parts.plateau.rate)
    elif tick.evaluating:
        parts.plateau.observe(tick.further["held_out_loss"])
        parts.evidence.cuts.observe(tick.further["held_out_loss"], parts.plateau.best, parts.plateau.rate)


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
