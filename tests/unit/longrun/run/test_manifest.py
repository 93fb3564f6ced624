"""What a checkpoint folder holds, and that what does not fit it is refused by name."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun import Checkpointer, CheckpointMismatch, read_manifest, restore_variables

CONFIG = {"project": "small", "width": 4, "steps": 20}


def one_variable(value=0.0):
    return {"model": [keras.Variable(np.full((2, 2), value, np.float32), name="kernel")]}


def save(folder):
    Checkpointer(folder, one_variable(1.0), CONFIG).save(1, {"strikes": 1})


def test_the_manifest_says_what_is_in_the_checkpoint(tmp_path):
    save(tmp_path)
    manifest = read_manifest(tmp_path)
    assert manifest["config"] == CONFIG
    assert manifest["variables"] == {"model": [["kernel", [2, 2], "float32"]]}
    assert manifest["versions"] == {"tensorflow": tf.__version__, "keras": keras.__version__}


@pytest.mark.parametrize(
    ("groups", "config", "differences"),
    [
        (
            {"model": [keras.Variable(np.zeros((2, 3), np.float32), name="kernel")]},
            CONFIG,
            "model kernel: [2, 2] float32 in the checkpoint, [2, 3] float32 here",
        ),
        (
            {"model": [keras.Variable(np.zeros((2, 2)), name="kernel", dtype="float16")]},
            CONFIG,
            "model kernel: [2, 2] float32 in the checkpoint, [2, 2] float16 here",
        ),
        ({**one_variable(), "average": one_variable()["model"]}, CONFIG, "average: 0 variables in the checkpoint, 1 here"),
        (one_variable(), {**CONFIG, "width": 8}, "width was 4, is 8"),
        (one_variable(), {"project": "small", "steps": 20}, "width was 4, is None"),
        (one_variable(), {**CONFIG, "project": "other", "steps": 2}, "project was 'small', is 'other'; steps was 20, is 2"),
    ],
    ids=["width", "precision", "group", "config", "lost key", "project"],
)
def test_what_does_not_fit_is_refused_by_name(tmp_path, groups, config, differences):
    save(tmp_path)
    before = (tmp_path / "manifest.json").read_text()
    with pytest.raises(CheckpointMismatch) as caught:
        Checkpointer(tmp_path, groups, config)
    assert str(caught.value) == f"the checkpoint in {tmp_path} does not fit: {differences} (another --run keeps it, --fresh moves it aside)"
    assert (tmp_path / "manifest.json").read_text() == before


def test_a_long_list_of_differences_is_cut(tmp_path):
    Checkpointer(tmp_path, one_variable(), {f"key{number}": 0 for number in range(9)}).save(1)
    with pytest.raises(CheckpointMismatch, match=r"key0 was 0, is 1; .*; key5 was 0, is 1; and 3 more \(another"):
        Checkpointer(tmp_path, one_variable(), {f"key{number}": 1 for number in range(9)})


def test_long_values_are_cut(tmp_path):
    Checkpointer(tmp_path, one_variable(), {f"key{number}": "x" * 5000 for number in range(9)}).save(1)
    with pytest.raises(
        CheckpointMismatch, match=r"key0 was 'x{59}\.\.\., is 1; key1 was 'x{59}\.\.\., is 1; and 7 more \(another"
    ) as caught:
        Checkpointer(tmp_path, one_variable(), {f"key{number}": 1 for number in range(9)})
    assert len(str(caught.value)) - len(str(tmp_path)) <= 300


@pytest.mark.parametrize(
    "variables", [{"model": 3}, {"model": [3]}, {"model": [["kernel", [2, 2]]]}, {"model": [["kernel", 2, "float32"]]}, []]
)
def test_variables_that_are_none_are_no_manifest(tmp_path, variables):
    Checkpointer(tmp_path, one_variable(), {}).save(1)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "variables": variables}))
    with pytest.raises(CheckpointMismatch, match="manifest.json is no manifest of a checkpoint"):
        restore_variables(tmp_path, one_variable())


def test_free_keys_may_change(tmp_path):
    save(tmp_path)
    groups = one_variable()
    checkpointer = Checkpointer(tmp_path, groups, {**CONFIG, "steps": 99}, free=("steps",))
    assert checkpointer.restore() == (1, {"strikes": 1})
    assert float(groups["model"][0].numpy()[0, 0]) == 1
    assert read_manifest(tmp_path)["config"]["steps"] == 99


def test_before_the_first_checkpoint_anything_fits(tmp_path):
    Checkpointer(tmp_path, one_variable(), CONFIG)
    Checkpointer(tmp_path, one_variable(), {**CONFIG, "width": 8})
    assert read_manifest(tmp_path)["config"]["width"] == 8


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": 7, "config": {}, "variables": {}}', "manifest.json has format 7; this version reads format 1$"),
        ('{"format', "manifest.json is no manifest: Unterminated string"),
        ("[1]", "manifest.json is no manifest of a checkpoint$"),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path, text, message):
    save(tmp_path)
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(CheckpointMismatch, match=message):
        Checkpointer(tmp_path, one_variable(), CONFIG)
    with pytest.raises(CheckpointMismatch, match=message):
        restore_variables(tmp_path, one_variable())
