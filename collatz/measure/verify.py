"""The verification of a trained V from the command line: progress, and a summary in words."""

import functools
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from collatz.functions import lyapunov
from collatz.measure import every_number
from longrun import Lock, Signals, UserError, fleet, write_atomically
from longrun.run.output import check_folder

SHOW_SECONDS = 10.0


def verify(checkpoint: str, /, *, up_to: int, folder: str = "", workers: int = 1, cluster: str = "", lock: bool = True) -> dict:
    """Check a trained V at all odd numbers up to a limit, and write down each at which it does not fall.

    The same command goes on where it was stopped, with a larger limit too. The files are the same, byte for byte, however many
    processes check.

    checkpoint: A run folder, a checkpoint in it, or released weights.
    up_to: The limit, below 2^53.
    folder: Gets violations.csv, verification.json and summary.json; empty: beside the runs, named for the preset.
    workers: Processes on this machine that check.
    cluster: Address of a Dask scheduler whose workers check instead; they see the checkpoint under the same path.
    lock: Keep a second process out of the folder; --no-lock where the file system has no locks.

    Example:
        python -m collatz verify checkpoints/released/collatz/quick --up-to 1000000 --workers 2
    """
    if folder:
        check_folder(folder)
    value = lyapunov.load(checkpoint)
    target = Path(folder or f"checkpoints/collatz/verify-{value.preset}")
    function, lookahead = identity(value), value.config.model.lookahead
    if workers == 1 and not cluster:
        spread = every_number.in_this_process(value, lookahead)
    else:
        part = functools.partial(check_elsewhere, str(Path(checkpoint).absolute()), function)
        spread = functools.partial(fleet.run, part, workers=workers, cluster=cluster)
    began, busy = time.perf_counter(), time.process_time()
    with Lock(target, lock), Signals() as signals, signals.deferred(), Shown(up_to) as shown:

        def on_chunk(progress: every_number.Progress, checked: int) -> bool:
            signals.where = f"n = {progress.following - 2:,}"
            shown.show(progress, checked)
            return signals.number is not None

        state = every_number.verify(spread, function, lookahead, up_to, target, on_chunk)
        if state.following <= up_to:
            signals.raise_noted()
    if shown.checked:
        seconds, core = time.perf_counter() - began, time.process_time() - busy
        each = f", {shown.checked / core:,.0f} n/s per core kept busy" if workers == 1 and not cluster else ""
        print(f"{shown.checked:,} numbers in {seconds:,.1f} s: {shown.checked / seconds:,.0f} n/s{each}")
    summary = summary_of(value, state)
    write_atomically(target / "summary.json", json.dumps(summary, indent=1))
    numbers, violations = summary["numbers"], summary["violations"]
    print(f"{numbers:,} odd numbers from 3 to {summary['up_to']:,}: {violations:,} violations ({violations / numbers:.4%})")
    print("\n| bits | numbers | violations | share |\n|---|---|---|---|")
    for bits, (count, bad) in enumerate(zip(state.numbers, state.violations, strict=True)):
        if count:
            print(f"| {bits} | {count:,} | {bad:,} | {bad / count:.4%} |")
    print(f"\nevery violating number: {target / 'violations.csv'}")
    return summary


class Shown:
    """How far a verification is: a bar on a terminal, a line now and then elsewhere. A context manager."""

    def __init__(self, up_to: int):
        columns = (TextColumn("n = {task.completed:,.0f}"), BarColumn(30), TextColumn("{task.fields[shown]}"), TimeRemainingColumn())
        self._bar = Progress(*columns, disable=not sys.stdout.isatty())
        self._task, self._up_to = self._bar.add_task("verify", total=up_to, shown=""), up_to
        self._began, self._shown_at = time.perf_counter(), 0.0
        self.checked = 0
        """Numbers that this call has checked."""

    def __enter__(self) -> "Shown":
        self._bar.start()
        return self

    def __exit__(self, *_) -> None:
        self._bar.stop()

    def show(self, progress: every_number.Progress, checked: int) -> None:
        """A chunk is done."""
        self.checked, seconds = checked, time.perf_counter() - self._began
        shown = f"{checked / seconds:,.0f} n/s, {sum(progress.violations):,} violations"
        self._bar.update(self._task, completed=progress.following, shown=shown)
        if self._bar.disable and seconds - self._shown_at > SHOW_SECONDS:
            self._shown_at = seconds
            print(f"n = {progress.following:,} of {self._up_to:,}  {shown}", flush=True)


def check_elsewhere(checkpoint: str, function: str, part: every_number.Range) -> every_number.Checked:
    """A range in whatever process this is. UserError where the checkpoint holds another V there than `function`."""
    value, found = _opened(checkpoint)
    if found != function:
        raise UserError(f"{checkpoint} holds {found} where a worker reads it, not {function}")
    return every_number.check(value, value.config.model.lookahead, part)


@functools.cache
def _opened(checkpoint):
    value = lyapunov.load(checkpoint)
    return value, identity(value)


def summary_of(value: lyapunov.Lyapunov, state: every_number.Progress) -> dict:
    """What summary.json holds."""
    return {
        "project": "collatz",
        "preset": value.preset,
        "step": value.step,
        "up_to": state.following - 2,
        "numbers": sum(state.numbers),
        "violations": sum(state.violations),
        "largest_violating": state.largest_violating,
        "worst_margin": state.worst_margin,
        "numbers_by_bits": state.numbers,
        "violations_by_bits": state.violations,
    }


def identity(value: lyapunov.Lyapunov) -> str:
    """Preset, step and a digest of the weights: what another V does not share."""
    digest = hashlib.sha256()
    for weight in value.value.weights:
        digest.update(np.asarray(weight).tobytes())
    return f"{value.preset} at step {value.step}, weights {digest.hexdigest()[:16]}"
