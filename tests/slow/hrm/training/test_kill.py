"""Real processes, really killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hrm import __main__ as commands
from longrun import read_metrics
from tests.fixtures.hrm import everything, words
from tests.places import ROOT

CLASSIC = ["train", "classic", "--tasks", "mini-arc", "--side", "6", "--width", "16", "--heads", "2", "--high-layers", "1"]
CLASSIC += ["--low-layers", "1", "--cycles", "4", "--batch-size", "8", "--log-every", "10", "--save-every", "20", "--held-out", "20"]


def command(kind: str, folder: Path) -> list[str]:
    own = [*CLASSIC, "--on-unhealthy", "warn", "--run", f"{folder}/"] if kind == "classic" else words(kind, folder)
    return [*own, "--steps", "120"]


@pytest.mark.parametrize(
    ("kind", "own"), [("identifiers", "puzzles/0/"), ("demonstrations", "carry/7/"), ("units", "carry/3/"), ("classic", "model/0/")]
)
def test_a_killed_process_goes_on_bit_for_bit(kind, own, tmp_path, undrawn):
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    assert commands.main(command(kind, straight)) == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "hrm", *command(kind, killed)], cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ}
    )
    while process.poll() is None and not list(killed.glob("checkpoints/last/ckpt-*.index")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (killed / "result.json").exists()
    assert commands.main(command(kind, killed)) == 0
    assert any(name.startswith(own) for name in everything(straight))
    assert everything(straight) == everything(killed)
    first, second = (read_metrics(folder / "metrics.jsonl") for folder in (straight, killed))
    assert [{**line, "steps_per_second": 0} for line in first] == [{**line, "steps_per_second": 0} for line in second]
    assert (killed / "result.json").read_text() == (straight / "result.json").read_text()
