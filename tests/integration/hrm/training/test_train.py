"""Trainings through the real entry point: killed and resumed, sick, judged, released; and bad input."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from hrm import __main__ as commands
from hrm.network.reasoner import FILE
from longrun import read_metrics
from tests.fixtures.endings import endings, happens_at
from tests.places import ROOT

TINY = ["--width", "16", "--heads", "4", "--inner", "16", "--low-layers", "1", "--high-layers", "1", "--batch-size", "8", "--warmup", "5"]
TINY += ["--held-out", "20", "--log-every", "10", "--save-every", "20", "--evaluate-every", "40", "--guard-after", "100000"]
MINI = ["mini", "--puzzle-width", "16", "--no-jit-compile"]
Q_LEARNING = [*MINI, "--network", "hrm", "--halting", "q_learning", "--optimizer", "adam_atan2", "--loss", "stablemax", "--variants", "2"]

DEMONSTRATIONS = ["demonstrations", "--puzzle-width", "16", "--no-jit-compile", "--demonstration-layers", "1"]
# With XLA, as its preset.
UNITS = ["sudoku4", "--mixing", "units", "--puzzle-width", "16", "--pool", "50"]


def command(preset: list[str], folder: Path, *flags: str) -> list[str]:
    return ["train", *preset, *TINY, "--run", str(folder), *flags]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished training: its folder."""
    folder = tmp_path_factory.mktemp("runs") / "trained"
    assert commands.main(command(MINI, folder, "--steps", "40")) == 0
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    """All that the last checkpoint holds: weights, optimizer, carry, table, average, step, and the host's state."""
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(folder / "checkpoints" / "last")))
    names = [name for name in reader.get_variable_to_shape_map() if not name.startswith(("save_counter", "_CHECKPOINTABLE"))]
    return {name: np.asarray(reader.get_tensor(name)).tobytes() for name in names}


