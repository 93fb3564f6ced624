"""What a path leads to, and what is refused by name."""

import json
import zipfile
from dataclasses import dataclass

import keras
import numpy as np
import pytest

from longrun import Settings, config_of
from longrun.errors import UserError
from longrun.release import models as release

FILES = ("model.keras",)


@dataclass(frozen=True)
class Config(Settings):
    width: int = 3
    sizes: tuple[int, ...] = (1, 2)


@pytest.fixture
def model():
    inputs = keras.Input((2,))
    return keras.Model(inputs, keras.layers.Dense(3)(inputs))


@pytest.fixture
def released(tmp_path, model):
    origin = {"project": "toy", "preset": "small", "step": 7, "config": Config(sizes=(4, 5))}
    release.save(tmp_path / "small", {"model.keras": model}, outcome={"metrics": {}}, **origin)
    return tmp_path / "small"


def test_what_is_saved_is_found(released, model):
    for path in (released, released / "model.keras", released / "manifest.json"):
        found = release.find(path, "toy", FILES)
        assert (found.preset, found.step, found.checkpoints) == ("small", 7, None)
        assert config_of(Config, found.config) == Config(sizes=(4, 5))
        given = np.ones((1, 2), np.float32)
        np.testing.assert_array_equal(found.models[0](given), model(given))


def test_a_run_comes_before_its_export_and_the_export_serves_without_checkpoints(tmp_path, released):
    run = tmp_path / "run"
    run.mkdir()
    released.rename(run / "export")
    (run / "config.json").write_text(json.dumps({"project": "toy", "preset": "big", "width": 4}))
    assert release.find(run, "toy", FILES).preset == "small"
    (run / "checkpoints" / "every").mkdir(parents=True)
    (run / "checkpoints" / "every" / "ckpt-20.index").touch()
    assert release.find(run, "toy", FILES)[:3] == ({"width": 4}, "big", 0)
    found = release.find(run / "checkpoints" / "every" / "ckpt-20", "toy", FILES)
    assert (found.checkpoints, found.kind, found.number) == (run / "checkpoints", "every", 20)
    assert release.find(run / "checkpoints", "toy", FILES).number is None


def test_another_project_is_refused_by_name(released):
    with pytest.raises(ValueError, match="small is a checkpoint of toy, not of other"):
        release.find(released, "other", FILES)
    with pytest.raises(ValueError, match="small is a checkpoint of toy, not of other"):
        release.find(released, "other", ("weights.keras",))


def test_what_is_missing_or_damaged_is_one_clear_line(tmp_path, released):
    with pytest.raises(FileNotFoundError, match="checkpoint .*nowhere does not exist"):
        release.find(tmp_path / "nowhere", "toy", FILES)
    with pytest.raises(ValueError, match="is no toy run, checkpoint or released folder"):
        release.find(tmp_path, "toy", FILES)
    (released / "model.keras").write_bytes(b"PK not a model")
    with pytest.raises(ValueError, match="model.keras cannot be opened"):
        release.find(released, "toy", FILES)
    (released / "manifest.json").write_text('{"project": "to')
    with pytest.raises(ValueError, match="manifest.json is damaged"):
        release.find(released, "toy", FILES)


def test_members_of_a_model_that_are_damaged_are_one_line_too(released, capfd):
    """With the archive's own sums right, so that Keras and h5py see the damage."""
    with zipfile.ZipFile(released / "model.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    refused = set()
    for name, content in members.items():
        for place in range(0, len(content), max(1, len(content) // 12)):
            damaged = content[:place] + bytes([content[place] ^ 255]) * 40 + content[place + 40 :]
            with zipfile.ZipFile(released / "model.keras", "w") as archive:
                for other, inside in {**members, name: damaged}.items():
                    archive.writestr(other, inside)
            try:
                release.find(released, "toy", FILES)
            except UserError as error:
                assert str(error).startswith(f"{released}/model.keras cannot be opened: ") and len(str(error)) - len(str(released)) <= 250
                refused.add(name)
    assert {"config.json", "model.weights.h5"} <= refused
    assert capfd.readouterr() == ("", "")


def test_what_a_manifest_says_is_short_in_a_message(released):
    manifest = json.loads((released / "manifest.json").read_text())
    for name, message in (("project", "is a checkpoint of x{40}, not of toy"), ("format", "has format x{40}; this version reads")):
        (released / "manifest.json").write_text(json.dumps({**manifest, name: "x" * 5000}))
        with pytest.raises(UserError, match=message):
            release.find(released, "toy", FILES)


@pytest.mark.parametrize("missing", ["config", "preset", "step"])
def test_a_manifest_with_something_missing_is_one_clear_line(released, missing):
    manifest = json.loads((released / "manifest.json").read_text())
    for broken in ({name: value for name, value in manifest.items() if name != missing}, manifest | {missing: []}):
        (released / "manifest.json").write_text(json.dumps(broken))
        with pytest.raises(ValueError, match=f"small/manifest.json is damaged: it has no {missing}$"):
            release.find(released, "toy", FILES)


@pytest.mark.parametrize("content", ["[1, 2]", '"toy"', "7"])
def test_a_file_that_holds_no_object_is_one_clear_line(tmp_path, released, content):
    (released / "manifest.json").write_text(content)
    for files in (FILES, ("weights.keras",)):  # With its models, and where only the manifest could say what it is.
        with pytest.raises(ValueError, match="small/manifest.json is damaged: it holds no object but a (list|str|int)$"):
            release.find(released, "toy", files)
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "config.json").write_text(content)
    with pytest.raises(ValueError, match="run/config.json is damaged: it holds no object but a (list|str|int)$"):
        release.find(tmp_path / "run", "toy", FILES)


def test_a_manifest_whose_config_is_no_object_names_another_project(released):
    (released / "manifest.json").write_text('{"config": [1]}')
    with pytest.raises(ValueError, match="is a checkpoint of another project, not of toy"):
        release.find(released, "toy", ("weights.keras",))


def test_a_manifest_of_another_format_is_refused(released):
    manifest = json.loads((released / "manifest.json").read_text())
    (released / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(ValueError, match="has format 99; this version reads format 1"):
        release.find(released, "toy", FILES)
