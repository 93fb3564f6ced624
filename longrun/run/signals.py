"""SIGTERM and Ctrl-C: work is saved where there is something to save, and the process is gone within seconds."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

GRACE = 8.0
"""Seconds after which a step, an evaluation or a compilation under way is given up. Schedulers kill some 30 s after the signal."""


class Interrupted(Exception):
    """A signal ended the work after what there was to save was saved; `exit_code` is 128 plus the signal's number."""

    def __init__(self, number: int, step: int | str):
        at = f"step {step}" if isinstance(step, int) else step
        super().__init__(f"stopped by {signal.Signals(number).name} at {at}; the same command goes on from there")
        self.exit_code = 128 + number


class Signals:
    """What SIGTERM and SIGINT do while a `with` block runs: they are raised as Interrupted, at once or when it suits.

        with Signals() as signals:
            with signals.deferred("step 12"):    # the first signal is noted here, so that work can be saved ...
                ...                              # ... but after GRACE seconds it is raised all the same
            if signals.number is not None: ...

    A second signal ends the process on the spot. In another thread than the main one, nothing is caught.
    """

    def __init__(self):
        self.number: int | None = None
        self.where: int | str = "its start"
        """For the message: the step, or what is under way."""
        self._deferred = 0
        self._patient = 0
        self._previous: dict[int, object] = {}

    def __enter__(self) -> "Signals":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._previous[number] = signal.signal(number, self._note)
            self._previous[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._give_up)
        return self

    def __exit__(self, *_) -> None:
        if self._previous:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Work that ends by itself soon, at a place where it can be saved."""
        self._deferred += 1
        try:
            yield
        finally:
            self._deferred -= 1

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """A save: it is not given up, however long it takes."""
        self._patient += 1
        try:
            yield
        finally:
            self._patient -= 1

    def _note(self, number, _frame):
        if self.number is not None:
            os._exit(128 + number)
        self.number = number
        if not (self._deferred or self._patient):
            raise Interrupted(number, self.where)
        name = signal.Signals(number).name
        print(f"{name}: saving at {_named(self.where)}; a second {name} ends at once", file=sys.stderr, flush=True)
        signal.setitimer(signal.ITIMER_REAL, GRACE)

    def _give_up(self, _number, _frame):
        if self._patient:
            signal.setitimer(signal.ITIMER_REAL, 1.0)
            return
        raise Interrupted(self.number, f"{_named(self.where)}, given up after {GRACE:.0f} s; the last save is older")


def _named(where: int | str) -> str:
    return f"step {where}" if isinstance(where, int) else where
