"""Every released model opens in plain Keras; test_inference.py prints for each what it printed on the day of release, every metric."""

import json
import subprocess
import sys

import pytest

from tests.places import GOLDEN, ROOT

RELEASED = ROOT / "checkpoints" / "released"
OPEN_ALL = """
import sys, keras
for name in ("longrun", "stegastamp", "collatz", "arc", "hrm"):
    sys.modules[name] = None  # Importing it fails, installed or not.
for path in sys.argv[1:]:
    print(path, keras.saving.load_model(path, compile=False).count_params())
"""
PRINTED = json.loads((GOLDEN / "released_whole.json").read_text())


@pytest.mark.parametrize("name", PRINTED)
def test_a_released_folder_prints_what_it_printed(name, tmp_path):
    folder = ROOT / "checkpoints" / "released" / name
    command = [sys.executable, str(ROOT / "test_inference.py"), str(folder), "--json", *PRINTED[name]["flags"]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # Of another processor's rounding a bit or a cell may turn; nothing that a change of the code would do is so small.
    assert json.loads(done.stdout)["metrics"] == pytest.approx(PRINTED[name]["metrics"], rel=5e-3, abs=5e-3)


def test_every_released_model_opens_by_itself():
    files = sorted(map(str, RELEASED.rglob("*.keras")))
    assert len(files) >= 9
    done = subprocess.run([sys.executable, "-I", "-c", OPEN_ALL, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == files
