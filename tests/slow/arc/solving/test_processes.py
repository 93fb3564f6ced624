"""Tasks answered by real processes: by several at once, and by one that is asked to stop."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from arc import __main__ as commands
from arc.grids.tasks import load, save
from arc.solving.solve import choose
from tests.places import ROOT


@pytest.fixture
def tasks(tmp_path):
    """A file of four tasks."""
    save(tmp_path / "tasks.json", choose(load("arc-agi-1-training"), 4, 7).tasks)
    return tmp_path / "tasks.json"


def answers(folder):
    """The lines of answers.jsonl but for what they cost."""
    lines = [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]
    return [{**line, "cpu_seconds": 0} for line in lines]


def test_two_processes_answer_byte_for_byte_as_one(tasks):
    for workers in ("1", "2"):
        line = ["solve", str(tasks), "--steps", "64", "--workers", workers, "--run", f"{tasks.parent}/{workers}/"]
        assert commands.main([*line, "--output", str(tasks.parent / f"{workers}.json")]) == 0
    assert (tasks.parent / "1.json").read_bytes() == (tasks.parent / "2.json").read_bytes()
    assert answers(tasks.parent / "1") == answers(tasks.parent / "2")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_it_and_it_goes_on(workers, tasks):
    folder = tasks.parent / "run"
    line = [sys.executable, "-m", "arc", "solve", str(tasks), "--steps", "64", "--workers", workers, "--run", f"{folder}/"]
    line += ["--output", str(tasks.parent / "answered.json")]
    process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (folder / "answers.jsonl").exists():
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 143 and "whose answers are saved in" in errors
    kept = answers(folder)
    assert 1 <= len(kept) < 4
    subprocess.run(line, cwd=ROOT, check=True, capture_output=True)
    assert [each for each in answers(folder) if each["task"] in {one["task"] for one in kept}] == kept and len(answers(folder)) == 4
