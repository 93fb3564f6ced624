"""A run: its folder, and how it begins and ends."""

import json
import shlex
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from longrun.config import Settings, flatten
from longrun.health.guards import Health, Unhealthy
from longrun.run.durable import sweep, write_atomically
from longrun.run.lock import Lock
from longrun.run.report import Report
from longrun.run.signals import Interrupted, Signals
from longrun.step import device


def every(step: int, interval: int, total: int | None = None) -> bool:
    """Whether something is due after `step` completed steps: each `interval`, and at the end. An interval of 0 means never."""
    return interval > 0 and (step % interval == 0 or step == total)


class Run:
    """The folder of one run, from its lock to its REPORT.md. A context manager around `longrun.loop`.

    folder: is made, and holds one run of one process at a time (BlockingIOError otherwise).
    config: names the project (`PROJECT`), and is written down beside versions and commands once the checkpoints fit it.
    report: what REPORT.md shows. It is written at evaluations and at whatever end: done, unhealthy, interrupted.
    total: steps in all, where they are not `config.run.steps`.

        with Run(folder, config, preset=preset, report=Report(columns=("loss",))) as run:
            for tick in loop(run, groups, health, data=data):
                ...
            run.finish(result)
    """

    def __init__(self, folder: Path | str, config: Settings, *, preset: str, report: Report, total: int | None = None):
        self.folder = Path(folder)
        self.config, self.preset, self.report = config, preset, report
        self.project: str = config.PROJECT
        self.values = flatten(config)
        self.total = config.run.steps if total is None else total
        self.health = Health([])
        self.signals = Signals()
        self.checkpointer = self.metrics = None
        """The loop's Checkpointer and Metrics, once it has begun."""
        self._open = ExitStack()

    def __enter__(self) -> "Run":
        with ExitStack() as opening:
            opening.enter_context(Lock(self.folder, self.values.get("lock", True)))
            sweep(self.folder)
            opening.enter_context(self.signals)
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind, error, _) -> None:
        try:
            if isinstance(error, Unhealthy) and self.checkpointer is not None and self.health.sick:
                self.checkpointer.drop_provisional()
            # First, for a report reads what they wrote. A full disk must not hide the error that brought us here.
            with suppress(*(() if kind is None else (OSError,))):
                self._close_metrics()
            if isinstance(error, Unhealthy | Interrupted):
                self._report_end(error)
        finally:
            self._open.close()

    def describe(self) -> None:
        """Write config.json, versions.json and this command. Not on entry: a folder of another run is refused before it is touched."""
        identity = {"project": self.project, "preset": self.preset, **self.values}
        write_atomically(self.folder / "config.json", json.dumps(identity, indent=1, sort_keys=True))
        write_atomically(self.folder / "versions.json", json.dumps(device.describe(), indent=1))
        with open(self.folder / "commands.txt", "a") as commands:
            commands.write(shlex.join([Path(sys.executable).name, *sys.orig_argv[1:]]) + "\n")

    def raise_if_interrupted(self, where: int | str) -> None:
        """Raise Interrupted if a signal has come. Call it after saving."""
        self.signals.raise_noted(where)

    def write_report(self, *notes: str, end: BaseException | None = None, draw: bool = True) -> None:
        """REPORT.md as of now."""
        if (self.folder / "config.json").exists():
            self.report.write(self.folder, f"{self.project} {self.preset}", self.health.findings, notes, end=end, draw=draw)

    def finish(self, result: Mapping[str, object], *notes: str) -> None:
        """Write result.json (see longrun.run.report.result) and the last REPORT.md, with further paragraphs."""
        self._close_metrics()
        write_atomically(self.folder / "result.json", json.dumps(result, indent=1))
        self.write_report(*notes)

    def _report_end(self, end):
        try:
            self.write_report(end=end)
        except OSError as error:
            print(error, file=sys.stderr, flush=True)

    def _close_metrics(self):
        if self.metrics is not None:
            self.metrics.close()
