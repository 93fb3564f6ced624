"""Real processes, really killed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from longrun import read_metrics
from tests.integration.collatz.training.test_train import everything
from tests.places import ROOT


@pytest.mark.parametrize("kind", ["original", "bfloat16", "clock"])
def test_a_killed_process_goes_on_bit_for_bit(kind, trainer, tmp_path):
    flags = ("--epochs", "600", "--log-every", "50")
    straight = trainer.train(kind, tmp_path / "straight", *flags).folder
    killed = tmp_path / "killed"
    command = [sys.executable, "-m", "collatz", *trainer.words(kind, killed, *flags)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ})
    while process.poll() is None and not list(killed.glob("checkpoints/last/ckpt-*.index")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (killed / "result.json").exists()
    trainer.train(kind, killed, *flags)
    assert everything(killed) == everything(straight)
    first, second = (read_metrics(folder / "metrics.jsonl") for folder in (straight, killed))
    assert [{**line, "steps_per_second": 0} for line in first] == [{**line, "steps_per_second": 0} for line in second]
    assert (killed / "result.json").read_text() == (straight / "result.json").read_text()
