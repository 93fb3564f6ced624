"""One step of each recipe: the same in graph mode and eagerly, moved by its schedules, able to learn, and all of it in a checkpoint."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from collatz.config import Config
from collatz.functions.model import build_model
from collatz.training import schedules, steps
from collatz.training.health import FLAT, UNMOVED
from collatz.training.sampler import Sampler
from collatz.training.steps import build
from longrun import changed
from longrun.step import device

SMALL = changed(Config(), layers="16", lookahead=6, batch_size=64, steps=10_000)
RECIPES = {
    "original": changed(SMALL, recipe="original", decay_start=0, use_t4=True, target_type="adaptive"),
    "bfloat16": changed(SMALL, recipe="original", layers="16,16", precision="bfloat16"),
    "clock": changed(SMALL, recipe="clock"),
    "levels": changed(SMALL, recipe="levels", climb_index=5),
}


def batch_of(config: Config, step: int = 0) -> dict:
    return Sampler(config.batches, config.model.lookahead).batch(1, step, shifts=config.loss.shifts)


def variables_of(parts) -> list:
    return [variable for group in parts.groups.values() for variable in group]


def at_two_points(recipe: str, mode: str) -> list[dict[str, float]]:
    """What the step reports, and where it leaves the weights, from the same start early and late in the schedules."""
    config = changed(RECIPES[recipe], mode=mode)
    device.configure(seed=1)
    parts, batch, reports = build(config), batch_of(config), []
    start = [variable.numpy() for variable in variables_of(parts)]
    for epoch in (0, 9000):
        for variable, value in zip(variables_of(parts), start, strict=True):
            variable.assign(value)
        reports.append({name: float(value) for name, value in parts.step(batch, schedules.scalars(config, epoch, None)).items()})
        reports[-1]["weights"] = float(sum(np.abs(variable.numpy()).sum() for variable in parts.model.trainable_variables))
    return reports


@pytest.mark.parametrize("recipe", ["original", "clock", "levels"])
def test_eager_equals_graph_and_the_schedules_reach_both(recipe):
    graph, eager = at_two_points(recipe, "graph"), at_two_points(recipe, "eager")
    for left, right in zip(graph, eager, strict=True):
        assert left == pytest.approx(right, rel=1e-4, abs=1e-5)
    early, late = graph
    assert abs(early["weights"] - late["weights"]) > 1e-4  # The rate has fallen.
    if recipe == "original":
        assert early["loss"] > 10 * late["loss"]  # The anchor has faded.


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_checkpoint_s_groups_hold_all_that_a_step_remembers(recipe):
    """Given to a training that began elsewhere, they make its next step the same to the last bit."""
    config, found = changed(RECIPES[recipe], mode="eager"), []
    values = None
    for seed in (1, 2):
        device.configure(seed=seed)
        parts = build(config)
        for step in range(2):
            parts.step(batch_of(config, step + seed), schedules.scalars(config, step, None))
        if values is None:
            values = [variable.numpy() for variable in variables_of(parts)]
        for variable, value in zip(variables_of(parts), values, strict=True):
            variable.assign(value)
        report = parts.step(batch_of(config, 7), schedules.scalars(config, 2, None))
        found.append([*(value.numpy() for value in report.values()), *(variable.numpy() for variable in variables_of(parts))])
    assert all(np.array_equal(first, second) for first, second in zip(*found, strict=True))


@pytest.mark.parametrize(("recipe", "dead"), [("clock", "estimate"), ("levels", "logits")])
def test_a_dead_output_shows_in_the_step_s_report(recipe, dead, monkeypatch):
    """Though V itself spreads: multiples of three stand high above everything else."""
    config = changed(RECIPES[recipe], lookahead=20, mode="eager")
    device.configure(seed=1)

    def build_dead(settings):
        model = build_model(settings)
        level = 0 * model.output[dead] + keras.ops.sum(model.get_layer("correction").bias)
        return keras.Model(model.input, model.output | {dead: level})

    batch, scalars = Sampler(config.batches, 20).batch(0, 0), schedules.scalars(config, 0, None)
    alive = build(config).step(batch, scalars)
    monkeypatch.setattr(steps, "build_model", build_dead)
    report = build(config).step(batch, scalars)
    assert float(alive["value_spread"]) > 100 * FLAT and float(report["value_spread"]) < FLAT
    assert float(alive["correction_spread"]) < UNMOVED  # It starts at nought, which is why that guard waits.


def test_hidden_layers_in_bfloat16_train_the_weights_in_float32():
    config = changed(Config(), layers="64,64", lookahead=8, batch_size=64, lr=3e-3, steps=1500)
    batch, scalars = Sampler(config.batches, 8).batch(0, 0), schedules.scalars(config, 0, None)
    found = {}
    for precision in ("float32", "bfloat16"):
        device.configure(seed=0)
        parts = build(changed(config, precision=precision))
        assert {variable.dtype for variable in parts.model.trainable_variables} == {"float32"}
        losses = [float(parts.step(batch, scalars)["loss"]) for _ in range(50)]
        found[precision] = losses, parts.model.get_layer("hidden_2").kernel.numpy()
    (exact, weights), (rounded, copied) = found.values()
    assert rounded != exact and rounded == pytest.approx(exact, rel=0.1)
    # Updates smaller than a bfloat16's last digit are not lost: few weights are numbers that bfloat16 has.
    assert 0 < np.abs(weights - copied).max() < 0.05 and (copied == tf.cast(tf.cast(copied, tf.bfloat16), tf.float32)).numpy().mean() < 0.1


@pytest.mark.parametrize("recipe", ["original", "clock"])
def test_one_batch_can_be_learnt(recipe):
    config = changed(Config(), recipe=recipe, layers="64,64", lookahead=8, batch_size=64, lr=3e-3, steps=1500)
    device.configure(seed=0)
    parts, batch = build(config), Sampler(config.batches, 8).batch(0, 0)
    scalars = schedules.scalars(config, 0, None) | {"anchor": 0.0}  # Without the plateau rule: a cosine.
    first = parts.step(batch, scalars)
    for _ in range(300):
        last = parts.step(batch, scalars)
    if recipe == "original":
        assert float(first["violations"]) > 0.4 and float(last["violations"]) < 0.1
    else:
        assert float(last["loss"]) < 0.3 * float(first["loss"])
