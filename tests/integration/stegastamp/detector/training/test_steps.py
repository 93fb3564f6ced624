"""Batches and one step of the detector's training."""

import numpy as np
import pytest
import tensorflow as tf

from longrun import changed
from longrun.step import device
from stegastamp.detector.training import steps
from stegastamp.detector.training.album import Album, batches
from tests.fixtures.detector import SMALL


class Plain:
    """A stamper that leaves no mark."""

    size, bits = 32, 100

    def residuals(self, covers, messages, strength=None):
        return np.zeros(covers.shape, np.float32)


@pytest.fixture
def album(album_photos):
    return Album(album_photos, Plain(), 0)


def test_a_batch_depends_on_its_step_alone(album):
    whole = list(batches(album, SMALL, 1, 0, 3))
    (last,) = batches(album, SMALL, 1, 2, 3)
    for name, value in last.items():
        assert np.array_equal(value, whole[2][name]) and not np.array_equal(value, whole[1][name])
    assert whole[0]["frame"].shape == (2, 64, 64, 3) and whole[0]["maps"].shape == (2, 16, 16, 2)


def test_eager_equals_graph_and_the_schedule_reaches_both(album):
    batch, found = next(batches(album, SMALL, 1, 0, 1)), []
    for mode in ("graph", "eager"):
        device.configure(seed=3)
        parts = steps.build(changed(SMALL, mode=mode))
        every = [variable for group in parts.groups.values() for variable in group]
        start = [variable.numpy() for variable in every]
        for step in (0, 5):
            for variable, value in zip(every, start, strict=True):
                variable.assign(value)
            report = {name: float(value) for name, value in parts.step(batch, steps.scalars(SMALL, step)).items()}
            found.append(report | {"weights": float(sum(tf.reduce_sum(tf.abs(each)) for each in parts.model.trainable_variables))})
    assert found[0] == pytest.approx(found[2], rel=1e-5) and found[1] == pytest.approx(found[3], rel=1e-5)
    assert abs(found[0]["weights"] - found[1]["weights"]) > 1e-4


def test_a_checkpoint_s_groups_hold_all_that_a_step_remembers(album):
    """Given to a training that began elsewhere, they make its next step the same to the last bit."""
    config, found, values = SMALL, [], None
    for seed in (1, 2):
        device.configure(seed=seed)
        parts = steps.build(config)
        for step, batch in enumerate(batches(album, config, seed, 0, 2)):
            parts.step(batch, steps.scalars(config, step))
        every = [variable for group in parts.groups.values() for variable in group]
        values = values or [variable.numpy() for variable in every]
        for variable, value in zip(every, values, strict=True):
            variable.assign(value)
        report = parts.step(next(batches(album, config, 1, 2, 3)), steps.scalars(config, 2))
        found.append([*(value.numpy() for value in report.values()), *(variable.numpy() for variable in every)])
    assert all(np.array_equal(first, second) for first, second in zip(*found, strict=True))


def test_the_excess_of_perfect_maps_is_nothing_and_of_a_constant_the_knowledge_is_nothing():
    target = tf.constant(np.random.default_rng(0).random((2, 8, 8, 2)), tf.float32)
    perfect = steps.map_losses(tf.math.log(target / (1 - target)), target, 4.0)[1]
    assert float(perfect["excess"]) == pytest.approx(0, abs=1e-5) and float(perfect["knowledge"]) > 0.05
    mean = tf.reduce_mean(target, axis=(0, 1, 2), keepdims=True) * tf.ones_like(target)
    constant = steps.map_losses(tf.math.log(mean / (1 - mean)), target, 4.0)[1]
    assert float(constant["knowledge"]) == pytest.approx(0, abs=1e-5)


def test_one_batch_is_learnt_by_heart(album):
    device.configure(seed=0)
    config = changed(SMALL, widths=(8, 16, 24, 24, 24), mode="graph")
    batch = next(batches(album, config, 1, 0, 1))
    parts = steps.build(config)
    for _ in range(80):
        report = parts.step(batch, {"learning_rate": 2e-3})
    assert float(report["picture_error"]) < 0.1 and float(report["excess"]) < 0.1
