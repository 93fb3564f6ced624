"""The verification of a trained V from the command line: progress, and a summary in words."""

import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from collatz.functions import lyapunov
from collatz.measure import every_number as verification
from longrun import Interrupted, Signals, write_atomically

SHOW_SECONDS = 10.0


def verify(checkpoint: str, up_to: int, folder: str = "") -> dict:
    """Check a trained V at all odd n up to `up_to` (see verification.verify), with n/s; print, write and return the summary.

    folder: gets violations.csv, verification.json and summary.json; empty: beside the runs, named for the preset. The same command
    goes on where an earlier one stopped, a larger bound too. SIGTERM and SIGINT save first: Interrupted.
    """
    value = lyapunov.load(checkpoint)
    target = Path(folder or f"checkpoints/collatz/verify-{value.preset}")
    columns = (TextColumn("n = {task.completed:,.0f}"), BarColumn(30), TextColumn("{task.fields[shown]}"), TimeRemainingColumn())
    began, busy, done, shown_at = time.perf_counter(), time.process_time(), 0, 0.0
    with Signals() as signals, Progress(*columns, disable=not sys.stdout.isatty()) as bar:
        task = bar.add_task("verify", total=up_to, shown="")

        def on_chunk(progress: verification.Progress, checked: int) -> bool:
            nonlocal done, shown_at
            done, seconds = checked, time.perf_counter() - began
            shown = f"{checked / seconds:,.0f} n/s, {sum(progress.violations):,} violations"
            bar.update(task, completed=progress.following, shown=shown)
            if bar.disable and seconds - shown_at > SHOW_SECONDS:
                shown_at = seconds
                print(f"n = {progress.following:,} of {up_to:,}  {shown}", flush=True)
            return signals.number is not None

        state = verification.verify(value, identity(value), value.config.lookahead, up_to, target, on_chunk)
        if signals.number is not None and state.following <= up_to:
            raise Interrupted(signals.number, f"n = {state.following - 2:,}")
    numbers, violations = sum(state.numbers), sum(state.violations)
    if done:
        seconds, core = time.perf_counter() - began, time.process_time() - busy
        print(f"{done:,} numbers in {seconds:,.1f} s: {done / seconds:,.0f} n/s, {done / core:,.0f} n/s per core kept busy")
    summary = {"project": "collatz", "preset": value.preset, "step": value.step, "up_to": state.following - 2}
    summary |= {
        "numbers": numbers,
        "violations": violations,
        "largest_violating": state.largest_violating,
        "worst_margin": state.worst_margin,
    }
    summary |= {"numbers_by_bits": state.numbers, "violations_by_bits": state.violations}
    write_atomically(target / "summary.json", json.dumps(summary, indent=1))
    print(f"{numbers:,} odd numbers from 3 to {summary['up_to']:,}: {violations:,} violations ({violations / numbers:.4%})")
    print("\n| bits | numbers | violations | share |\n|---|---|---|---|")
    for bits, (count, bad) in enumerate(zip(state.numbers, state.violations, strict=True)):
        if count:
            print(f"| {bits} | {count:,} | {bad:,} | {bad / count:.4%} |")
    print(f"\nevery violating number: {target / 'violations.csv'}")
    return summary


def identity(value: lyapunov.Lyapunov) -> str:
    """Preset, step and a digest of the weights: what another V does not share."""
    digest = hashlib.sha256()
    for weight in value.value.weights:
        digest.update(np.asarray(weight).tobytes())
    return f"{value.preset} at step {value.step}, weights {digest.hexdigest()[:16]}"
