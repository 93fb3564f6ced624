"""The report's network: its size, what its check let through, its loss, and each switch."""

from dataclasses import replace
from itertools import product

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from hrm import __main__ as commands
from hrm.classic import losses, steps
from hrm.classic.attempts import two_likeliest
from hrm.classic.config import FAULTS, ClassicConfig
from hrm.classic.data import PADDING, Pairs
from hrm.classic.model import build_model
from hrm.classic.table import SMALL, audit
from hrm.classic.train import outcome_of
from hrm.measure.sensitivity import measure
from hrm.training import health
from longrun.step import device
from tests.fixtures.endings import endings, happens_at

TINY = replace(SMALL, width=16, heads=2, high_layers=1, low_layers=1, batch_size=8)
MENDED = replace(TINY, **dict.fromkeys(FAULTS, False))


def test_the_network_has_the_size_of_the_report():
    model = build_model(replace(ClassicConfig(), side=2))  # The canvas has no weights.
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == 5_669_645
    attention = [
        layer for layer in model.get_layer("high").layers if layer.name.startswith("layer_0_attention_") and "norm" not in layer.name
    ]
    assert sum(layer.count_params() for layer in attention) == 263_168
    assert model.get_layer("high").count_params() + model.get_layer("low").count_params() == 7 * 789_760 + 1024


def test_at_initialisation_every_grid_has_one_answer_and_the_old_check_passes():
    config = replace(ClassicConfig(), side=10, cycles=4)
    device.configure(seed=0)
    grids, model = Pairs(config).held_out(4), build_model(config)
    differing, variation = steps.spread(steps.answer(config, model, grids.tokens, grids.identifier)[0])
    assert steps.old_check(config, model)[0] and differing == 0.0 and variation < 0.01
    assert (grids.labels[1:] != grids.labels[:1]).mean() > 0.3


def test_the_audit_prints_it():
    text = audit(replace(TINY, **dict.fromkeys(FAULTS, True)))
    assert "| the report's check on five probes | PASS |" in text and "total variation" in text


@pytest.mark.parametrize("once", [True, False])
def test_the_input_comes_in_once_and_mended_in_every_cycle(once):
    device.configure(seed=0)
    model, grids = build_model(replace(TINY, input_once=once)), Pairs(TINY).held_out(6)
    part = model.get_layer
    x = keras.Model(model.inputs, part("dropout").output)({"tokens": grids.tokens})
    high, low, again = x, x, 0.0 if once else x
    for cycle in range(TINY.cycles):
        high = part("high")(high + 0.1 * part("cycle_vectors")(tf.constant([cycle])) + again)
        low = part("low")(low + part("high_to_low")(high) + again)
        high = high + part("low_to_high")(low)
    np.testing.assert_allclose(model({"tokens": grids.tokens})["logits"], part("answer_head")(low), atol=1e-5)


def test_the_mean_of_the_batch_stops_all_and_mended_each_by_itself():
    device.configure(seed=0)
    tokens = Pairs(TINY).held_out(6).tokens
    for config, bias, expected in ((TINY, 5.0, 4), (TINY, -50.0, 6)):
        model = build_model(replace(config, cycles=6))
        model.get_layer("halting_head").bias.assign([bias])
        assert model({"tokens": tokens})["cycles"].numpy().tolist() == [expected] * 6
    config = replace(TINY, unlearnt_halting=False, cycles=6)
    model = build_model(config)
    model.get_layer("halting_head").kernel.assign(100 * model.get_layer("halting_head").kernel)
    cycles = np.concatenate([model({"tokens": tokens[i : i + 1]})["cycles"].numpy() for i in range(6)])
    np.testing.assert_array_equal(model({"tokens": tokens})["cycles"], cycles)  # No sample's batch mates matter.


def test_the_loss_is_diluted_by_cells_it_does_not_count():
    logits, labels = tf.zeros((1, 10, 12)), tf.constant([[0] * 8 + [3, 4]])
    reported = replace(TINY, ignored_background=True, diluted_loss=True)
    assert float(losses.answer_loss(reported, logits, labels)) == pytest.approx(0.2 * np.log(12), rel=1e-5)
    assert float(losses.answer_loss(replace(reported, diluted_loss=False), logits, labels)) == pytest.approx(np.log(12), rel=1e-5)