@pytest.mark.parametrize(
    ("preset", "own"),
    [(Q_LEARNING, "puzzles/0/"), (DEMONSTRATIONS, "carry/7/"), (UNITS, "carry/3/")],
    ids=["identifiers", "demonstrations", "units"],
)
def test_a_killed_run_goes_on_bit_for_bit(preset, own, tmp_path):
    arguments = command(preset, tmp_path / "straight", "--steps", "120")
    assert commands.main(arguments) == 0
    arguments = command(preset, tmp_path / "killed", "--steps", "120")
    process = subprocess.Popen([sys.executable, "-m", "hrm", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ})
    while process.poll() is None and not list((tmp_path / "killed").glob("checkpoints/last/ckpt-*.index")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed" / "result.json").exists()
    assert commands.main(arguments) == 0
    straight, killed = (everything(tmp_path / name) for name in ("straight", "killed"))
    assert {name.split("/")[0] for name in straight} >= {"model", "optimizer", "average", "carry", "step", "state"}
    assert any(name.startswith(own) for name in straight)
    assert straight == killed
    first, second = (read_metrics(tmp_path / name / "metrics.jsonl") for name in ("straight", "killed"))
    assert [{**line, "steps_per_second": 0} for line in first] == [{**line, "steps_per_second": 0} for line in second]
    assert (tmp_path / "killed" / "result.json").read_text() == (tmp_path / "straight" / "result.json").read_text()


@endings
def test_a_report_is_there_whatever_the_end_was(tmp_path, monkeypatch, event, code, line):
    happens_at(monkeypatch, 3, event)
    flags = ["--steps", "20", "--log-every", "2", "--save-every", "2", "--evaluate-every", "2"]
    assert commands.main(command(MINI, tmp_path / "run", *flags)) == code
    assert line in (tmp_path / "run" / "REPORT.md").read_text()


def test_pairs_without_a_relation_are_stopped_with_the_table_that_says_why(tmp_path, capsys):
    flags = ["--guard-after", "40", "--pairing", "independent", "--steps", "2000"]
    assert commands.main(command(MINI, tmp_path / "run", *flags)) == 3
    printed = capsys.readouterr()
    assert "answers fit the labels of other inputs of the task just as well" in printed.err
    assert "| the report's own check (raw logits of five probes differ) | - | - | PASS |" in printed.out
    assert "| input_sensitivity |" in printed.out and "FAIL" in printed.out
    text = (tmp_path / "run" / "REPORT.md").read_text()
    assert "input unused" in text and "PASS" in text
    assert not (tmp_path / "run" / "result.json").exists()


def test_a_rate_without_measure_is_stopped(tmp_path, capsys):
    assert commands.main(command(MINI, tmp_path / "run", "--learning-rate", "1e30", "--steps", "100", "--clip-norm", "1e9")) == 3
    assert "not finite" in capsys.readouterr().err


def test_a_run_is_judged_released_and_judged_again(trained, tmp_path, capsys):
    released = tmp_path / "released"
    assert commands.main(["release", str(trained), str(released)]) == 0
    capsys.readouterr()
    outcomes = []
    for checkpoint in (trained, trained / "checkpoints" / "last", trained / "export", released):
        assert commands.main(["evaluate", str(checkpoint), "--json"]) == 0
        outcomes.append(json.loads(capsys.readouterr().out))
    *same, rounded = outcomes
    assert all(outcome == outcomes[0] for outcome in same)
    values = outcomes[0]["metrics"]
    # What is released is the same network, its weights rounded to half precision: no number may differ by more than that explains.
    exported, half = (keras.saving.load_model(folder / FILE).get_weights() for folder in (trained / "export", released))
    for one, other in zip(exported, half, strict=True):
        np.testing.assert_array_equal(np.float32(np.float16(one)), other)
    assert rounded["floors"] == outcomes[0]["floors"] and set(rounded["metrics"]) == set(values)
    assert rounded["metrics"]["cell_accuracy"] == pytest.approx(values["cell_accuracy"], abs=0.02)
    assert (released / FILE).stat().st_size < 0.8 * (trained / "export" / FILE).stat().st_size
    assert outcomes[0]["project"] == "hrm" and outcomes[0]["step"] == 40 and outcomes[0]["counts"]["exact_match"] == outcomes[0]["n"] == 20
    assert {"exact_segment_1", "exact_segment_3", "halted_at_1", "input_sensitivity", "exact_fill", "one_cell_flips"} <= set(values)
    assert 0 < outcomes[0]["floors"]["cell_accuracy"] < 1
    assert "exact match" in (released / "EVALUATION.md").read_text()
    assert (trained / "answers.png").stat().st_size > 500


def test_a_run_by_demonstrations_is_judged_on_tasks_it_has_not_seen(tmp_path, capsys):
    assert commands.main(command(DEMONSTRATIONS, tmp_path / "run", "--steps", "20")) == 0
    outcome = json.loads((tmp_path / "run" / "result.json").read_text())
    assert {"exact_wrong_demonstrations", "unseen_exact_wrong_demonstrations", "unseen_exact_turn_and_recolour"} <= set(outcome["metrics"])
    assert outcome["counts"]["unseen_exact_match"] == 20 and 0 < outcome["floors"]["unseen_cell_accuracy"] < 1
    assert not {"exact_wrong_identifier"} & set(outcome["metrics"])
    assert "unseen_exact" in read_metrics(tmp_path / "run" / "metrics.jsonl")[-1]
    capsys.readouterr()
    for checkpoint in (tmp_path / "run", tmp_path / "run" / "export"):
        assert commands.main(["evaluate", str(checkpoint), "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == outcome


def test_a_small_sudoku_run_ends_with_its_scores(tmp_path, capsys):
    flags = ["--steps", "10", "--pool", "50", "--segments", "2", "--puzzle-width", "16", "--no-jit-compile"]
    assert commands.main(command(["sudoku4"], tmp_path / "run", *flags)) == 0
    values = json.loads((tmp_path / "run" / "result.json").read_text())["metrics"]
    assert {"exact_easier", "exact_harder", "segments_harder", "changed_cell_accuracy"} <= set(values)
    assert "| the report's own check" in (tmp_path / "run" / "REPORT.md").read_text()


def test_any_project_judge_finds_it(trained, capsys):
    spec = importlib.util.spec_from_file_location("test_inference", ROOT / "test_inference.py")
    test_inference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(test_inference)
    assert test_inference.main([str(trained), "--count", "10"]) == 0
    assert "exact match" in capsys.readouterr().out


def test_other_puzzles_are_refused_by_name(trained, capsys):
    listed = trained / "identifiers.json"
    before = listed.read_text()
    listed.write_text(before.replace("shift", "shove"))
    try:
        assert commands.main(command(MINI, trained, "--steps", "80")) == 2
    finally:
        listed.write_text(before)
    assert "row 3 was 'shove|||" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["mini", "--side", "7"], "mini-arc has side 6, not 7"),
        (["sudoku6", "--givens", "20", "10"], "fewer givens than cells"),
        (["sudoku9", "--side", "8"], "side 4, 6 or 9"),
        (["mini", "--heads", "3"], "cannot be shared by 3 heads"),
        (["mini", "--network", "gpt"], "network is one of hrm, trm"),
        (["minni"], "did you mean mini"),
        (["mini", "--segmnts", "3"], "did you mean --segments"),
        (["mini", "--log-every", "7"], "must be a multiple of log_every"),
        (["sudoku6", "--conditioning", "demonstrations"], "needs tasks of several pairs, mini-arc or arc, not sudoku"),
        (["mini", "--puzzle", "maze", "--side", "9", "--conditioning", "demonstrations"], "mini-arc or arc, not maze"),
        (["mini", "--conditioning", "pairs"], "conditioning is one of id, demonstrations, none"),
        (["demonstrations", "--demonstrations", "3", "2"], "the most not fewer than the fewest"),
        (["demonstrations", "--prefix", "0", "--puzzle-width", "0"], "needs a prefix"),
        (["demonstrations", "--positions", "rotary", "--width", "72", "--heads", "12"], "cannot share width 72 among 12 heads"),
        (["sudoku6", "--unseen", "turn"], "sudoku has none to leave out"),
        (["demonstrations", "--variants", "2"], "need 1 variant, not 2"),
        (["demonstrations", "--unseen", "turnn"], "did you mean turn"),
    ],
)
def test_bad_configurations_are_one_line(flags, message, capsys):
    assert commands.main(["train", *flags]) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.splitlines()) == 1


def test_a_missing_checkpoint_is_one_line(capsys, tmp_path):
    assert commands.main(["evaluate", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err
