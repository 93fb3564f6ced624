"""Trainings through the command line: killed and resumed, sick, judged, released; and folders of other puzzles."""

import importlib.util
import json
from pathlib import Path

import keras
import numpy as np
import pytest

from hrm import __main__ as commands
from hrm.network.reasoner import FILE
from hrm.training import train as training
from hrm.training.steps import build
from longrun import read_metrics
from longrun.config import changed
from tests.fixtures.attempts import come_again
from tests.fixtures.endings import fall, happens_at
from tests.fixtures.hrm import DEMONSTRATIONS, PUBLISHED, everything, left_out, words
from tests.places import ROOT

SHORT = ["--mode", "eager", "--steps", "2", "--log-every", "2", "--save-every", "2", "--evaluate-every", "2"]


def metrics(folder: Path) -> list[dict]:
    return [{**line, "steps_per_second": 0} for line in read_metrics(folder / "metrics.jsonl")]


def test_a_killed_run_goes_on_bit_for_bit(trained, tmp_path, monkeypatch, undrawn):
    killed = tmp_path / "killed"
    with monkeypatch.context() as patch:
        happens_at(patch, 33, fall)
        assert commands.main(words("mini", killed, "--steps", "40")) == 130
    assert not (killed / "result.json").exists() and len(metrics(killed)) == 3
    assert commands.main(words("mini", killed, "--steps", "40")) == 0
    straight, resumed = everything(trained), everything(killed)
    assert {name.split("/")[0] for name in straight} >= {"model", "optimizer", "average", "carry", "puzzles", "step", "state"}
    assert straight == resumed and metrics(trained) == metrics(killed)
    assert (killed / "result.json").read_text() == (trained / "result.json").read_text()


@pytest.mark.parametrize("changes", [{}, PUBLISHED, DEMONSTRATIONS], ids=["trm", "hrm", "demonstrations"])
def test_checkpoints_hold_every_variable(small, changes):
    assert left_out(lambda: build(changed(small, **changes), 5)) == []


def test_pairs_without_a_relation_are_stopped_with_the_table_that_says_why(tmp_path, capsys, undrawn):
    flags = ["--guard-after", "40", "--pairing", "independent", "--steps", "2000"]
    assert commands.main(words("mini", tmp_path / "run", *flags)) == 3
    printed = capsys.readouterr()
    assert "answers fit the labels of other inputs of the task just as well" in printed.err
    assert "| the original run's own check (raw logits of five probes differ) | - | - | PASS |" in printed.out
    assert "| input_sensitivity |" in printed.out and "FAIL" in printed.out
    text = (tmp_path / "run" / "REPORT.md").read_text()
    assert "input unused" in text and "PASS" in text
    assert not (tmp_path / "run" / "result.json").exists()


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
    assert "exact match" in (released / "EVALUATION.md").read_text() and (released / "answers.png").exists()
    assert (trained / "answers.png").stat().st_size > 500
    assert "| the original run's own check" in (trained / "REPORT.md").read_text()


def test_a_checkpoint_is_judged_where_its_answers_halt_or_after_all_segments(trained, capsys):
    used = []
    for flag in ("--halt", "--no-halt"):
        assert commands.main(["evaluate", str(trained), "--count", "8", "--segments", "2", flag, "--json"]) == 0
        used.append(json.loads(capsys.readouterr().out)["metrics"])
    assert used[1]["segments_used"] == used[1]["halted_at_2"] + 1 == 2
    assert used[0]["segments_used"] == 1 + used[0]["halted_at_2"]


def test_evaluation_writes_nothing_where_it_is_called(trained, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in trained.rglob("*")}
    assert commands.main(["evaluate", str(trained), "--count", "4"]) == 0
    assert "exact match" in capsys.readouterr().out and not list(tmp_path.iterdir())
    assert {path: path.stat().st_mtime_ns for path in trained.rglob("*")} == before


def test_a_small_sudoku_run_ends_with_its_scores(tmp_path, undrawn):
    assert commands.main(words("units", tmp_path / "run", *SHORT, "--segments", "2", "--no-jit-compile")) == 0
    values = json.loads((tmp_path / "run" / "result.json").read_text())["metrics"]
    assert {"exact_easier", "exact_harder", "segments_harder", "changed_cell_accuracy"} <= set(values)


def test_any_project_judge_finds_it(trained, capsys):
    spec = importlib.util.spec_from_file_location("test_inference", ROOT / "test_inference.py")
    test_inference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(test_inference)
    assert test_inference.main([str(trained), "--count", "10"]) == 0
    assert "exact match" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "row 3 was 'shove|||"), ("[]", "lists other puzzles (0, here 5): row 0 was None"), ("{", "is damaged"), ("3", "holds no list")],
)
def test_other_puzzles_are_refused_by_name(trained, capsys, content, message):
    listed = trained / "identifiers.json"
    before = listed.read_text()
    listed.write_text(before.replace("shift", "shove") if content is None else content)
    try:
        assert commands.main(words("mini", trained, "--steps", "80")) == 2
    finally:
        listed.write_text(before)
    error = capsys.readouterr().err
    assert message in error and len(error.splitlines()) == 1


def test_data_that_come_again_are_named_and_stopped(tmp_path, monkeypatch, capsys):
    come_again(training, monkeypatch)
    assert commands.main(words("mini", tmp_path / "run", "--mode", "eager", "--steps", "20", "--log-every", "10")) == 3
    printed = capsys.readouterr().err
    assert "| data repeated | 10 |" in printed and "every batch is that of 2 steps before, to the last bit" in printed
