"""docs/training.md: its code runs as it stands, learns, goes on after a kill, and is refused with another length."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from longrun.run.journal import read_metrics
from tests.places import ROOT


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A folder with linear.py, taken from the page."""
    folder = tmp_path_factory.mktemp("page")
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    (folder / "linear.py").write_text(re.search(r"```python\n(.*?)```", text, re.S)[1])
    return folder


def start(page, *flags) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "linear.py", "train", *flags]
    return subprocess.Popen(command, cwd=page, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def losses(run) -> list[tuple[int, float]]:
    return [(line["step"], line["loss"]) for line in read_metrics(run / "metrics.jsonl")]


def test_the_page_learns_and_goes_on_after_a_kill(page):
    runs = page / "checkpoints" / "linear"
    straight = start(page, "--run", "straight")
    output, _ = straight.communicate(timeout=300)
    assert straight.returncode == 0, output
    assert "| accuracy |" in (runs / "straight" / "REPORT.md").read_text()

    killed = start(page, "--run", "killed")
    while not list((runs / "killed").glob("checkpoints/last/*.index")):
        assert killed.poll() is None
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    output, _ = start(page, "--run", "killed").communicate(timeout=300)
    assert "going on at step" in output or len(losses(runs / "killed")) == 15
    assert losses(runs / "killed") == losses(runs / "straight")

    refused = start(page, "--run", "straight", "--steps", "1000")
    output, _ = refused.communicate(timeout=300)
    assert refused.returncode == 2 and "steps was 300, is 1000" in output
