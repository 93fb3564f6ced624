"""The launcher for a rented GPU as far as it can be known without an account, with a stand-in for the library."""

import importlib.util
import sys
from pathlib import Path
from unittest.mock import MagicMock

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def launcher(monkeypatch):
    library = MagicMock()
    library.App.return_value.function = lambda **_: lambda function: function
    library.App.return_value.local_entrypoint = lambda: lambda function: function
    monkeypatch.setitem(sys.modules, "modal", library)
    specification = importlib.util.spec_from_file_location("collatz_modal", ROOT / "shell" / "collatz_modal.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_words_are_passed_on(launcher):
    assert launcher.command("collatz run6 --run 'a b'") == [sys.executable, "-m", "collatz", "train", "run6", "--run", "a b"]


@pytest.mark.parametrize("args", ["", "colatz run6", "longrun"])
def test_an_unknown_project_is_refused_before_anything_is_rented(launcher, args):
    with pytest.raises(ValueError, match="PROJECT"):
        launcher.main(args)


def test_the_image_holds_what_setup_names(launcher):
    found = launcher.requirements()
    assert "tensorflow>=2.21" in found and "tensorflow[and-cuda]>=2.21" in found and "tyro" in found
    assert not any(line.startswith("#") for line in found)


def test_the_exit_code_comes_back_and_the_volume_is_saved(launcher, monkeypatch):
    monkeypatch.setattr(launcher, "command", lambda args: [sys.executable, "-c", "raise SystemExit(3)"])
    monkeypatch.setattr(launcher, "REMOTE", str(ROOT))
    assert launcher.train("collatz") == 3
    launcher.volume.commit.assert_called_once()
