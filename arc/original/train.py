"""The original study's training, from top to bottom: Adam with warm restarts on 14 tasks, validated on 4 that are never trained.

Teacher-forced accuracies, as the original reported them, each beside the zero-parameter predictor that repeats the previous cell.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from arc.grids.canvas import PAD
from arc.measure.floors import previous_cell
from arc.network.model import build_model
from arc.original import collected, epochs
from arc.original.config import ADDED, FREE, OriginalConfig
from arc.original.legacy import build_legacy
from longrun import (
    Checkpointer,
    Health,
    Interrupted,
    Metrics,
    NonFinite,
    Run,
    Score,
    StepFunction,
    Unhealthy,
    apply_gradients,
    bootstrap_interval,
    every,
    restore_variables,
    result,
    write_report,
)
from longrun.release import models as release
from longrun.run.manifest import identity
from longrun.step import device

COLUMNS = ("train_loss", "val_loss", "val_grid_accuracy", "val_cell_accuracy", "learning_rate", "gradient_norm", "steps_per_second")
REPORTED = {"val_grid_accuracy": 0.0333, "val_cell_accuracy": 0.901}
"""The original's best, on 92 tasks."""


class Parts(NamedTuple):
    """What a training consists of."""

    model: keras.Model
    groups: dict[str, list]
    step: StepFunction


def model_of(config: OriginalConfig) -> keras.Model:
    """One of the three models, as it was or fixed."""
    if config.variant == "fixed":
        return build_model(config.fixed)
    return build_legacy(config.model, config.side**2, config.side**2, shifted=config.variant == "legacy_shifted")


def build(config: OriginalConfig) -> Parts:
    """Model, Adam and step."""
    model = model_of(config)
    variables = list(model.trainable_variables)
    optimizer = keras.optimizers.Adam(config.lr, config.beta_1, config.beta_2, epsilon=1e-8)
    optimizer.build(variables)
    clip = tf.constant(config.gradient_clip)

    def step(batch, scalars):
        with tf.GradientTape() as tape:
            loss = token_loss(model(batch, training=True), batch["answer"])
        optimizer.learning_rate = scalars["learning_rate"]
        return {"train_loss": loss, **apply_gradients(optimizer, tape.gradient(loss, variables), variables, clip_norm=clip)}

    groups = {"model": model.variables, "optimizer": optimizer.variables}
    return Parts(model, groups, StepFunction(step, mode=config.mode))


def token_loss(logits: tf.Tensor, answer: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy over the cells of the answers; padding is ignored, as in the original."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=answer, logits=logits)
    inside = tf.cast(answer != PAD, tf.float32)
    return tf.reduce_sum(losses * inside) / tf.reduce_sum(inside)


def rows(config: OriginalConfig, validation: bool) -> dict[str, np.ndarray]:
    """All examples in the form that the variant's model reads."""
    part = config.validate_on if validation else "training"
    found = dict(collected.examples(part, config.pairs, config.side, config.context_pairs, config.variant == "fixed"))
    if config.context_pairs and config.variant != "fixed":
        found["context"] = found["context"].reshape(len(found["query"]), 2 * config.context_pairs, -1)
    return found


def predictor(model: keras.Model) -> Callable[[dict], tf.Tensor]:
    """The compiled model without dropout; made once, for each one is traced anew."""
    return tf.function(lambda batch: model(batch, training=False), autograph=False)


def validate(predict: Callable[[dict], tf.Tensor], data: dict[str, np.ndarray], batch_size: int) -> dict[str, np.ndarray]:
    """Teacher-forced: sums of loss and of right cells, cells, and whether the grid is right, one value an example."""
    count, parts = len(data["query"]), []
    for first in range(0, count, batch_size):
        chosen = np.minimum(np.arange(first, first + batch_size), count - 1)
        logits = predict({name: tf.constant(values[chosen]) for name, values in data.items()})
        answer = data["answer"][chosen]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=answer, logits=logits).numpy()
        inside, right = answer != PAD, logits.numpy().argmax(axis=2) == answer
        sums = ((losses * inside).sum(axis=1), (right & inside).sum(axis=1), inside.sum(axis=1), (right | ~inside).all(axis=1))
        parts.append(np.stack([np.asarray(column, np.float64) for column in sums]))
    loss, right, cells, exact = np.concatenate(parts, axis=1)[:, :count]
    return {"loss": loss, "right": right, "cells": cells, "exact": exact}


def numbers(found: dict[str, np.ndarray]) -> dict[str, float]:
    """The original's three numbers; the loss is the mean over all cells, not over batches."""
    return {
        "val_loss": float(found["loss"].sum() / found["cells"].sum()),
        "val_grid_accuracy": float(found["exact"].mean()),
        "val_cell_accuracy": float(found["right"].sum() / found["cells"].sum()),
    }


def floors(config: OriginalConfig) -> dict[str, float]:
    """What repeating the previous cell scores on the validation tasks: grid and cell accuracy, first cell given, single cells left out."""
    pairs = [pair for drawn in collected.tasks(config.validate_on, config.pairs, config.side).values() for pair in drawn]
    scores = [(previous_cell(pair), pair.output.size - 1) for pair in pairs if pair.output.size > 1]
    cells = sum(count for _, count in scores)
    return {
        "val_grid_accuracy": float(np.mean([score.exact for score, _ in scores])),
        "val_cell_accuracy": sum(score.cell * count for score, count in scores) / cells,
    }


