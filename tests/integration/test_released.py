"""Released weights open in plain Keras, in a process that cannot import this package, and say nothing of where they were made."""

import json
import subprocess
import sys

from tests.places import ROOT

OPEN_ALL = """
import sys, keras
for name in ("longrun", "stegastamp", "collatz", "arc", "hrm"):
    sys.modules[name] = None  # Importing it fails, installed or not.
for path in sys.argv[1:]:
    print(path, keras.saving.load_model(path, compile=False).count_params())
"""


def test_every_released_model_opens_by_itself():
    files = sorted(map(str, (ROOT / "checkpoints" / "released").rglob("*.keras")))
    assert len(files) >= 9
    done = subprocess.run([sys.executable, "-I", "-c", OPEN_ALL, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == files


def test_no_manifest_names_a_place_on_the_machine_that_made_it():
    manifests = sorted((ROOT / "checkpoints" / "released").rglob("manifest.json"))
    assert len(manifests) >= 8
    for path in manifests:
        values = [value for value in json.loads(path.read_text())["config"].values() if isinstance(value, str)]
        assert not [value for value in values if value.startswith("/")], path
