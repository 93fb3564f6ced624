"""One training step: the carry, eager against graph, schedules, and an overfit of one batch."""

import numpy as np
import pytest
import tensorflow as tf

from hrm.config import Config
from hrm.network import reasoner
from hrm.puzzles.mini_arc import COLOUR, MiniArc, answer
from hrm.puzzles.sources import make_source
from hrm.training.steps import build
from hrm.training.train import scalars
from longrun import RetraceError
from longrun.config import changed
from longrun.step import device
from tests.fixtures.hrm import DEMONSTRATIONS, PUBLISHED
from tests.places import ROOT

RELEASED = ROOT / "checkpoints" / "released" / "hrm"


@pytest.fixture
def eager(small) -> Config:
    return changed(small, mode="eager")


def batch_of(config: Config, step: int, least: int = 1) -> dict[str, np.ndarray]:
    count = config.data.batch_size
    return make_source(config).batch(0, step, count).inputs() | {"least": np.full(count, least, np.int32)}


def test_a_sample_stays_until_it_halts_and_then_its_slot_takes_a_new_one(eager):
    parts = build(eager, 5)
    first = batch_of(eager, 0)
    for step in range(3):  # With a halting bias of -5 nobody stops early.
        parts.step(batch_of(eager, step, least=1), scalars(eager, step))
        np.testing.assert_array_equal(parts.carry.data["tokens"], first["tokens"])
        assert parts.carry.steps.numpy().tolist() == [step + 1] * 8
        assert parts.carry.halted.numpy().tolist() == [step == 2] * 8
    parts.step(batch_of(eager, 3), scalars(eager, 3))
    np.testing.assert_array_equal(parts.carry.data["tokens"], batch_of(eager, 3)["tokens"])
    np.testing.assert_array_equal(parts.carry.data["identifier"], batch_of(eager, 3)["identifier"])
    assert parts.carry.steps.numpy().tolist() == [1] * 8
    with pytest.raises(RetraceError, match=r"batch\['tokens'\]: \(8, 36\)"):
        parts.step(batch_of(changed(eager, batch_size=4), 0), scalars(eager, 0))


def test_the_average_follows_the_weights(eager):
    parts = build(eager, 5)
    before = [np.array(variable) for variable in parts.average.variables]
    for step in range(3):
        parts.step(batch_of(eager, step), scalars(eager, step))
    count, *averages = (np.array(variable) for variable in parts.average.variables)
    assert count == 3
    assert not any(np.array_equal(one, other) for one, other in zip(averages, before[1:], strict=True) if np.ptp(one) > 0)
    with parts.average.used():
        assert all(np.array_equal(np.array(w), a) for w, a in zip(parts.model.trainable_variables, averages, strict=False))


@pytest.mark.parametrize("name", ["mini", "sudoku9-hard"])
def test_a_training_can_start_from_released_weights(name):
    folder = RELEASED / name
    released = reasoner.load(folder, "keras")
    config = changed(released.config, start_from=str(folder), batch_size=2, mode="eager")
    parts = build(config, max(released.rows, 1))
    assert parts.fresh == []
    known = {weight.path: np.array(weight) for weight in released.model.weights}
    for weight in parts.model.weights:
        np.testing.assert_array_equal(np.array(weight), known[weight.path])
    averages = parts.average.variables[1:]
    assert all(np.array_equal(np.array(one), np.array(w)) for one, w in zip(averages, parts.model.trainable_variables, strict=True))


def test_weights_of_other_shapes_are_left_as_they_came_up(eager):
    config = changed(eager, start_from=str(RELEASED / "mini"))
    parts = build(config, 5)
    assert any("block_0" in name for name in parts.fresh)


