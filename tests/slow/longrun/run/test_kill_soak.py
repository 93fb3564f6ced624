"""SIGKILL at hundreds of random moments of a real training: while it starts, steps, writes, renames. All end with the same bits.

What kills is a process that has imported TensorFlow and done nothing with it yet; every training is a fork of it, which spares the import.
"""

import json
import subprocess
import sys

from tests.places import ROOT

KILLS = 200
SOAK = """
import os, random, signal, sys, time
from contextlib import suppress
from pathlib import Path
from tests.fixtures.small_training import SmallConfig, train

scratch, chance, number, kills = Path(sys.argv[1]), random.Random(1), 0, 0
while kills < int(sys.argv[2]):
    folder = scratch / f"run-{number}"
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            train(SmallConfig(), folder, wait=0)
        finally:
            os._exit(0 if (folder / "result.json").exists() else 1)
    # Most of the moments lie where something is written: shortly after one of its files has changed.
    time.sleep(chance.uniform(0, 3.0))
    watched = [folder / "checkpoints" / "last", folder / "metrics.jsonl", folder / "checkpoints" / "best"][chance.randrange(3)]
    began, before = time.monotonic(), watched.stat().st_mtime_ns if watched.exists() else 0
    while time.monotonic() < began + 2.0:
        with suppress(FileNotFoundError):
            if watched.stat().st_mtime_ns != before:
                break
    time.sleep(chance.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    kills += (code := os.waitstatus_to_exitcode(status)) == -signal.SIGKILL
    if code >= 0:  # It had ended before; the kills that follow are of another run.
        number += 1
print(number)
"""
FINISH = """
import json, sys
from pathlib import Path
from tests.fixtures.small_training import SmallConfig, train
from tests.integration.longrun.run.test_kills import digest

found = []
for folder in [Path(sys.argv[1]) / "straight", *sorted(Path(sys.argv[1]).glob("run-*"))]:
    train(SmallConfig(), folder, wait=0)
    found.append(digest(folder, 24))
print(json.dumps([len(found), [number for number, each in enumerate(found) if each != found[0]]]))
"""


def run(code, *words):
    command = [sys.executable, "-c", code, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_a_training_that_is_killed_hundreds_of_times_ends_with_the_same_bits(tmp_path):
    run(SOAK, tmp_path, KILLS)
    folders = list(tmp_path.glob("run-*"))
    assert len(folders) > 3
    count, different = json.loads(run(FINISH, tmp_path))
    assert (count, different) == (len(folders) + 1, [])
