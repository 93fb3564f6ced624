"""Pairs as the original run fed them, each fault mended, and what is held out."""

import numpy as np

from hrm.classic.data import PADDING, Pairs
from hrm.measure.sensitivity import measure
from hrm.training import health
from longrun.config import changed
from tests.fixtures.hrm import CLASSIC, MENDED


def test_each_fault_of_the_data_can_be_mended():
    original = Pairs(changed(CLASSIC, side=8)).batch(0, 0, 200)
    assert original.tokens.max() == 10  # A colour that ARC does not have.
    nine = Pairs(changed(CLASSIC, tenth_colour=False)).batch(0, 0, 200)
    assert nine.tokens.max() == 9
    apart = Pairs(changed(CLASSIC, shared_padding=False)).batch(0, 0, 8)
    assert (apart.tokens.reshape(8, 8, 8)[:, 6:] == PADDING).all() and (original.tokens.reshape(200, 8, 8)[:, 6:] == 0).all()
    mended = Pairs(MENDED).batch(0, 0, 200)
    fill = mended.task == 4
    colours = [set(row) - {PADDING} for row in mended.labels[fill]]
    assert all(len(row) == 1 for row in colours)
    held = [(set(q) - {0, PADDING}) >= (set(a) - {0, PADDING}) for q, a in zip(mended.tokens[fill], mended.labels[fill], strict=True)]
    assert all(held)


def test_arc_pairs_are_drawn_in_turn():
    source = Pairs(changed(CLASSIC, tasks="arc", side=10))
    examples = source.batch(0, 1, 8)
    assert examples.task.tolist() == list(range(8, 16)) and len(source.tasks) < 400


def test_probes_are_several_of_each_arc_task_and_training_pairs_stand_as_they_are():
    source = Pairs(changed(MENDED, tasks="arc", side=10))
    held_out, shown = source.held_out(100), source.training(10_000)
    probes = source.probes(held_out)
    counts = np.bincount(probes.task)
    assert (counts[counts > 0] >= 2).all() and abs(len(probes.tokens) - 100) < 20
    for side in (10, 30):
        large = Pairs(changed(MENDED, tasks="arc", side=side))
        asked = large.probes(large.held_out(100))
        right = np.maximum(asked.labels, 0)
        assert measure(asked, right, 9.0 * np.eye(12)[right]).input_sensitivity > 5 * health.LEAST_SENSITIVITY
    trained = {(task, tokens.tobytes()) for task, tokens in zip(shown.task, shown.tokens, strict=True)}
    batch = source.batch(0, 3, 50)
    assert {(task, tokens.tobytes()) for task, tokens in zip(batch.task, batch.tokens, strict=True)} <= trained
    assert not trained & {(task, tokens.tobytes()) for task, tokens in zip(held_out.task, held_out.tokens, strict=True)}
    mini = Pairs(MENDED)
    assert mini.probes(watched := mini.held_out(10)) is watched and len(mini.training(10).tokens) == 10
