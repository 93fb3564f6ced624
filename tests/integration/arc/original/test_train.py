import numpy as np
import pytest

from arc import __main__ as commands
from arc.original import collected, smoke
from arc.original.collected import rows
from arc.original.config import OriginalConfig
from arc.original.steps import build
from arc.original.validation import floors, numbers, scores, validate
from arc.skills import VALIDATION
from longrun.config import changed

SMALL = ["--pairs", "3", "--batch-size", "14", "--cycle", "1", "--max-epochs", "2", "--patience", "1", "--mode", "eager"]
"""An epoch is of three steps."""


def test_the_split_and_the_steps_of_the_original_run():
    assert len(collected.TRAINING) == 14
    assert [changed(OriginalConfig(), model=model).experiment.steps_per_epoch for model in ("encoder_decoder", "champion")] == [175, 174]
    assert changed(OriginalConfig(), model="decoder_only").experiment.steps_per_epoch == 175


def test_an_epoch_holds_every_example_once():
    data = {"query": np.arange(12)[:, None]}
    first, second = ([collected.batch(data, 4, 1, step)["query"].ravel() for step in steps] for steps in (range(3), range(3, 6)))
    assert sorted(np.concatenate(first)) == sorted(np.concatenate(second)) == list(range(12))
    assert not np.array_equal(np.concatenate(first), np.concatenate(second))


def test_the_original_gives_all_queries_of_a_task_the_same_demonstrations_and_the_new_model_does_not():
    for variant, different in (("legacy", 4), ("fixed", 12)):
        data = rows(changed(OriginalConfig(), model="champion", variant=variant, pairs=5, batch_size=4).experiment, True)
        context = data["context"].reshape(len(data["query"]), -1)
        assert len(data["query"]) == 12 and len(np.unique(context, axis=0)) == different
        inputs = context.reshape(12, 2, 2, 100)[:, :, 0]
        assert not (inputs == data["query"][:, None]).all(axis=2).any()


def test_other_tasks_are_arcs_own_and_none_of_the_18():
    found = collected.tasks("others", 5, 10)
    assert not set(found) & set(collected.TRAINING + VALIDATION)
    assert all(max(pair.input.shape + pair.output.shape) <= 10 < pair.output.size + 9 for pairs in found.values() for pair in pairs)
    data = rows(changed(OriginalConfig(), model="champion", pairs=5, batch_size=4, validate_on="others").experiment, True)
    # Tasks with no more pairs than demonstrations have no query.
    assert len(data["query"]) == sum(max(0, len(pairs) - 2) for pairs in found.values()) == len(data["context"])


def test_the_interval_of_cell_accuracy_is_about_the_accuracy_of_all_cells():
    """Small grids right and large ones half: the mean over examples, .75, is another number than that over cells, .53."""
    found = {"loss": np.ones(40), "right": np.tile([6.0, 50.0], 20), "cells": np.tile([6.0, 100.0], 20), "exact": np.tile([1.0, 0.0], 20)}
    scored = scores(found, {"val_grid_accuracy": 0.0, "val_cell_accuracy": 0.0})["val_cell_accuracy"]
    assert scored.value == pytest.approx(56 / 106) and scored.low < 56 / 106 < scored.high < 0.6


def test_numbers_by_hand():
    """A model that repeats the previous cell scores what the floor says."""
    config = changed(OriginalConfig(), pairs=5, batch_size=7).experiment
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


def test_a_checkpoint_holds_every_variable():
    parts = build(changed(OriginalConfig(), model="champion", side=10))
    held = [variable.path for variables in parts.groups.values() for variable in variables]
    assert len(parts.groups["model"]) == len(parts.model.variables) and any("seed" in path for path in held)
    moments = [path for path in held if "adam" in path]
    assert len(moments) == 2 + 2 * len(parts.model.trainable_variables)


def test_a_model_is_tried_for_an_epoch(monkeypatch, capsys):
    monkeypatch.setattr(smoke, "PARAMETERS", ("decoder_only",))
    assert commands.main(["smoke", "--steps", "4", "--pairs", "5", "--batch-size", "4"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and "| yes |" in lines[2] and "| fixed decoder_only | 529,792 |" in lines[2]
