"""docs/guards.md: the guards as the page puts them together watch a training, let a healthy one through and stop a sick one."""

import re
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf

import longrun
from tests.places import ROOT

PAGE = (ROOT / "docs" / "guards.md").read_text(encoding="utf-8")
(SNIPPET,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)


@dataclass(frozen=True)
class PageConfig(longrun.Settings):
    """A minute training."""

    PROJECT: ClassVar[str] = "page"
    run: longrun.RunSettings = longrun.RunSettings(steps=100, log_every=5, save_every=50, evaluate_every=10)


def rows(step, related=True):
    chance = np.random.default_rng(step)
    x = chance.normal(size=(32, 3)).astype(np.float32)
    return {"x": x, "y": x.sum(axis=1) if related else np.full(32, 3.0, np.float32)}


def train(folder, rows):
    """The page's lines around a linear model."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(0.02)
    optimizer.build(model.trainable_variables)
    around = {
        "longrun": longrun,
        "tf": tf,
        "model": model,
        "optimizer": optimizer,
        "answer": lambda batch: model(batch["x"]),
        "cost": lambda answers, batch: float(np.mean((np.asarray(answers)[:, 0] - batch["y"]) ** 2)),
        "held_out": rows(10**6 + 7),
        "groups": {"model": model.variables, "optimizer": optimizer.variables},
        "data": lambda start, attempt: (rows(step) for step in range(start, 100)),
    }
    with longrun.Run(folder, PageConfig(), preset="page", report=longrun.Report(columns=())) as run:
        exec(compile(SNIPPET, "docs/guards.md", "exec"), around | {"run": run})
    return run.health.findings


def test_a_healthy_training_is_left_alone(tmp_path):
    assert train(tmp_path, rows) == []


@pytest.mark.parametrize(
    ("sick", "guard"),
    [(lambda step: rows(step % 20), "data repeated"), (lambda step: rows(step, related=False), "x not used")],
)
def test_a_sick_one_is_stopped(tmp_path, sick, guard):
    with pytest.raises(longrun.Unhealthy) as stop:
        train(tmp_path, sick)
    assert stop.value.findings[0].guard == guard
