"""Trainings of a table in processes of their own: told to stop when the table is, so that they save, and gone with it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from longrun.run import repeat
from tests.places import ROOT

TRAINING = """
import json, os, pathlib, signal, sys, time

folder = pathlib.Path(sys.argv[sys.argv.index("--run") + 1])

def save(number, frame):
    time.sleep(0.2)
    (folder / "saved").write_text(signal.Signals(number).name)
    sys.exit(128 + number)

for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, save)
print("trained in", os.getpid(), flush=True)
(folder / "begun").touch()
if "--wait" in sys.argv:
    time.sleep(60)
(folder / "metrics.jsonl").write_text('{"step": 10, "steps_per_second": 5}\\n')
(folder / "result.json").write_text(json.dumps({"metrics": {"folder": folder.name}}))
"""
TABLE = """
import pathlib, sys
from longrun.cli.main import main
from longrun.run import repeat

def table(arguments, program):
    trainings = repeat.seeds("quick", 2, pathlib.Path(arguments[0]), ["--wait"])
    for finished in repeat.run_all("bead", trainings, workers=int(arguments[1])):
        print(finished.exit_code, flush=True)

if __name__ == "__main__":
    sys.exit(main("bead", {"table": table}, ["table", *sys.argv[1:]]))
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a project `bead` that pretends to train, and a table over two of its seeds."""
    (tmp_path / "bead").mkdir()
    (tmp_path / "bead" / "__init__.py").touch()
    (tmp_path / "bead" / "__main__.py").write_text(TRAINING)
    (tmp_path / "table.py").write_text(TABLE)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    return tmp_path


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


@pytest.mark.parametrize("workers", [1, 2])
def test_trainings_run_in_processes_of_their_own_and_once(project, workers):
    trainings = repeat.seeds("quick", 2, project / "runs")
    for _ in range(2):
        done = sorted(repeat.run_all("bead", trainings, workers=workers), key=lambda each: str(each.training.folder))
        assert [(each.exit_code, each.result, each.seconds) for each in done] == [
            (0, {"metrics": {"folder": f"quick-seed-{seed}"}}, 2.0) for seed in (0, 1)
        ]
        assert [each.metrics for each in done] == [[{"step": 10, "steps_per_second": 5}]] * 2
    logs = [(project / "runs" / f"quick-seed-{seed}" / "output.log").read_text().split() for seed in (0, 1)]
    assert len({log[2] for log in logs}) == 2 and all(len(log) == 3 for log in logs)
    assert json.loads((project / "runs" / "quick-seed-1" / "ended.json").read_text()) == ["quick", "--seed", "1"]


@pytest.mark.parametrize(
    ("workers", "number", "code"), [(1, signal.SIGTERM, 143), (1, signal.SIGINT, 130), (2, signal.SIGTERM, 143), (2, signal.SIGINT, 130)]
)
def test_a_signal_to_the_table_lets_its_trainings_save(project, workers, number, code):
    """Ctrl-C reaches the whole group of a terminal, and would be a second signal to a training that is told as well."""
    runs = project / "runs"
    command = [sys.executable, str(project / "table.py"), str(runs), str(workers)]
    table = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_for(lambda: len(list(runs.glob("*/begun"))) == workers)
    os.killpg(table.pid, number)
    table.communicate(timeout=60)
    assert table.returncode == code
    wait_for(lambda: [path.read_text() for path in runs.glob("*/saved")] == ["SIGTERM"] * workers)
    assert not list(runs.glob("*/ended.json"))


def test_a_table_that_is_killed_leaves_no_training_to_its_workers(project):
    runs = project / "runs"
    table = subprocess.Popen([sys.executable, str(project / "table.py"), str(runs), "2"], stdout=subprocess.DEVNULL)
    wait_for(lambda: len(list(runs.glob("*/begun"))) == 2)
    table.kill()
    table.wait()
    wait_for(lambda: len(list(runs.glob("*/saved"))) == 2)
