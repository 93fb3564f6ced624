"""What the slow tests of stegastamp share."""

import os
import subprocess
import sys

import pytest

from tests.fixtures.stegastamp import *  # noqa: F403
from tests.places import ROOT


@pytest.fixture(scope="session")
def start():
    """start(*words): a Python process in the repository, its stdout and stderr to be read as text."""

    def start(*words: object, environment: dict[str, str] | None = None) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, *map(str, words)], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        )  # fmt: skip

    return start