def test_counted_penalties_have_no_gradient_and_mended_ones_do():
    logits, labels = tf.one_hot(tf.constant([[3, 3, 3, 3]]), 12) * 2, tf.constant([[1, 2, 3, 4]])
    for config, value in ((TINY, 0.5), (MENDED, None)):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            penalty = losses.diversity_penalty(config, logits, labels)
        gradient = tape.gradient(penalty, logits)
        assert (gradient is None) == (value is not None)
        assert value is None or float(penalty) == pytest.approx(value)
    two = tf.one_hot(tf.constant([[3, 3, 4, 4]]), 12)
    assert float(losses.diversity_penalty(TINY, two, labels)) == pytest.approx(0.2)
    outputs = {"cycles": tf.constant([8.0, 8.0]), "logits": logits, "halting": tf.zeros(1)}
    assert float(losses.halting_penalty(TINY, outputs, labels)) == pytest.approx(0.1)
    peaked = tf.constant(np.eye(12)[[0]][None] * 100.0, tf.float32)
    assert float(losses.distribution_penalty(peaked)) == pytest.approx(0.1 * (np.std(np.eye(12)[0] * 100, ddof=1) - 1), rel=1e-4)


def test_each_fault_of_the_data_can_be_mended():
    reported = Pairs(replace(TINY, side=8)).batch(0, 0, 200)
    assert reported.tokens.max() == 10  # A colour that ARC does not have.
    nine = Pairs(replace(TINY, tenth_colour=False)).batch(0, 0, 200)
    assert nine.tokens.max() == 9
    apart = Pairs(replace(TINY, shared_padding=False)).batch(0, 0, 8)
    assert (apart.tokens.reshape(8, 8, 8)[:, 6:] == PADDING).all() and (reported.tokens.reshape(200, 8, 8)[:, 6:] == 0).all()
    mended = Pairs(MENDED).batch(0, 0, 200)
    fill = mended.task == 4
    colours = [set(row) - {PADDING} for row in mended.labels[fill]]
    assert all(len(row) == 1 for row in colours)
    held = [(set(q) - {0, PADDING}) >= (set(a) - {0, PADDING}) for q, a in zip(mended.tokens[fill], mended.labels[fill], strict=True)]
    assert all(held)


def test_arc_pairs_are_drawn_in_turn():
    source = Pairs(replace(TINY, tasks="arc", side=10))
    examples = source.batch(0, 1, 8)
    assert examples.task.tolist() == list(range(8, 16)) and len(source.tasks) < 400


def test_probes_are_several_of_each_arc_task_and_training_pairs_stand_as_they_are():
    source = Pairs(replace(MENDED, tasks="arc", side=10))
    held_out, shown = source.held_out(100), source.training(10_000)
    probes = source.probes(held_out)
    counts = np.bincount(probes.task)
    assert (counts[counts > 0] >= 2).all() and abs(len(probes.tokens) - 100) < 20
    for side in (10, 30):
        large = Pairs(replace(MENDED, tasks="arc", side=side))
        asked = large.probes(large.held_out(100))
        right = np.maximum(asked.labels, 0)
        assert measure(asked, right, 9.0 * np.eye(12)[right]).input_sensitivity > 5 * health.LEAST_SENSITIVITY
    trained = {(task, tokens.tobytes()) for task, tokens in zip(shown.task, shown.tokens, strict=True)}
    batch = source.batch(0, 3, 50)
    assert {(task, tokens.tobytes()) for task, tokens in zip(batch.task, batch.tokens, strict=True)} <= trained
    assert not trained & {(task, tokens.tobytes()) for task, tokens in zip(held_out.task, held_out.tokens, strict=True)}
    mini = Pairs(MENDED)
    assert mini.probes(watched := mini.held_out(10)) is watched and len(mini.training(10).tokens) == 10


