"""A small real training with everything a run has, ended by signals or kills in test_run: python small_training.py FOLDER [SIGNAL STEP]

Every step says so on stdout. A SIGNAL (a number) is sent by the training to itself during STEP.
"""

import os
import sys
import time
from pathlib import Path

import keras
import tensorflow as tf

from longrun import (
    Checkpointer,
    ExponentialAverage,
    Health,
    Metrics,
    NonFinite,
    Plateau,
    Run,
    Spike,
    StepFunction,
    apply_gradients,
    command,
    device,
    every,
    seeding,
)

CONFIG = {"seed": 5, "steps": 60, "log_every": 4, "save_every": 8}
ROWS = 8


def train(folder: Path, signal: int = 0, at: int = -1) -> None:
    """Train, or go on, to the last step. The rate of the plateau, fed by the means of the lines, feeds back into the weights."""
    # A resumed run has another seed at first: its weights and its Dropout must come from the checkpoint.
    resumed = any(folder.glob("checkpoints/last/*.index"))
    device.configure(seed=int.from_bytes(os.urandom(3)) if resumed else CONFIG["seed"])
    layers = [keras.layers.Dense(16, activation="tanh"), keras.layers.BatchNormalization(), keras.layers.Dropout(0.3)]
    model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(1)])
    optimizer = keras.optimizers.AdamW(0.01)
    optimizer.build(model.trainable_variables)
    average = ExponentialAverage(model.trainable_variables, 0.9)

    def train_step(batch, scalars):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(batch["x"], training=True)[:, 0] - batch["y"]) ** 2)
        optimizer.learning_rate = scalars["learning_rate"]
        report = apply_gradients(optimizer, tape.gradient(loss, model.trainable_variables), model.trainable_variables, clip_norm=1.0)
        average.update()
        return {"loss": loss, **report}

    step_function = StepFunction(train_step)
    groups = {"model": model.variables, "optimizer": optimizer.variables, "average": average.variables}
    health, plateau = Health([NonFinite(), Spike("gradient_norm", window=4)]), Plateau(0.05, patience=1)
    with Run(folder, project="small", preset="only", config=CONFIG, total_steps=CONFIG["steps"]) as run:
        checkpointer = Checkpointer(folder / "checkpoints", groups, CONFIG, best=("loss", "min"))
        done, state = checkpointer.restore() or (0, {})
        with Metrics(folder, start=done, total=CONFIG["steps"], quiet=True) as metrics:
            if state:
                health.load(state["health"])
                plateau.load(state["plateau"])
                metrics.load(state["metrics"])

            def save(values=None, *, provisional):
                metrics.sync()
                memory = {"health": health.state(), "plateau": plateau.state(), "metrics": metrics.state()}
                checkpointer.save(done, memory, values, provisional=provisional)

            for step in run.steps(done):
                keys = seeding.sample_keys(CONFIG["seed"], step, ROWS)
                x = seeding.normal(keys, "x", (4,))
                metrics.add(step + 1, step_function({"x": x, "y": tf.reduce_sum(x**2, axis=1)}, {"learning_rate": plateau.rate}))
                done = step + 1
                print(f"step {done}", flush=True)
                if done == at:
                    os.kill(os.getpid(), signal)
                if every(done, CONFIG["log_every"], CONFIG["steps"]):
                    values = metrics.flush(done)
                    health.check(done, values)
                    plateau.observe(values["loss"])
                if every(done, CONFIG["save_every"], CONFIG["steps"]):
                    save(values, provisional=health.counting)
                time.sleep(0.01)
            if run.interrupted:
                save(provisional=True)
        run.raise_if_interrupted(done)
        run.finish({"step": done})


def main(arguments: list[str]) -> int:
    """FOLDER [SIGNAL STEP]"""
    train(Path(arguments[0]), *(int(argument) for argument in arguments[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(command.main("small", {"train": main}, ["train", *sys.argv[1:]]))
