"""How far a command is with many things, on a terminal: n of N and the time that is left."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Result = TypeVar("Result")


def waiting_for(results: Iterable[Result], total: int, what: str) -> Iterator[Result]:
    """The results as they come, with a bar on stderr while it is a terminal; what is printed meanwhile stands above it."""
    if total < 2 or not sys.stderr.isatty():
        yield from results
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (MofNCompleteColumn(), TextColumn(what), BarColumn(30), TimeRemainingColumn(), TextColumn("left"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task(what, total=total)
        for result in results:
            bar.advance(task)
            yield result
