"""The launcher for a rented GPU as far as it can be known without an account: with the library where it is installed, and without."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.places import ROOT


class Image:
    """Exactly what the launcher calls of modal.Image, and nothing else."""

    def __init__(self):
        self.installed, self.folders = [], {}

    @classmethod
    def debian_slim(cls, *, python_version: str) -> "Image":
        assert python_version in ("3.11", "3.12", "3.13")
        return cls()

    def pip_install(self, packages: list[str]) -> "Image":
        self.installed += packages
        return self

    def add_local_dir(self, local: Path, remote: str) -> "Image":
        assert local.is_dir()
        self.folders[remote] = local
        return self


class Volume:
    """Likewise of modal.Volume."""

    def __init__(self):
        self.commits = 0

    @classmethod
    def from_name(cls, name: str, *, create_if_missing: bool) -> "Volume":
        return cls()

    def commit(self) -> None:
        self.commits += 1


class App:
    """Likewise of modal.App; functions stay what they are."""

    def __init__(self, name: str, *, image: Image):
        self.image = image

    def function(self, *, gpu: str, timeout: int, volumes: dict[str, Volume]):
        self.gpu, self.volumes = gpu, volumes
        return lambda function: function

    def local_entrypoint(self):
        return lambda function: function


def load():
    specification = importlib.util.spec_from_file_location("collatz_modal", ROOT / "shell" / "collatz_modal.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def launcher(monkeypatch):
    library = ModuleType("modal")
    library.Image, library.Volume, library.App = Image, Volume, App
    monkeypatch.setitem(sys.modules, "modal", library)
    return load()


if importlib.util.find_spec("modal") is not None:

    def test_the_library_itself_takes_the_launcher():
        modal, module = importlib.import_module("modal"), load()
        assert isinstance(module.app, modal.App) and isinstance(module.image, modal.Image)


def test_the_image_holds_what_setup_names_and_the_sources(launcher):
    found = launcher.image.installed
    assert "tensorflow>=2.21" in found and "tensorflow[and-cuda]>=2.21" in found and "tyro" in found
    assert not any(line.startswith(("#", "longrun")) for line in found)
    assert launcher.image.folders["/root/longrun/collatz"] == ROOT / "collatz"
    assert launcher.app.volumes == {"/root/longrun/checkpoints": launcher.volume}


@pytest.mark.parametrize(
    ("args", "words", "folder"),
    [
        ("collatz run6 --run 'a b'", ["collatz", "run6", "--run", "a b"], "collatz/a b"),
        ("collatz run6 --run=log6 --fix-lr", ["collatz", "run6", "--run=log6", "--fix-lr"], "collatz/log6"),
        ("arc quick", ["arc", "quick"], "arc/quick"),
        ("hrm", ["hrm"], "hrm"),
        ("--epochs 20001 --use-t4", ["collatz", "original", "--epochs", "20001", "--use-t4"], "collatz/original"),
    ],
)
def test_words_and_the_folder_they_train_in(launcher, args, words, folder):
    assert launcher.words_of(args) == words
    assert launcher.run_folder(args) == Path(folder)


@pytest.mark.parametrize("args", ["", "colatz run6", "longrun"])
def test_an_unknown_project_is_refused_before_anything_is_rented(launcher, args):
    with pytest.raises(ValueError, match="PROJECT"):
        launcher.main(args)


def test_tensorflow_finds_cuda_where_pip_put_it(launcher, tmp_path):
    for folder in ("cudnn/lib", "cuda_nvcc/nvvm/libdevice", "cublas/lib"):
        (tmp_path / "nvidia" / folder).mkdir(parents=True)
    found = launcher.environment(tmp_path, {"LD_LIBRARY_PATH": "/lib", "HOME": "/home"})
    assert found["LD_LIBRARY_PATH"] == f"{tmp_path}/nvidia/cublas/lib:{tmp_path}/nvidia/cudnn/lib:/lib"
    assert found["XLA_FLAGS"] == f"--xla_gpu_cuda_data_dir={tmp_path}/nvidia/cuda_nvcc"
    assert found["TF_FORCE_GPU_ALLOW_GROWTH"] == "true" and found["HOME"] == "/home"


@pytest.fixture
def project(launcher, monkeypatch, tmp_path):
    """A folder with a training that says what it was asked for and leaves with 3."""
    monkeypatch.setattr(launcher, "REMOTE", str(tmp_path))
    (tmp_path / "collatz").mkdir()
    (tmp_path / "collatz" / "__init__.py").touch()
    (tmp_path / "collatz" / "__main__.py").write_text("import sys\nprint('asked', *sys.argv[1:])\nsys.exit(3)\n")
    # Python puts the folder it runs in first; nothing installed may come before.
    monkeypatch.setitem(os.environ, "PYTHONPATH", str(tmp_path))
    return tmp_path


def test_output_and_exit_code_come_back_and_the_volume_is_saved(launcher, project, monkeypatch, capsys):
    monkeypatch.setattr(launcher, "SEES_GPU", "")
    for count in (1, 2):
        assert launcher.train("collatz run6 --run log6") == 3
        assert capsys.readouterr().out == "asked train run6 --run log6\n"
        assert (project / "checkpoints/collatz/log6/output.log").read_text() == "asked train run6 --run log6\n" * count
    assert launcher.volume.commits == 2


def test_without_a_gpu_nothing_is_trained(launcher, project, monkeypatch):
    monkeypatch.setattr(launcher, "SEES_GPU", "raise SystemExit(1)")
    with pytest.raises(RuntimeError, match="sees no GPU"):
        launcher.train("collatz run6")
    assert not (project / "checkpoints").exists() and launcher.volume.commits == 1
