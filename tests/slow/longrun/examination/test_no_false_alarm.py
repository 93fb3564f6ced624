"""The doctor on models that nobody here wrote and on the projects' own presets: nothing is sick, and nothing is called so.

Prints the table of docs/doctor.md: pytest -s tests/slow/longrun/examination.
"""

import json
import os
import resource
import subprocess
import sys
import time

import pytest

from tests.places import ROOT

FACTORIES = [
    *(f"strangers:{name}" for name in ("mobilenet", "mobilenet_v3", "efficientnet", "densenet", "gpt2")),
    *(f"own_trainings:{name}" for name in ("stegastamp", "collatz", "arc", "hrm")),
]


@pytest.fixture(scope="module", autouse=True)
def heading():
    print("\n| training | seconds | processor seconds | ok | not applicable | SICK |\n|---|---|---|---|---|---|")


@pytest.mark.parametrize("factory", FACTORIES)
def test_a_healthy_training_is_not_called_sick(factory):
    began, used = time.perf_counter(), _used()
    command = [sys.executable, "-m", "longrun", "doctor", f"tests.fixtures.{factory}", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    found = json.loads(done.stdout)
    count = {kind: sum(each["status"] == kind for each in found["verdicts"]) for kind in ("ok", "not applicable", "SICK")}
    print(f"| {factory} | {time.perf_counter() - began:.0f} | {_used() - used:.0f} | {' | '.join(map(str, count.values()))} |", flush=True)
    assert found["sick"] == [], done.stdout
    assert count["ok"] >= 8


def _used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
