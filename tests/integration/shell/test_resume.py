"""The supervisor, run for real with made-up commands."""

import os
import re
import signal
import subprocess
import time

import pytest

from tests.places import ROOT


@pytest.fixture
def exits_with(tmp_path):
    """Makes a command that exits with each of the given codes in turn, and notes every call in a file."""

    def make(*codes: int) -> list[str]:
        calls = tmp_path / "calls"
        script = f'echo "$@" >>"{calls}"; codes=({" ".join(map(str, codes))}); exit "${{codes[$(wc -l <"{calls}") - 1]}}"'
        return ["bash", "-c", script, "command"]

    return make


def resume(command, **variables) -> subprocess.CompletedProcess:
    environment = os.environ | {"RESUME_SLEEP": "true"} | variables
    return subprocess.run(
        [ROOT / "shell" / "resume.sh", *command], capture_output=True, text=True, env=environment, timeout=60, check=False
    )


def waits(output: str) -> list[int]:
    return [int(seconds) for seconds in re.findall(r"again in (\d+) s", output)]


def test_resume_reruns_until_done(exits_with, tmp_path):
    result = resume([*exits_with(1, 137, 139, 0), "train", "two words"])
    assert result.returncode == 0
    assert (tmp_path / "calls").read_text() == "train two words\n" * 4
    assert waits(result.stdout) == [5, 10, 20]
    assert result.stderr == ""


@pytest.mark.parametrize("code", [0, 2, 3, 126, 127, 130, 143])
def test_resume_stops_at_once(exits_with, tmp_path, code):
    result = resume(exits_with(code, 0))
    assert result.returncode == code
    assert (tmp_path / "calls").read_text().count("\n") == 1
    assert waits(result.stdout) == []


def test_resume_waits_ever_longer_up_to_ten_minutes(exits_with):
    result = resume(exits_with(*[1] * 10, 3))
    assert result.returncode == 3
    assert waits(result.stdout) == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]


def test_resume_waits_the_shortest_time_after_a_healthy_stretch(exits_with):
    # With a healthy stretch of 0 s every run is one.
    assert waits(resume(exits_with(1, 1, 1, 0), RESUME_HEALTHY="0").stdout) == [5, 5, 5]


def test_resume_takes_its_times_from_the_environment(exits_with):
    result = resume(exits_with(1, 1, 1, 0), RESUME_FIRST_WAIT="2", RESUME_LONGEST_WAIT="3")
    assert waits(result.stdout) == [2, 3, 3]
    assert resume(["true"], RESUME_HEALTHY="10m").returncode == 2


def test_resume_really_waits(exits_with, tmp_path):
    waiter = tmp_path / "waiter"
    waiter.write_text(f'#!/bin/sh\necho "$@" >>"{tmp_path}/waited"\n')
    waiter.chmod(0o755)
    assert resume(exits_with(1, 1, 0), RESUME_SLEEP=str(waiter)).returncode == 0
    assert (tmp_path / "waited").read_text() == "5\n10\n"


def test_resume_without_a_command_or_with_a_missing_one():
    assert resume([]).returncode == 2
    assert resume(["/no/such/command"]).returncode == 127


def _hear_signals():
    """A suite started in the background, or by nohup, hands on that it ignores these, and no shell can trap them then."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize(("sent", "code"), [("TERM", 143), ("INT", 130), ("HUP", 143)])
def test_resume_passes_a_signal_on_and_lets_the_command_save(tmp_path, sent, code):
    # The command takes its time to save, like a training, and leaves with the code that resume.sh must hand on.
    saved, ready = tmp_path / "saved", tmp_path / "ready"
    command = (
        f'save() {{ sleep 0.2; echo "$1" >>"{saved}"; exit "$1"; }}; trap "save 143" TERM; trap "save 130" INT; '
        f': >"{ready}"; while true; do sleep 0.02; done'
    )
    process = subprocess.Popen(
        [ROOT / "shell" / "resume.sh", "bash", "-c", command], stdout=subprocess.PIPE, text=True, preexec_fn=_hear_signals
    )
    _wait_for(ready.exists)
    process.send_signal(getattr(signal, f"SIG{sent}"))
    output, _ = process.communicate(timeout=30)
    assert saved.read_text() == f"{code}\n"
    assert process.returncode == {"TERM": 143, "INT": 130, "HUP": 129}[sent]
    assert waits(output) == []


def test_resume_can_be_stopped_while_it_waits(tmp_path):
    process = subprocess.Popen(
        [ROOT / "shell" / "resume.sh", "bash", "-c", f': >"{tmp_path}/ran"; exit 1'],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"RESUME_FIRST_WAIT": "50"},
    )
    _wait_for((tmp_path / "ran").exists)
    for line in process.stdout:
        if "again in 50 s" in line:
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "nothing happened within 30 s"
        time.sleep(0.01)
