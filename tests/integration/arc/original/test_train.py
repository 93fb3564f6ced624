import json

import numpy as np
import pytest

from arc import __main__ as commands
from arc.original import collected
from arc.original.config import OriginalConfig
from arc.original.train import floors, numbers, rows, scores, validate
from arc.skills import VALIDATION
from longrun import StepFunction, read_metrics
from tests.fixtures.endings import endings, happens_at

SMALL = ["--pairs", "3", "--batch-size", "14", "--cycle", "1", "--max-epochs", "2", "--patience", "1", "--mode", "eager"]


@endings
def test_a_report_is_there_whatever_the_end_was(tmp_path, monkeypatch, event, code, line):
    """An epoch is of three steps."""
    happens_at(monkeypatch, 4, event)
    assert commands.main(["train", "exp_-1_decoder_only", *SMALL, "--run", str(tmp_path)]) == code
    assert line in (tmp_path / "REPORT.md").read_text()


def test_the_split_and_the_steps_of_the_page():
    assert len(collected.TRAINING) == 14
    assert [OriginalConfig(model=model).steps_per_epoch for model in ("encoder_decoder", "champion")] == [175, 174]
    assert OriginalConfig(model="decoder_only").steps_per_epoch == 175


def test_an_epoch_holds_every_example_once():
    data = {"query": np.arange(12)[:, None]}
    first, second = ([collected.batch(data, 4, 1, step)["query"].ravel() for step in steps] for steps in (range(3), range(3, 6)))
    assert sorted(np.concatenate(first)) == sorted(np.concatenate(second)) == list(range(12))
    assert not np.array_equal(np.concatenate(first), np.concatenate(second))


def test_the_original_gives_all_queries_of_a_task_the_same_demonstrations_and_ours_does_not():
    for variant, different in (("legacy", 4), ("fixed", 12)):
        data = rows(OriginalConfig(model="champion", variant=variant, pairs=5, batch_size=4), True)
        context = data["context"].reshape(len(data["query"]), -1)
        assert len(data["query"]) == 12 and len(np.unique(context, axis=0)) == different
        inputs = context.reshape(12, 2, 2, 100)[:, :, 0]
        assert not (inputs == data["query"][:, None]).all(axis=2).any()


def test_other_tasks_are_arcs_own_and_none_of_the_18():
    found = collected.tasks("others", 5, 10)
    assert not set(found) & set(collected.TRAINING + VALIDATION)
    assert all(max(pair.input.shape + pair.output.shape) <= 10 < pair.output.size + 9 for pairs in found.values() for pair in pairs)
    data = rows(OriginalConfig(model="champion", pairs=5, batch_size=4, validate_on="others"), True)
    # Tasks with no more pairs than demonstrations have no query.
    assert len(data["query"]) == sum(max(0, len(pairs) - 2) for pairs in found.values()) == len(data["context"])


def test_the_interval_of_cell_accuracy_is_about_the_accuracy_of_all_cells():
    """Small grids right and large ones half: the mean over examples, .75, is another number than that over cells, .53."""
    found = {"loss": np.ones(40), "right": np.tile([6.0, 50.0], 20), "cells": np.tile([6.0, 100.0], 20), "exact": np.tile([1.0, 0.0], 20)}
    scored = scores(found, {"val_grid_accuracy": 0.0, "val_cell_accuracy": 0.0})["val_cell_accuracy"]
    assert scored.value == pytest.approx(56 / 106) and scored.low < 56 / 106 < scored.high < 0.6


def test_numbers_by_hand():
    """A model that repeats the previous cell scores what the floor says."""
    config = OriginalConfig(pairs=5, batch_size=7)
    data = rows(config, True)

    def previous(batch):
        import tensorflow as tf

        answer = batch["answer"]
        return 9.0 * tf.one_hot(tf.concat([answer[:, :1], answer[:, :-1]], axis=1), 11)

    found = validate(previous, data, config.batch_size)
    assert len(found["loss"]) == 20 and 0 < numbers(found)["val_loss"] < 9
    known = floors(config)
    wrong = found["cells"].sum() - found["right"].sum()
    cells = sum(pair.output.size - 1 for skill_id in VALIDATION for pair in collected.collection(5, 10)[skill_id])
    # Across the ends of rows of canvases narrower than 10, the cell before is padding, which the floor's reading order skips.
    assert numbers(found)["val_grid_accuracy"] <= known["val_grid_accuracy"]
    assert 1 - wrong / cells <= known["val_cell_accuracy"]


@pytest.mark.parametrize(("preset", "first_epoch"), [("exp_-1_decoder_only", 3), ("exp_3_champion", 1)])
def test_a_training_of_the_page_goes_on_after_it_broke_off(preset, first_epoch, tmp_path, monkeypatch, capsys):
    assert commands.main(["train", preset, *SMALL, "--run", str(tmp_path / "straight")]) == 0
    count, original = iter(range(99)), StepFunction.__call__

    def run(self, *arguments):
        if next(count) == first_epoch:
            raise KeyboardInterrupt
        return original(self, *arguments)

    monkeypatch.setattr(StepFunction, "__call__", run)
    assert commands.main(["train", preset, *SMALL, "--run", str(tmp_path / "killed")]) == 130
    monkeypatch.undo()
    assert commands.main(["train", preset, *SMALL, "--run", str(tmp_path / "killed")]) == 0
    first, second = (read_metrics(tmp_path / name / "metrics.jsonl") for name in ("straight", "killed"))
    assert [{**line, "steps_per_second": 0} for line in first] == [{**line, "steps_per_second": 0} for line in second]
    names = [sorted(path.name for path in (tmp_path / name).glob("*.keras")) for name in ("straight", "killed")]
    assert names[0] == names[1] and 1 <= len(names[0]) <= 3
    assert all(name.startswith(preset.split("_", 2)[2] + "-epoch=0") for name in names[0])
    outcome = json.loads((tmp_path / "straight" / "result.json").read_text())
    assert set(outcome["floors"]) == {"val_grid_accuracy", "val_cell_accuracy"}
    capsys.readouterr()
    assert commands.main(["evaluate", str(tmp_path / "killed"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == outcome
    assert commands.main(["report", str(tmp_path / "killed")]) == 2
    assert "is a training as on the page" in capsys.readouterr().err


def test_all_three_models_are_tried(capsys):
    assert commands.main(["smoke", "--steps", "4", "--pairs", "5", "--batch-size", "4"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and all("| yes |" in line for line in lines[2:])