def test_slots_are_independent_and_demonstrations_stay_with_their_sample(eager):
    config = changed(eager, **DEMONSTRATIONS)
    parts, (first, second) = build(config, 5), (batch_of(config, step) for step in range(2))
    parts.step(first, scalars(config, 0))
    parts.carry.halted.assign([True] + [False] * 7)
    parts.step(second, scalars(config, 1))
    assert parts.carry.steps.numpy().tolist() == [1] + [2] * 7
    for name in ("tokens", "labels", "identifier", "demonstrations"):
        np.testing.assert_array_equal(parts.carry.data[name][0], second[name][0])
        np.testing.assert_array_equal(parts.carry.data[name][1:], first[name][1:])
    assert (first["tokens"] != second["tokens"]).any(axis=1).all()


def test_one_question_has_the_answer_of_each_rule_that_is_demonstrated(small):
    examples = MiniArc(shown=(2, 4)).batch(0, 0, 64)
    examples = examples.rows(np.concatenate([np.flatnonzero(examples.task == task)[:4] for task in (0, 2)]))
    grid = examples.tokens[:1]
    answers = [COLOUR + answer(task, grid.reshape(1, 6, 6) - COLOUR).reshape(1, 36) for task in (0, 2)]
    examples = examples._replace(tokens=grid.repeat(8, axis=0), labels=np.concatenate(answers).repeat(4, axis=0).astype(np.int32))
    batch = examples.inputs() | {"least": np.ones(8, np.int32)}
    # Nothing but the demonstrations tells the rows apart: where the answers differ, half of the rows cannot be right without them.
    ceiling = 1 - 0.5 * (answers[0] != answers[1]).mean()
    blind = build(changed(small, conditioning="none"), 5).model
    inputs = {"tokens": batch["tokens"], "reset": np.ones(8, bool), "high": np.zeros((8, 37, 16)), "low": np.zeros((8, 37, 16))}
    logits = blind(inputs)["logits"]
    # Rows of a batch can differ in the rounding of their products, by the processor.
    np.testing.assert_allclose(logits, np.repeat(logits[:1], 8, axis=0), atol=1e-5)
    config = changed(small, **DEMONSTRATIONS, steps=100, learning_rate=1e-2)
    parts = build(config, 5)
    for step in range(100):
        found = parts.step(batch, scalars(config, step))
    assert float(found["cell_accuracy"]) > ceiling + 0.1


def trace(config: Config, points: tuple[int, ...]) -> list[dict[str, float]]:
    device.configure(seed=1)
    parts = build(config, 5)
    reports = [{n: float(v) for n, v in parts.step(batch_of(config, i), scalars(config, p)).items()} for i, p in enumerate(points)]
    changing = [*parts.groups["model"], *parts.groups["puzzles"], *parts.groups["average"], parts.carry.high]
    return [*reports, {"sum": float(sum(tf.reduce_sum(tf.abs(tf.cast(v, tf.float32))) for v in changing))}]


@pytest.mark.parametrize("changes", [{}, PUBLISHED | DEMONSTRATIONS], ids=["trm", "hrm by demonstrations"])
def test_eager_equals_graph_at_two_points_of_the_schedule_and_so_do_shards(eager, changes):
    config = changed(eager, steps=100, warmup=10, **changes)
    line = trace(config, (0, 60))
    for other in ({"mode": "graph"}, {"shards": 2}):  # Shards change nothing but the time.
        for left, right in zip(line, trace(changed(config, **other), (0, 60)), strict=True):
            assert left == pytest.approx(right, rel=1e-4, abs=1e-5)
    if not changes:
        assert trace(config, (0, 90))[-1] != line[-1]  # The rate has fallen.


def test_one_batch_can_be_learnt(small):
    config = changed(small, width=32, inner=64, puzzle_width=32, steps=240, learning_rate=1e-2, **PUBLISHED)
    parts, batch = build(config, 5), batch_of(config, 0)
    first = {name: float(value) for name, value in parts.step(batch, scalars(config, 0)).items()}
    for step in range(1, 240):
        last = parts.step(batch, scalars(config, step))
    assert float(last["answer_loss"]) < 0.3 * first["answer_loss"]
    assert float(last["cell_accuracy"]) > 0.9
