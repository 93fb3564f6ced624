"""The wheel, installed outside any checkout on each Python of this machine: a photo is stamped and read, a Sudoku solved."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

VERSIONS = ("3.11", "3.12", "3.13")
PYENV = Path.home() / ".pyenv" / "versions"


def _pythons():
    """An interpreter for each version that this machine has."""
    found = {}
    for version in VERSIONS:
        for path in (*map(str, sorted(PYENV.glob(f"{version}.*/bin/python"))), shutil.which(f"python{version}"), sys.executable):
            asked = [path or "", "-c", "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])"]
            if path and subprocess.run(asked, capture_output=True, text=True).stdout.strip() == version:
                found.setdefault(version, path)
    return found


PYTHONS = _pythons()
MEGABYTES = 400
SUDOKU = "530070000600195000098000060800060003400803001700020006060000280000419005000080079"
PHOTO = """
import numpy as np
from PIL import Image
coarse = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8)
Image.fromarray(coarse).resize((600, 450), Image.Resampling.BICUBIC).save("photo.jpg")
"""
INTERFACE = """
import numpy as np, stegastamp
from PIL import Image
model = stegastamp.load()
for image in ("photo.jpg", Image.open("photo.jpg"), np.asarray(Image.open("photo.jpg"))):
    assert model.decode(model.encode(image, "Hello")).message == "Hello"
"""


def run(*command, cwd, code=0):
    # A checkout named in PYTHONPATH would pass for an installation.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, env=environment)
    assert done.returncode == code, f"{command}: {done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy of what is tracked, so that nothing is left in the checkout."""
    source = tmp_path_factory.mktemp("source")
    for name in run("git", "ls-files", cwd=ROOT).stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", source / "wheels", source, cwd=source)
    (built,) = (source / "wheels").glob("*.whl")
    return built


@pytest.mark.parametrize("version", PYTHONS)
def test_a_fresh_environment_stamps_reads_and_solves(version, wheel, tmp_path):
    run(PYTHONS[version], "-m", "venv", "fresh", cwd=tmp_path)
    programs = tmp_path / "fresh" / ("Scripts" if sys.platform == "win32" else "bin")
    empty = installed(tmp_path)
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    megabytes = installed(tmp_path) - empty
    print(f"\nPython {version}: a wheel of {wheel.stat().st_size / 1e6:.1f} MB, {megabytes:.0f} MB installed")
    assert megabytes < MEGABYTES
    run(programs / "python", "-c", PHOTO, cwd=tmp_path)
    run(programs / "stegastamp", "encode", "photo.jpg", "stamped.jpg", "--message", "Hello", cwd=tmp_path)
    assert run(programs / "stegastamp", "decode", "stamped.jpg", cwd=tmp_path).stdout == "Hello\n"
    assert run(programs / "stegastamp", "detect", "stamped.jpg", cwd=tmp_path).stdout.startswith("Hello\n")
    run(programs / "python", "-c", INTERFACE, cwd=tmp_path)
    assert "valid" in run(programs / "hrm", "solve", SUDOKU, cwd=tmp_path).stdout
    for words in (["stegastamp", "train"], ["hrm", "train"], ["arc", "train"], ["collatz", "train"], ["stegastamp", "evaluate", "x"]):
        told = run(programs / words[0], *words[1:], cwd=tmp_path, code=2).stderr
        assert told.count("\n") == 1 and "pip install 'longrun-ports[train]'" in told


def installed(folder: Path) -> float:
    """Megabytes of an environment."""
    return sum(path.stat().st_size for path in (folder / "fresh").rglob("*") if path.is_file() and not path.is_symlink()) / 1e6
