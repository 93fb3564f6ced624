"""One training step: the carry, eager against graph, schedules, and an overfit of one batch."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from hrm.config import Config
from hrm.puzzles.mini_arc import MiniArc
from hrm.steps import build
from hrm.train import scalars
from longrun import RetraceError, device


def batch_of(config: Config, step: int, least: int = 1) -> dict[str, np.ndarray]:
    examples = MiniArc().batch(0, step, config.batch_size)
    found = {"tokens": examples.tokens, "labels": examples.labels, "identifier": examples.identifier}
    return found | {"least": np.full(config.batch_size, least, np.int32)}


def test_a_sample_stays_until_it_halts_and_then_its_slot_takes_a_new_one(small):
    parts = build(replace(small, segments=3), 5)
    first = batch_of(small, 0)
    for step in range(3):  # With a halting bias of -5 nobody stops early.
        parts.step(batch_of(small, step, least=1), scalars(small, step))
        np.testing.assert_array_equal(parts.carry.tokens, first["tokens"])
        assert parts.carry.steps.numpy().tolist() == [step + 1] * 8
        assert parts.carry.halted.numpy().tolist() == [step == 2] * 8
    parts.step(batch_of(small, 3), scalars(small, 3))
    np.testing.assert_array_equal(parts.carry.tokens, batch_of(small, 3)["tokens"])
    np.testing.assert_array_equal(parts.carry.identifier, batch_of(small, 3)["identifier"])
    assert parts.carry.steps.numpy().tolist() == [1] * 8


def test_slots_are_independent(small):
    parts = build(small, 5)
    parts.step(batch_of(small, 0), scalars(small, 0))
    parts.carry.halted.assign([True] + [False] * 7)
    parts.step(batch_of(small, 1), scalars(small, 1))
    assert parts.carry.steps.numpy().tolist() == [1] + [2] * 7
    np.testing.assert_array_equal(parts.carry.tokens[0], batch_of(small, 1)["tokens"][0])
    np.testing.assert_array_equal(parts.carry.tokens[1:], batch_of(small, 0)["tokens"][1:])


def trace(config: Config, points: tuple[int, ...]) -> list[dict[str, float]]:
    device.configure(seed=1)
    parts = build(config, 5)
    reports = [{n: float(v) for n, v in parts.step(batch_of(config, i), scalars(config, p)).items()} for i, p in enumerate(points)]
    changing = [*parts.groups["model"], *parts.groups["puzzles"], *parts.groups["average"], parts.carry.high]
    return [*reports, {"sum": float(sum(tf.reduce_sum(tf.abs(tf.cast(v, tf.float32))) for v in changing))}]


@pytest.mark.parametrize("changes", [{}, {"network": "hrm", "halting": "q_learning", "optimizer": "adam_atan2", "loss": "stablemax"}])
def test_eager_equals_graph_at_two_points_of_the_schedule(small, changes):
    config = replace(small, steps=100, warmup=10, **changes)
    graph, eager = (trace(replace(config, mode=mode), (0, 60)) for mode in ("graph", "eager"))
    for left, right in zip(graph, eager, strict=True):
        assert left == pytest.approx(right, rel=1e-4, abs=1e-5)
    assert trace(config, (0, 90))[-1] != graph[-1]  # The rate has fallen.


def test_a_batch_of_another_size_is_refused_by_name(small):
    parts = build(small, 5)
    parts.step(batch_of(small, 0), scalars(small, 0))
    with pytest.raises(RetraceError, match=r"batch\['tokens'\]: \(8, 36\)"):
        parts.step(batch_of(replace(small, batch_size=4), 0), scalars(small, 0))


@pytest.mark.parametrize("changes", [{}, {"network": "hrm", "halting": "q_learning", "optimizer": "adam_atan2", "loss": "stablemax"}])
def test_one_batch_can_be_learnt(small, changes):
    config = replace(small, width=32, inner=64, puzzle_width=32, steps=120, learning_rate=1e-2, **changes)
    parts, batch = build(config, 5), batch_of(config, 0)
    first = {name: float(value) for name, value in parts.step(batch, scalars(config, 0)).items()}
    for step in range(1, 120):
        last = parts.step(batch, scalars(config, step))
    assert float(last["answer_loss"]) < 0.3 * first["answer_loss"]
    assert float(last["cell_accuracy"]) > 0.8
