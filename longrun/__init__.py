"""longrun: what any long training needs, and nothing that only one project needs.

A project writes its training as one visible loop and puts it together from these parts; there is no Trainer to inherit from.

    def train(config, folder, preset):
        device.configure(seed=config.seed, precision=config.precision)
        model, optimizer = ...                                       # Functional Keras, optimizer.build(...) before a checkpoint
        average = ExponentialAverage(model.trainable_variables, 0.999)

        def train_step(batch, scalars):                              # tensors in, dict of scalar tensors out
            with tf.GradientTape() as tape:
                loss = ...                                           # scalars["strength"], never config.schedule(step)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.learning_rate = scalars["learning_rate"]
            report = apply_gradients(optimizer, gradients, model.trainable_variables, clip_norm=scalars["clip_norm"])
            average.update()
            return {"loss": loss, **report}

        step_function = StepFunction(train_step, mode=config.mode)
        health = Health([NonFinite(), AtFloor(...), OutOfRange(...)], config.on_unhealthy)
        with Run(folder, project="name", preset=preset, config=asdict(config), total_steps=config.steps) as run:
            checkpointer = Checkpointer(folder / "checkpoints", {"model": model.variables, "optimizer": optimizer.variables,
                                        "average": average.variables}, asdict(config), best=("accuracy", "max"))
            start, state = checkpointer.restore() or (0, {})
            if state:
                health.load(state["health"])
            with Metrics(folder, start=start, total=config.steps, shown=("loss",)) as metrics:
                for step in run.steps(start):                            # step: how many steps are done; ends early on a signal
                    metrics.add(step + 1, step_function(batch(config.seed, step), scalars_of(step)))
                    if every(step + 1, config.log_every, config.steps):  # only here does the host wait for the device
                        health.check(step + 1, metrics.flush(step + 1))
                    if every(step + 1, config.save_every, config.steps): # a multiple of log_every
                        metrics.sync(); checkpointer.save(step + 1, {"health": health.state()}, provisional=health.counting)
                if run.interrupted:                                      # between two lines: metrics.state() keeps what is not written
                    checkpointer.save(step + 1, {"health": health.state(), "metrics": metrics.state()}, provisional=True)
            run.raise_if_interrupted(step + 1)                           # in a `try` with the loop: see below
            run.finish(result("name", preset, step + 1, scores))
            write_report(folder, title="name", columns=("loss",), findings=health.findings)

What holds it together:

* A batch, and every random number in a step, is a function of (seed, step) (`seeding`). So a run that restores weights, optimizer,
  averages and host state continues bit for bit, and there is no iterator to save.
* What changes with the step comes into the step as a tensor in `scalars` (`StepFunction` refuses numbers frozen by a trace).
* Host objects with a memory (`Health`, `Plateau`, a project's own controller) have `state() -> dict` and `load(dict)`; the dict
  travels inside the checkpoint (`Checkpointer.save(step, state)`).
* Models that leave a run are saved with `release.save` and found again, like a run's checkpoints, with `release.find`.
* Tables over seeds and presets are made of trainings in processes of their own (`repeat.run_all`), and go on where they were stopped.
* A score is a `Score`: value, floor, interval, count (`floors`); `result` puts scores into the form of --json and result.json.
* Errors of the user's are ValueError or OSError with one line; `command.main` prints it and exits with 2. `Unhealthy` exits with 3,
  `Interrupted` with 130 or 143.
* REPORT.md is there whatever the end was: `except (Unhealthy, Interrupted) as end: write_report(..., end=end)`.
* A checkpoint is provisional while a guard counts strikes, or has not seen the last steps: the run goes on from it, and
  `checkpointer.drop_provisional()`, where the guards have found the run sick (`health.sick`), leaves the last good one.
* `Health(action="rollback")`: where `check` returns True, drop what is provisional, restore, then `health.rolled_back(state)`,
  `run.go_back(step)`, `metrics.go_back(step)`, and other data (`health.attempt` into the seed).
* On many devices a step sees its share of the rows; `apply_gradients` averages over replicas before it clips. Models, optimizers and
  averages are made in `strategy.scope()`; every worker of a cluster has a run folder of its own.
"""

from longrun import startup  # noqa: F401, I001 - before anything that imports TensorFlow
from longrun.cli import command
from longrun.step import device, schedule, seeding
from longrun.release import models as release
from longrun.run import repeat
from longrun.run.checkpoint import Checkpointer, has_checkpoint, restore_variables, write_atomically
from longrun.errors import UserError
from longrun.health.floors import (
    Score,
    binomial_score,
    bootstrap_interval,
    constant_floor,
    grouped_score,
    label_entropy,
    majority_floor,
    skill,
    wilson_interval,
)
from longrun.health.guards import AtFloor, Finding, Health, NonFinite, OutOfRange, Spike, Unhealthy
from longrun.run.manifest import CheckpointMismatch, read_manifest
from longrun.run.metrics import Metrics, read_metrics
from longrun.step.optim import ExponentialAverage, apply_gradients, exclude_from_decay
from longrun.run.report import draw_curves, result, result_table, write_report
from longrun.run.run import Interrupted, Run, Signals, every, set_aside
from longrun.step.schedule import Plateau
from longrun.step.shards import Shards
from longrun.step.step import RetraceError, StepFunction, captured_numbers

__all__ = [
    "AtFloor",
    "UserError",
    "CheckpointMismatch",
    "Checkpointer",
    "ExponentialAverage",
    "Finding",
    "Health",
    "Interrupted",
    "Metrics",
    "NonFinite",
    "OutOfRange",
    "Plateau",
    "RetraceError",
    "Run",
    "Score",
    "Shards",
    "Signals",
    "Spike",
    "StepFunction",
    "Unhealthy",
    "apply_gradients",
    "binomial_score",
    "bootstrap_interval",
    "captured_numbers",
    "command",
    "constant_floor",
    "device",
    "draw_curves",
    "every",
    "exclude_from_decay",
    "grouped_score",
    "has_checkpoint",
    "label_entropy",
    "majority_floor",
    "read_manifest",
    "read_metrics",
    "release",
    "repeat",
    "restore_variables",
    "result",
    "result_table",
    "schedule",
    "seeding",
    "set_aside",
    "skill",
    "wilson_interval",
    "write_atomically",
    "write_report",
]
