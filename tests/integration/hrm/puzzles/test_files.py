"""A training on published files knows them by what they hold: moved they are the same, changed they are refused."""

import json
import shutil

import numpy as np

from hrm import __main__ as commands
from hrm.training.train import DRAWS, drawn
from tests.fixtures.endings import fall, happens_at
from tests.fixtures.hrm import TINY, write_folder

GONE_ON = 130
"""Exit code of a training that falls after its first step, which it has saved."""


def test_files_that_have_changed_are_refused_and_moved_ones_are_not(tmp_path, monkeypatch, capsys):
    def train(folder: str) -> int:
        flags = ["--puzzle", "files", "--path", str(tmp_path / folder), "--side", "2", "--mode", "eager", "--no-jit-compile"]
        flags += ["--log-every", "1", "--save-every", "1", "--evaluate-every", "10"]
        with monkeypatch.context() as patch:
            happens_at(patch, 1, fall)
            return commands.main(["train", "mini", *TINY, *flags, "--run", f"{tmp_path}/run"])

    for part in ("train", "test"):
        write_folder(tmp_path / "here", part)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    assert train("here") == GONE_ON
    labels = np.load(tmp_path / "here" / "train" / "all__labels.npy")
    labels[0, 0] = 2
    np.save(tmp_path / "here" / "train" / "all__labels.npy", labels)
    capsys.readouterr()
    assert train("here") == 2
    error = capsys.readouterr().err
    assert "content of the files was '" in error and "--run" in error and "--fresh" in error and len(error.splitlines()) == 1
    assert train("there") == GONE_ON
    # A run from before the files' content was written down goes on, and so does one from before all puzzles were drawn equally often.
    manifest = tmp_path / "run" / "checkpoints" / "manifest.json"
    for name, then in (("content of the files", None), (DRAWS, "groups")):
        values = json.loads(manifest.read_text())
        assert values["config"].get(DRAWS) == "puzzles"
        del values["config"][name]
        manifest.write_text(json.dumps(values))
        assert train("here") == GONE_ON
        assert then is None or drawn(tmp_path / "run") == then
    assert train("here") == GONE_ON and drawn(tmp_path / "run") == "groups"
    assert drawn(tmp_path / "none") == "puzzles"
