"""test_inference.py on every released folder prints what it printed on the day of release, every metric of it."""

import json
import subprocess
import sys

import pytest

from tests.places import GOLDEN, ROOT

PRINTED = json.loads((GOLDEN / "released_whole.json").read_text())


@pytest.mark.parametrize("name", PRINTED)
def test_a_released_folder_prints_what_it_printed(name, tmp_path):
    folder = ROOT / "checkpoints" / "released" / name
    command = [sys.executable, str(ROOT / "test_inference.py"), str(folder), "--json", *PRINTED[name]["flags"]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # Of another processor's rounding a bit or a cell may turn; nothing that a change of the code would do is so small.
    assert json.loads(done.stdout)["metrics"] == pytest.approx(PRINTED[name]["metrics"], rel=5e-3, abs=5e-3)