def test_the_outcome_tells_memorising_from_understanding(monkeypatch):
    config = replace(MENDED, tasks="arc", side=10, held_out=40)
    source = Pairs(config)
    examples = source.held_out(40)

    def by_question(examples):
        keys = zip(examples.identifier.tolist(), map(bytes, examples.tokens), strict=True)
        return dict(zip(keys, examples.labels, strict=True))

    known, asked = by_question(source.training(10_000)), by_question(examples)
    doubted = set(list(asked)[::2])

    def memory(config, model, tokens, identifier):
        """Knows all pairs, but for one cell of every second held-out one; answers others with their question."""
        keys = list(zip(identifier.tolist(), map(bytes, tokens), strict=True))
        answers = np.stack([(known | asked).get(key, question) for key, question in zip(keys, tokens, strict=True)])
        logits = 9 * np.eye(12)[answers]
        for row in (row for row, key in enumerate(keys) if key in doubted):
            logits[row, 5, (answers[row, 5] + 1) % 12] = 10
        return logits, np.full(len(tokens), 4.0)

    monkeypatch.setattr(steps, "answer", memory)
    found = outcome_of(config, None, source, "mended", 7)
    values = found["metrics"]
    assert (values["pass_1"], values["pass_2"], values["exact_training"]) == (0.5, 1.0, 1.0)
    assert values["exact_wrong_identifier"] == values["exact_copy"] == found["floors"]["pass_1"] == found["floors"]["pass_2"]
    low, high = found["intervals"]["cell_accuracy"]
    assert values["cell_accuracy"] == pytest.approx(1 - 0.5 / 100) and low < values["cell_accuracy"] < high
    assert found["floors"]["cell_accuracy"] == max(values["copy_accuracy"], values["majority_accuracy"])


@given(seed=st.integers(0, 2**32 - 1), cells=st.integers(1, 4), classes=st.integers(2, 4))
@settings(max_examples=50, deadline=None)
def test_the_two_attempts_are_the_likeliest_of_all_grids(seed, cells, classes):
    logits = np.random.default_rng(seed).normal(size=(3, cells, classes))
    attempts = two_likeliest(logits)
    assert attempts.shape == (2, 3, cells)
    grids = np.array(list(product(range(classes), repeat=cells)))
    for row in range(3):
        likelihood = tf.nn.log_softmax(logits[row]).numpy()[np.arange(cells), grids].sum(axis=1)
        np.testing.assert_array_equal(attempts[:, row], grids[np.argsort(-likelihood)[:2]])


def test_equal_choices_still_make_two_attempts():
    first, second = two_likeliest(np.zeros((2, 3, 4)))
    assert ((first != second).sum(axis=1) == 1).all()


@pytest.mark.parametrize("config", [replace(TINY, **dict.fromkeys(FAULTS, True)), MENDED], ids=["reported", "mended"])
def test_one_step_trains_what_it_should(config):
    device.configure(seed=0)
    source = Pairs(config)
    parts, examples = steps.build(config, len(source.identifiers)), source.batch(0, 0, 8)
    before = {v.path: v.numpy().copy() for v in parts.model.trainable_variables}
    batch = {"tokens": examples.tokens, "labels": examples.labels, "identifier": examples.identifier}
    values = {name: float(value) for name, value in parts.step(batch, {"learning_rate": 1e-3}).items()}
    assert np.isfinite(list(values.values())).all()
    still = {path for path, value in before.items() if (value == _now(parts.model, path)).all()}
    halting = {path for path in before if "halting_head" in path}
    assert still == (halting if config.unlearnt_halting else set())


def _now(model, path):
    return next(v for v in model.trainable_variables if v.path == path).numpy()


SMALL_RUN = ["--tasks", "mini-arc", "--side", "6", "--width", "16", "--heads", "2", "--high-layers", "1", "--low-layers", "1"]
SMALL_RUN += ["--batch-size", "8", "--log-every", "5", "--save-every", "5", "--steps", "100", "--held-out", "20", "--cycles", "4"]


@endings
def test_a_report_is_there_whatever_the_end_was(tmp_path, monkeypatch, event, code, line):
    happens_at(monkeypatch, 7, event)
    assert commands.main(["train", "classic", *SMALL_RUN, "--run", str(tmp_path / "run")]) == code
    assert line in (tmp_path / "run" / "REPORT.md").read_text()


def test_a_small_classic_run_is_stopped_while_its_own_check_passes(tmp_path, capsys):
    assert commands.main(["train", "classic", *SMALL_RUN, "--guard-after", "10", "--run", str(tmp_path / "run")]) == 3
    printed = capsys.readouterr()
    assert "initial check: PASSED" in printed.out and "input unused" in printed.err
    assert commands.main(["evaluate", str(tmp_path / "run")]) == 0
    assert "the input is NOT used" in capsys.readouterr().out


def test_the_fault_table_has_a_row_for_each(capsys):
    assert commands.main(["faults", "--steps", "10"]) == 2
    assert "at least 50 steps" in capsys.readouterr().err
    assert commands.main(["faults", "--only", "nonsense"]) == 2
    assert "unknown fault 'nonsense'" in capsys.readouterr().err
