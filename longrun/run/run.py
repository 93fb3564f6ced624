"""A run: its folder, its cadence, and how it is stopped."""

import fcntl
import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from longrun.run.checkpoint import write_atomically
from longrun.step import device


class Interrupted(Exception):
    """A signal ended the run after it was saved; `exit_code` is 128 plus the signal's number."""

    def __init__(self, number: int, step: int | str):
        at = f"step {step}" if isinstance(step, int) else step
        super().__init__(f"stopped by {signal.Signals(number).name} at {at}; the same command goes on from there")
        self.exit_code = 128 + number


def every(step: int, interval: int, total: int | None = None) -> bool:
    """Whether something is due after `step` completed steps: each `interval`, and at the end. An interval of 0 means never."""
    return interval > 0 and (step % interval == 0 or step == total)


class Signals:
    """Notes the first SIGTERM or SIGINT instead of dying of it, so that work can be saved; a second one means now. A context manager."""

    def __init__(self):
        self.number: int | None = None
        self._previous: dict[int, object] = {}

    def __enter__(self) -> "Signals":
        for number in (signal.SIGTERM, signal.SIGINT):
            self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _note(self, number, _frame):
        if self.number is not None:
            os._exit(128 + number)
        self.number = number


class Run:
    """The folder of one run, and the loop over its steps. A context manager.

    folder: is made; `steps` writes config.json, versions.json and commands.txt there, beside what Checkpointer, Metrics and the
    report put in it. Only one process may work in a folder at a time (BlockingIOError otherwise).

        with Run(folder, project="stegastamp", preset="quick", config=asdict(config), total_steps=config.steps) as run:
            for step in run.steps(start):      # step = number of steps already done
                ...                            # ends early on SIGTERM or SIGINT
            save everything
            run.raise_if_interrupted(done)
            run.finish(result)
    """

    def __init__(self, folder: Path | str, *, project: str, preset: str, config: Mapping[str, object], total_steps: int):
        self.folder = Path(folder)
        self.project, self.preset = project, preset
        self.total_steps = total_steps
        self._config = dict(config)
        self._signals = Signals()

    def __enter__(self) -> "Run":
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = open(self.folder / ".lock", "w")  # noqa: SIM115 - held until the run ends
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise BlockingIOError(f"another process is training in {self.folder}") from error
        self._signals.__enter__()
        return self

    def __exit__(self, *_) -> None:
        self._signals.__exit__()
        self._lock.close()

    @property
    def interrupted(self) -> bool:
        """Whether a signal has asked the run to stop."""
        return self._signals.number is not None

    def steps(self, start: int) -> Iterator[int]:
        """Step numbers from `start` (steps already done) to the last; ends before the next step once a signal has come."""
        self._describe()
        self._next = start
        while self._next < self.total_steps and not self.interrupted:
            self._next += 1
            yield self._next - 1

    def _describe(self):
        # Not on entry: by now the checkpoints have been restored, so another run's folder is not overwritten before it is refused.
        identity = {"project": self.project, "preset": self.preset, **self._config}
        write_atomically(self.folder / "config.json", json.dumps(identity, indent=1, sort_keys=True))
        write_atomically(self.folder / "versions.json", json.dumps(device.describe(), indent=1))
        with open(self.folder / "commands.txt", "a") as commands:
            commands.write(shlex.join([Path(sys.executable).name, *sys.orig_argv[1:]]) + "\n")

    def go_back(self, step: int) -> None:
        """After a rollback: the loop's next step is `step`."""
        self._next = step

    def raise_if_interrupted(self, step: int) -> None:
        """Raise Interrupted if a signal has come. Call it after saving."""
        if self._signals.number is not None:
            raise Interrupted(self._signals.number, step)

    def finish(self, result: Mapping[str, object]) -> None:
        """Write result.json: {"project", "preset", "step", "metrics", "floors", "skill", "intervals", "counts", "n"}."""
        write_atomically(self.folder / "result.json", json.dumps(result, indent=1))


def set_aside(folder: Path | str) -> Path | None:
    """Move a run folder out of the way (name.1, name.2, ...) so that a run can start afresh; nothing is deleted."""
    folder = Path(folder)
    if not folder.exists():
        return None
    number = 1
    while folder.with_name(f"{folder.name}.{number}").exists():
        number += 1
    return folder.rename(folder.with_name(f"{folder.name}.{number}"))
