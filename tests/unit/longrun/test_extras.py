"""A package that an extra brings is asked for by that extra; nobody is told to install what is a bug."""

import configparser
import sys

import pytest

from longrun.cli.main import main
from longrun.extras import EXTRAS, MissingPackage, how_to_get, required
from tests.places import ROOT


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(MissingPackage, match=r"^this needs scikit-image: pip install 'longrun-ports\[train\]'$"):
        required("skimage")


def test_any_other_absence_is_a_bug():
    assert how_to_get(ModuleNotFoundError("No module named 'numpy'", name="numpy")) is None
    assert how_to_get(ModuleNotFoundError("No module named 'keras.nothing'", name="keras.nothing")) is None
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        required("no_such_package")


def test_every_extra_is_in_setup_cfg():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    assert set(EXTRAS.values()) <= set(setup["options.extras_require"])


def test_a_command_says_it_in_one_line(monkeypatch, capsys, tmp_path):
    (tmp_path / "needing.py").write_text(
        'def train():\n    """Train."""\n    import tensorflow\n\n\ndef broken():\n    import no_such_package\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    commands = {"train": "needing:train", "broken": "needing:broken"}
    assert main("needing", commands, ["train"]) == 2
    assert capsys.readouterr().err == "needing train: this needs TensorFlow: pip install 'longrun-ports[train]'\n"
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        main("needing", commands, ["broken"])
