"""How far the reading or writing of a film is, on stderr: a bar on a terminal, a line now and then elsewhere, with the time left."""

import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

QUIET = 10.0
"""Seconds between two lines where there is no terminal."""


class FilmProgress:
    """Counts frames. To be used in a `with`. total: frames that there will be, 0 where nobody knows."""

    def __init__(self, doing: str, path: Path | str, total: int):
        self._words, self._total, self._done = f"{doing} {Path(path).name}", total, 0
        self._started = self._told = time.monotonic()
        self._bar = None
        if sys.stderr.isatty():
            columns = (TextColumn(self._words), BarColumn(30), MofNCompleteColumn(), TextColumn("frames"), TimeRemainingColumn())
            # A way of its own to the terminal: libraries are kept quiet by closing the common one for a moment.
            self._way = os.fdopen(os.dup(sys.stderr.fileno()), "w")
            self._bar = Progress(*columns, console=Console(file=self._way), transient=True)
            self._task = self._bar.add_task(doing, total=total or None)

    def __enter__(self) -> "FilmProgress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._way.close()

    def advance(self) -> None:
        """One more frame is done."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._task, advance=1)
            return
        now = time.monotonic()
        if now - self._told >= QUIET:
            self._told, rate = now, self._done / (now - self._started)
            of, left = "", ""
            if self._total:
                of = f"/{self._total}"
                seconds = int(max(0, self._total - self._done) / rate)
                left = f", {seconds // 60}m{seconds % 60:02d}s left"
            print(f"{self._words}: {self._done}{of} frames, {rate:.1f} frames/s{left}", file=sys.stderr, flush=True)
