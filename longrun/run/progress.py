"""How far a run is: a bar on a terminal, plain lines elsewhere, both with steps/s and the time that is left."""

import math
import sys
import time
from collections.abc import Mapping

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class ProgressLine:
    """The progress of a run from step `start` to `total`, with the metrics named in `shown`."""

    def __init__(self, start: int, total: int, shown: tuple[str, ...] = ()):
        self._total, self._shown = total, shown
        self._bar = _bar(start, total) if sys.stdout.isatty() else None
        self.begin(start)

    def begin(self, step: int) -> None:
        """Measure the speed from here on: at the start, and after a rollback."""
        self._started, self._start = time.perf_counter(), step

    def advance(self, step: int) -> None:
        """A step is done; moves the bar and prints nothing."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=step)

    def show(self, step: int, values: Mapping[str, float]) -> None:
        """A line of metrics is done."""
        shown = "  ".join(f"{name} {values[name]:.4g}" for name in self._shown if name in values)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=step, shown=shown)
            return
        rate = (step - self._start) / max(time.perf_counter() - self._started, 1e-9)
        left = (self._total - step) / rate if rate > 0 else math.inf
        print(f"step {step}/{self._total}  {shown}  {rate:.1f} steps/s  {_duration(left)} left", flush=True)

    def close(self) -> None:
        """Leave the terminal in order."""
        if self._bar is not None:
            self._bar.stop()


class _Rate(ProgressColumn):
    def render(self, task):
        return Text(f"{task.speed:.1f} steps/s" if task.speed else "- steps/s")


def _bar(start, total):
    columns = (MofNCompleteColumn(), BarColumn(30), _Rate(), TextColumn("{task.fields[shown]}"))
    bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn())
    bar.add_task("training", total=total, completed=start, shown="")
    bar.start()
    return bar


def _duration(seconds):
    if not math.isfinite(seconds):
        return "?"
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{seconds:02d}s"
