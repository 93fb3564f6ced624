"""Commands as a shell starts them: what the exit code is, what is imported, when they end."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.places import ROOT

PROJECT = '''
"""A project of a few commands, as `python -m toy`."""

import sys

from longrun.cli.main import main

COMMANDS = {name: f"toy.commands:{name}" for name in ("talk", "fail", "sleep")}

if __name__ == "__main__":
    code = main("toy", COMMANDS)
    print("imported:", *sorted({"tensorflow", "keras"} & set(sys.modules)), file=sys.stderr)
    sys.exit(code)
'''
COMMANDS = '''
"""What the commands do."""

import time

from longrun.errors import UserError


def talk(lines: int, /) -> None:
    """Say something again and again.

    lines: How often.
    """
    for _ in range(lines):
        print("line")


def fail(kind: str, /) -> None:
    """Raise something.

    kind: What.
    """
    import numpy as np

    if kind == "shape":
        np.ones(2) + np.ones(3)
    raise {"value": ValueError, "key": KeyError, "user": UserError, "file": FileNotFoundError}[kind]("of this kind")


def sleep() -> None:
    """Wait for a signal."""
    print("asleep", flush=True)
    time.sleep(60)
'''


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Starts `python -m toy ...`."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "toy").mkdir()
    (folder / "toy" / "__init__.py").write_text('"""A project."""\n')
    (folder / "toy" / "__main__.py").write_text(PROJECT)
    (folder / "toy" / "commands.py").write_text(COMMANDS)
    environment = {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}"}

    def run(*words):
        command = [sys.executable, "-m", "toy", *words]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)

    return run


def finish(process):
    output, errors = process.communicate(timeout=60)
    return process.returncode, output, errors


@pytest.mark.parametrize(
    ("kind", "last"),
    [("value", "ValueError: of this kind"), ("key", "KeyError: 'of this kind'"), ("shape", "ValueError: operands could not be broadcast")],
)
def test_a_bug_keeps_its_traceback(start, kind, last):
    code, output, errors = finish(start("fail", kind))
    assert (code, output) == (1, "")
    assert errors.startswith("Traceback (most recent call last):\n") and errors.splitlines()[-1].startswith(last)


@pytest.mark.parametrize("kind", ["user", "file"])
def test_what_a_person_did_wrong_is_one_line(start, kind):
    assert finish(start("fail", kind)) == (2, "", "toy fail: of this kind\nimported:\n")


@pytest.mark.parametrize("lines", ["1", "100000"])
def test_a_reader_that_leaves_ends_a_command_without_a_word(start, lines):
    with start("talk", lines) as talker:
        talker.stdout.close()
        assert talker.stderr.read() == "imported:\n"
    assert talker.returncode == 141


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_command_within_ten_seconds(start, number, code):
    sleeper = start("sleep")
    assert sleeper.stdout.readline() == "asleep\n"
    sleeper.send_signal(number)
    began = time.monotonic()
    ended, _, errors = finish(sleeper)
    assert ended == code and time.monotonic() < began + 30
    assert errors.startswith(f"stopped by {number.name} at toy sleep; ")


def test_help_imports_neither_tensorflow_nor_keras(start):
    code, output, errors = finish(start("--help"))
    assert (code, errors) == (0, "imported:\n") and "  sleep  Wait for a signal.\n" in output
