"""Stampers out of a run: its checkpoints and its export."""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from stegastamp.network import stamp
from stegastamp.pictures.crops import evaluation_messages
from tests.fixtures.stegastamp import LAST, covers


def weights_of(run, group):
    """A group of variables of the last checkpoint of a run, as TensorFlow's own reader gives them."""
    reader = tf.train.load_checkpoint(str(run / "checkpoints" / "last"))
    names = [name for name in reader.get_variable_to_shape_map() if name.startswith(f"{group}/")]
    numbered = sorted((int(name.split("/")[1]), name) for name in names)
    return [reader.get_tensor(name) for _, name in numbered]


def test_a_run_folder_loads_its_averaged_weights(trained):
    folder, _ = trained
    found = stamp.load(folder)
    assert (found.preset, found.step) == ("tiny", LAST)
    weights = [np.array(v) for v in (*found.encoder.trainable_variables, *found.decoder.trainable_variables)]
    averages, last = weights_of(folder, "average")[1:], weights_of(folder, "encoder")
    assert all(np.array_equal(one, other) for one, other in zip(weights, averages, strict=True))
    assert not np.array_equal(averages[0], last[0])


def test_the_export_holds_the_same_weights(trained):
    folder, _ = trained
    run, export = stamp.load(folder), stamp.load(folder / "export")
    images, messages = covers(4), evaluation_messages(4, run.bits)
    assert np.array_equal(run.stamp(images, messages), export.stamp(images, messages))
    assert run.logits(images) == pytest.approx(export.logits(images), abs=1e-6)


def test_a_checkpoint_in_a_run_is_loaded(trained):
    last = trained[0] / "checkpoints" / "last"
    for path in (last.parent, last, last / f"ckpt-{LAST}", last / f"ckpt-{LAST}.index"):
        assert stamp.load(path).step == LAST, path


def test_the_checkpoint_that_is_named_is_the_one_that_is_loaded(trained):
    folder, _ = trained
    steps = sorted(int(path.stem.removeprefix("ckpt-")) for path in (folder / "checkpoints" / "last").glob("*.index"))
    assert len(steps) == 2
    assert [stamp.load(folder / "checkpoints" / "last" / f"ckpt-{step}").step for step in steps] == steps


def test_the_best_checkpoint_can_be_named(trained):
    folder, _ = trained
    best = json.loads((folder / "checkpoints" / "best.json").read_text())
    assert best["metric"] == "held_out_png_at_target" and best["step"] in (20, 40)
    assert stamp.load(folder / "checkpoints" / "best").step == best["step"]


def test_a_run_that_went_on_after_its_export_is_not_the_export(trained, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(trained[0], run)
    manifest = json.loads((run / "export" / "manifest.json").read_text())
    (run / "export" / "manifest.json").write_text(json.dumps(manifest | {"step": 1}))
    assert stamp.load(run).step == LAST


def refused(path, match, kind=ValueError):
    with pytest.raises(kind, match=match) as raised:
        stamp.load(path)
    assert "\n" not in str(raised.value)


def test_a_run_before_its_first_checkpoint_is_refused(trained, tmp_path):
    run = tmp_path / "run"
    (run / "checkpoints" / "last").mkdir(parents=True)
    for name in ("config.json", "checkpoints/manifest.json"):
        shutil.copyfile(trained[0] / name, run / name)
    refused(run, "no checkpoint in .*last", FileNotFoundError)
    refused(run / "checkpoints", "no checkpoint in .*last", FileNotFoundError)


def test_a_damaged_checkpoint_is_one_clear_error(trained, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(trained[0], run)
    for path in (run / "checkpoints" / "last").glob("*.data*"):
        path.write_bytes(path.read_bytes()[:1000])
    refused(run, "cannot be read", OSError)
