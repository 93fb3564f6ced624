"""One training step: the carry, eager against graph, schedules, and an overfit of one batch."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from hrm.config import Config
from hrm.puzzles.mini_arc import COLOUR, MiniArc, answer
from hrm.puzzles.sources import make_source
from hrm.training.steps import build
from hrm.training.train import scalars
from longrun import RetraceError
from longrun.step import device

PUBLISHED = {"network": "hrm", "halting": "q_learning", "optimizer": "adam_atan2", "loss": "stablemax"}
DEMONSTRATIONS = {"conditioning": "demonstrations", "demonstration_layers": 1}


def batch_of(config: Config, step: int, least: int = 1) -> dict[str, np.ndarray]:
    inputs = make_source(config).batch(0, step, config.batch_size).inputs()
    return inputs | {"least": np.full(config.batch_size, least, np.int32)}


def test_a_sample_stays_until_it_halts_and_then_its_slot_takes_a_new_one(small):
    parts = build(replace(small, segments=3), 5)
    first = batch_of(small, 0)
    for step in range(3):  # With a halting bias of -5 nobody stops early.
        parts.step(batch_of(small, step, least=1), scalars(small, step))
        np.testing.assert_array_equal(parts.carry.data["tokens"], first["tokens"])
        assert parts.carry.steps.numpy().tolist() == [step + 1] * 8
        assert parts.carry.halted.numpy().tolist() == [step == 2] * 8
    parts.step(batch_of(small, 3), scalars(small, 3))
    np.testing.assert_array_equal(parts.carry.data["tokens"], batch_of(small, 3)["tokens"])
    np.testing.assert_array_equal(parts.carry.data["identifier"], batch_of(small, 3)["identifier"])
    assert parts.carry.steps.numpy().tolist() == [1] * 8


def test_slots_are_independent(small):
    parts = build(small, 5)
    parts.step(batch_of(small, 0), scalars(small, 0))
    parts.carry.halted.assign([True] + [False] * 7)
    parts.step(batch_of(small, 1), scalars(small, 1))
    assert parts.carry.steps.numpy().tolist() == [1] + [2] * 7
    np.testing.assert_array_equal(parts.carry.data["tokens"][0], batch_of(small, 1)["tokens"][0])
    np.testing.assert_array_equal(parts.carry.data["tokens"][1:], batch_of(small, 0)["tokens"][1:])


def test_demonstrations_stay_with_their_sample(small):
    config = replace(small, **DEMONSTRATIONS)
    parts, (first, second) = build(config, 5), (batch_of(config, step) for step in range(2))
    parts.step(first, scalars(config, 0))
    parts.carry.halted.assign([True] + [False] * 7)
    parts.step(second, scalars(config, 1))
    kept = parts.carry.data["demonstrations"]
    np.testing.assert_array_equal(kept[0], second["demonstrations"][0])
    np.testing.assert_array_equal(kept[1:], first["demonstrations"][1:])
    assert any(variable is kept for variable in parts.groups["carry"])


def test_one_question_has_the_answer_of_each_rule_that_is_demonstrated(small):
    examples = MiniArc(shown=(2, 4)).batch(0, 0, 64)
    examples = examples.rows(np.concatenate([np.flatnonzero(examples.task == task)[:4] for task in (0, 2)]))
    grid = examples.tokens[:1]
    answers = [COLOUR + answer(task, grid.reshape(1, 6, 6) - COLOUR).reshape(1, 36) for task in (0, 2)]
    examples = examples._replace(tokens=grid.repeat(8, axis=0), labels=np.concatenate(answers).repeat(4, axis=0).astype(np.int32))
    batch = examples.inputs() | {"least": np.ones(8, np.int32)}
    # Nothing but the demonstrations tells the rows apart: where the answers differ, half of the rows cannot be right without them.
    ceiling = 1 - 0.5 * (answers[0] != answers[1]).mean()
    found = {}
    for conditioning in ("demonstrations", "none"):
        config = replace(small, **DEMONSTRATIONS | {"conditioning": conditioning}, steps=100, learning_rate=1e-2)
        parts = build(config, 5)
        for step in range(100):
            report = parts.step(batch, scalars(config, step))
        found[conditioning] = float(report["cell_accuracy"])
    assert found["none"] <= ceiling + 1e-6
    assert found["demonstrations"] > ceiling + 0.1


def trace(config: Config, points: tuple[int, ...]) -> list[dict[str, float]]:
    device.configure(seed=1)
    parts = build(config, 5)
    reports = [{n: float(v) for n, v in parts.step(batch_of(config, i), scalars(config, p)).items()} for i, p in enumerate(points)]
    changing = [*parts.groups["model"], *parts.groups["puzzles"], *parts.groups["average"], parts.carry.high]
    return [*reports, {"sum": float(sum(tf.reduce_sum(tf.abs(tf.cast(v, tf.float32))) for v in changing))}]


@pytest.mark.parametrize("changes", [{}, PUBLISHED, DEMONSTRATIONS])
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


@pytest.mark.parametrize("changes", [{"jit_compile": True}, PUBLISHED | DEMONSTRATIONS])
def test_shards_change_nothing_but_the_time(small, changes):
    config = replace(small, steps=100, warmup=10, **changes)
    whole, shards = (trace(replace(config, shards=count), (0, 60)) for count in (1, 4))
    for left, right in zip(whole, shards, strict=True):
        assert left == pytest.approx(right, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("changes", [{}, PUBLISHED])
def test_one_batch_can_be_learnt(small, changes):
    config = replace(small, width=32, inner=64, puzzle_width=32, steps=240, learning_rate=1e-2, **changes)
    parts, batch = build(config, 5), batch_of(config, 0)
    first = {name: float(value) for name, value in parts.step(batch, scalars(config, 0)).items()}
    for step in range(1, 240):
        last = parts.step(batch, scalars(config, step))
    assert float(last["answer_loss"]) < 0.3 * first["answer_loss"]
    assert float(last["cell_accuracy"]) > 0.9