def train(config: OriginalConfig, folder: Path | str, preset: str) -> dict:
    """Train until the loss has not fallen for `patience` cycles or to `max_epochs`, or go on with the run in `folder`.

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and UserError or OSError for bad input.
    """
    folder = Path(folder)
    device.configure(seed=config.seed, precision=config.precision)
    parts, training, validation = build(config), rows(config, False), rows(config, True)
    predict = predictor(parts.model)
    checks, known_floors = Health([NonFinite()], config.on_unhealthy), floors(config)
    best = epochs.BestModels(folder, config.model)
    total = config.max_epochs * config.steps_per_epoch
    must_agree = {"project": "arc", **identity(config, ADDED)}
    with Run(folder, project="arc", preset=preset, config=asdict(config), total_steps=total) as run:
        checkpointer = Checkpointer(folder / "checkpoints", parts.groups, must_agree, free=FREE)
        done, state = checkpointer.restore() or (0, {})
        losses = state.get("losses", [])
        if state:
            checks.load(state["health"])
            print(f"going on at epoch {len(losses)} of {config.max_epochs} in {folder}", flush=True)
        else:
            print(f"{preset}: {config.variant} {config.model}, {parts.model.count_params():,} parameters", flush=True)
        best.forget_after(len(losses))
        metrics = Metrics(folder, start=done, total=total, shown=("train_loss", "val_loss", "val_grid_accuracy", "val_cell_accuracy"))
        metrics.load(state.get("metrics", []))

        def save(*, provisional):
            metrics.sync()
            state = {"losses": losses, "health": checks.state(), "metrics": metrics.state()}
            checkpointer.save(done, state, provisional=provisional)

        try:
            with metrics:
                for step in run.steps(done):
                    if epochs.should_stop(losses, config.cycle, config.patience) and step % config.steps_per_epoch == 0:
                        break
                    rate = epochs.learning_rate(step // config.steps_per_epoch, config.cycle, config.lr, config.eta_min)
                    batch = collected.batch(training, config.batch_size, config.seed, step)
                    metrics.add(step + 1, parts.step(batch, {"learning_rate": rate}))
                    done, values = step + 1, {"learning_rate": rate}
                    ends = every(done, config.steps_per_epoch)
                    if ends:
                        values |= numbers(validate(predict, validation, config.batch_size))
                        losses.append(values["val_loss"])
                        best.offer(parts.model, len(losses) - 1, values["val_loss"])
                    if ends or every(done, config.log_every):
                        checks.check(done, metrics.flush(done, values))
                    if ends:
                        report(folder, preset, checks, known_floors, draw=False)
                        save(provisional=checks.counting)
                if run.interrupted:
                    save(provisional=True)
            run.raise_if_interrupted(done)
        except (Unhealthy, Interrupted) as end:
            if checks.sick:
                checkpointer.drop_provisional()
            report(folder, preset, checks, known_floors, end)
            raise
        outcome = result("arc", preset, done, scores(validate(predict, validation, config.batch_size), known_floors))
        run.finish(outcome)
        report(folder, preset, checks, known_floors)
    return outcome


def scores(found: dict[str, np.ndarray], known_floors: dict[str, float]) -> dict[str, Score | float]:
    """The last epoch's numbers beside their floors, with intervals over examples of the same tasks: they say nothing about other tasks."""
    values = numbers(found)
    # Cell accuracy is a ratio of two sums: each example's part in it, to first order, has the ratio as its mean.
    accuracy, cells = values["val_cell_accuracy"], found["cells"]
    grid, cell = bootstrap_interval(found["exact"]), bootstrap_interval(accuracy + (found["right"] - accuracy * cells) / cells.mean())
    count = len(found["exact"])
    return {
        "val_loss": values["val_loss"],
        "val_grid_accuracy": Score(values["val_grid_accuracy"], known_floors["val_grid_accuracy"], count, *grid),
        "val_cell_accuracy": Score(values["val_cell_accuracy"], known_floors["val_cell_accuracy"], count, *cell),
    }


def judge(found: release.Found) -> dict:
    """The validation numbers of a run's checkpoint again."""
    config = release.config_of(OriginalConfig, found.config)
    model = model_of(config)
    step = restore_variables(found.checkpoints, {"model": model.variables}, found.kind, found.number)
    return result("arc", found.preset, step, scores(validate(predictor(model), rows(config, True), config.batch_size), floors(config)))


def report(
    folder: Path, preset: str, checks: Health, known_floors: dict[str, float], end: Exception | None = None, draw: bool = True
) -> None:
    """REPORT.md: on the way, and whatever the end was."""
    note = "Accuracies are teacher-forced, as the original reported them; the floor repeats the previous cell and has no parameter."
    write_report(
        folder,
        title=f"arc {preset}",
        columns=COLUMNS,
        floors=known_floors,
        findings=checks.findings,
        notes=(note,),
        end=end,
        draw=draw,
    )
