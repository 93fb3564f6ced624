"""A real training, killed and interrupted at random moments."""

import json
import random
import signal
import time

from longrun import read_metrics
from longrun.config import changed
from stegastamp.__main__ import main
from stegastamp.network import stamp
from tests.slow.stegastamp.kill_soak import digest, wait_for_progress


def untimed(run_folder):
    return [
        {name: value for name, value in line.items() if name != "steps_per_second"} for line in read_metrics(run_folder / "metrics.jsonl")
    ]


def test_interrupted_at_random_it_ends_as_if_nothing_had_been(small, flags, start, tmp_path):
    """Two SIGKILLs, a SIGTERM and a SIGINT; the last two save first and say so by their exit codes."""
    words = ["train", "tiny", *flags(changed(small, distortions=True, steps=150, average_decay=0.9))]
    folder, whole = tmp_path / "killed", tmp_path / "whole"
    chance = random.Random(1)
    for number, code in ((signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGKILL, -9), (signal.SIGINT, 130)):
        process = start("-m", "stegastamp", *words, "--run", folder)
        for _ in range(chance.randint(1, 3)):
            assert wait_for_progress(process)
        time.sleep(chance.uniform(0, 0.1))
        process.send_signal(number)
        _, errors = process.communicate()
        assert process.returncode == code, errors
        if code > 0:
            step = stamp.load(folder).step
            assert f"stopped by {signal.Signals(number).name} at step {step}; the same command goes on from there" in errors
        assert "Traceback" not in errors
    for run in (folder, whole):
        assert main([*words, "--run", str(run)]) == 0
    assert digest(folder) == digest(whole)
    assert untimed(folder) == untimed(whole)
    assert json.loads((folder / "result.json").read_text()) == json.loads((whole / "result.json").read_text())
