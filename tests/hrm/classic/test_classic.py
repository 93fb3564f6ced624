"""The report's network: its size, what its check let through, its loss, and each switch."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from hrm import __main__ as commands
from hrm.classic import losses, steps
from hrm.classic.config import FAULTS, ClassicConfig
from hrm.classic.data import PADDING, Pairs
from hrm.classic.model import build_model
from hrm.classic.table import SMALL, audit
from longrun import device
from tests.endings import endings, happens_at

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
