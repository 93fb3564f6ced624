"""Ways in which a training ends before its last step, to be put into the training of any project."""

import os
import signal

import pytest

from longrun import RetraceError, StepFunction


def terminate() -> None:
    """A signal: the training saves and leaves."""
    os.kill(os.getpid(), signal.SIGTERM)


def retrace() -> None:
    """What a step raises that would be traced again: no guard has found it."""
    raise RetraceError("batch['image'] has grown", traces=2, limit=1)


def fall() -> None:
    """As good as a kill: nothing of ours catches it, and nothing is written on the way out."""
    raise KeyboardInterrupt


endings = pytest.mark.parametrize(
    ("event", "code", "line"),
    [
        (terminate, 143, "Ended before its last step: stopped by SIGTERM at step "),
        (retrace, 3, "| retrace | - | traces | 2 | 1 | batch['image'] has grown |"),
        (fall, 130, "## Progress"),
    ],
)
"""A test takes (event, code, line): the exit code, and a line of the REPORT.md that an evaluation or the end has written."""


def happens_at(patch: pytest.MonkeyPatch, call: int, event) -> None:
    """Let an event happen at a call of the step, counted from 0."""
    original, count = StepFunction.__call__, iter(range(10_000))

    def step(self, *arguments):
        if next(count) == call:
            event()
        return original(self, *arguments)

    patch.setattr(StepFunction, "__call__", step)
