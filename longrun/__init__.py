"""longrun: what any long training needs, and nothing that only one project needs.

A project writes its training as one visible loop and puts it together from these parts; there is no Trainer to inherit from.

    def train(config, folder, preset="custom"):
        device.configure(seed=config.run.seed, precision=config.run.precision)
        model, optimizer = ...                                       # Functional Keras, optimizer.build(...) before the loop
        average = ExponentialAverage(model.trainable_variables, 0.999)

        def train_step(batch, scalars):                              # tensors in, dict of scalar tensors out
            with tf.GradientTape() as tape:
                loss = ...                                           # scalars["strength"], never config.schedule(step)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.learning_rate = scalars["learning_rate"]
            report = apply_gradients(optimizer, gradients, model.trainable_variables, clip_norm=scalars["clip_norm"])
            average.update()
            return {"loss": loss, **report}

        step_function = StepFunction(train_step, mode=config.run.mode)
        health = Health([NonFinite(), AtFloor(...)], config.run.on_unhealthy)
        groups = {"model": model.variables, "optimizer": optimizer.variables, "average": average.variables}
        with Run(folder, config, preset=preset, report=Report(columns=("loss", "accuracy"))) as run:
            for tick in loop(run, groups, health, data=batches, best=("accuracy", "max"), shown=("loss",)):
                values = scalars(config, tick.step)
                tick.did(step_function(tick.batch, values), values)
                if tick.evaluating:
                    tick.log(evaluate(model))
            run.finish(result("name", preset, run.total, scores))

What holds it together:

* A batch, and every random number in a step, is a function of (seed, step) (`longrun.step.seeding`). So a run that restores
  weights, optimizer, averages and host state continues bit for bit, and there is no iterator to save.
* What changes with the step comes into the step as a tensor in `scalars` (`StepFunction` refuses numbers frozen by a trace).
* `loop` alone owns resume, cadence, saving, rollback and signals; `Run` owns the folder, its lock and its REPORT.md, which is there
  whatever the end was.
* Host objects with a memory (`Health`, `Plateau`, a project's own controller) have `state() -> dict` and `load(dict)`; named in
  `hosts=`, they travel inside the checkpoint.
* A checkpoint is provisional while a guard counts strikes, or has not seen the last steps: the run goes on from it, and where the
  guards find the run sick it is dropped, so that the last good one is the newest.
* A configuration is a dataclass in parts, stored flat (`longrun.config`); a field that a stored one lacks counts as its default.
* Models that leave a run are saved with `longrun.release.models` and found again, like a run's checkpoints, by `find`.
* Many independent tasks (seeds, presets, ARC tasks, ranges of numbers) go through `longrun.fleet`, on this machine or on a cluster.
* A score is a `Score`: value, floor, interval, count; `result` puts scores into the form of --json and result.json.
* A person's error is a `UserError`, one line and exit code 2; a bug keeps its traceback. `Unhealthy` exits with 3, `Interrupted`
  with 130 or 143.
* On many devices a step sees its share of the rows; `apply_gradients` averages over replicas before it clips. Models, optimizers and
  averages are made in `strategy.scope()`; every worker of a cluster has a run folder of its own.

Names are imported when they are first used: `import longrun` costs no TensorFlow.
"""

import lazy_loader

from longrun import startup  # noqa: F401 - before anything that imports TensorFlow

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
