"""Checking V at every odd number up to a bound: in chunks of bounded memory, resumable, each violating number written down."""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from collatz import lyapunov
from collatz.features import feature_batch
from longrun import write_atomically

CHUNK = 16_384
SAVE_SECONDS = 10.0
LARGEST = 1 << 62


def verify(checkpoint: str, up_to: int, folder: str = "") -> dict:
    """Check V(n) > V(T(n)) for all odd n in 3..up_to (1 is the fixed point); print and return the summary.

    folder: gets violations.txt (a number a line), state.json and summary.json; empty: beside the runs, named for the preset.
    The same command goes on where an earlier one stopped; a larger bound continues too. ValueError for a folder of another V.
    """
    if not 3 <= up_to < LARGEST:
        raise ValueError(f"up_to is {up_to}, it must be in 3..2^62 - 1")
    value = lyapunov.load(checkpoint)
    target = Path(folder or f"checkpoints/collatz/verify-{value.preset}")
    target.mkdir(parents=True, exist_ok=True)
    state = _begin(target, _digest(value))
    began, saved, start = time.perf_counter(), time.perf_counter(), state["next"]
    seconds_before = state["seconds"]
    with open(target / "violations.txt", "r+") as found, _progress(start, up_to) as progress:
        found.truncate(state["bytes"])
        found.seek(0, os.SEEK_END)

        def save() -> None:
            found.flush()
            state["bytes"] = found.tell()
            state["seconds"] = seconds_before + time.perf_counter() - began
            write_atomically(target / "state.json", json.dumps(state))

        try:
            while state["next"] <= up_to:
                low = np.arange(state["next"], min(up_to + 1, state["next"] + 2 * CHUNK), 2, dtype=np.uint64)
                violating = _violating(value, low)
                found.writelines(f"{number}\n" for number in violating.tolist())
                _count(state, low, violating)
                state["next"] = int(low[-1]) + 2
                if time.perf_counter() - saved > SAVE_SECONDS:
                    save()
                    saved = time.perf_counter()
                    _show(progress, state, up_to, (state["next"] - start) / 2 / (saved - began))
        except KeyboardInterrupt:
            save()
            raise
        save()
    return _summarise(target, value, state)


def _violating(value, low):
    here, following = feature_batch(np.stack([low, np.zeros_like(low)]), value.config.lookahead, (0, 1)).features
    return low[~(value(here) > value(following))]


def _count(state, low, violating):
    growth = violating % 4 == 3  # k = 1
    state["numbers"] += len(low)
    state["violations"] += len(violating)
    state["growth_violations"] += int(growth.sum())
    for name, numbers in (("numbers_by_bits", low), ("violations_by_bits", violating)):
        bits, counts = np.unique(np.frexp(numbers.astype(np.float64))[1], return_counts=True)
        for length, count in zip(bits.tolist(), counts.tolist(), strict=True):
            state[name][str(length)] = state[name].get(str(length), 0) + count


def _begin(target, digest):
    path = target / "state.json"
    (target / "violations.txt").touch()
    if not path.exists():
        counts = {"numbers": 0, "violations": 0, "growth_violations": 0, "numbers_by_bits": {}, "violations_by_bits": {}}
        return {"digest": digest, "next": 3, "bytes": 0, "seconds": 0.0, **counts}
    try:
        state = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if state["digest"] != digest:
        raise ValueError(f"{target} holds the verification of another V; choose another --folder")
    return state


def _digest(value):
    digest = hashlib.sha256(json.dumps([value.config.recipe, value.config.lookahead]).encode())
    for weight in value.value.weights:
        digest.update(np.asarray(weight).tobytes())
    return digest.hexdigest()


def _progress(start, up_to):
    columns = (TextColumn("n = {task.completed:,.0f}"), BarColumn(30), TextColumn("{task.fields[shown]}"), TimeRemainingColumn())
    progress = Progress(*columns, disable=not sys.stdout.isatty())
    progress.add_task("verify", total=up_to, completed=start, shown="")
    return progress


def _show(progress, state, up_to, rate):
    shown = f"{rate:,.0f} n/s, {state['violations']:,} violations"
    progress.update(progress.task_ids[0], completed=state["next"], shown=shown)
    if progress.disable:
        print(f"n = {state['next']:,} of {up_to:,}  {shown}", flush=True)


def _summarise(target, value, state):
    summary = {"project": "collatz", "preset": value.preset, "step": value.step, "up_to": state["next"] - 2}
    names = ("numbers", "violations", "growth_violations", "numbers_by_bits", "violations_by_bits", "seconds")
    summary |= {name: state[name] for name in names}
    write_atomically(target / "summary.json", json.dumps(summary, indent=1))
    rate = state["numbers"] / max(state["seconds"], 1e-9)
    print(f"{state['numbers']:,} odd numbers from 3 to {summary['up_to']:,}, {rate:,.0f} n/s, {state['seconds']:.0f} s")
    print(
        f"{state['violations']:,} violations ({state['violations'] / state['numbers']:.4%}), {state['growth_violations']:,} on growth steps"
    )
    print("\n| bits | numbers | violations | share |\n|---|---|---|---|")
    for bits, count in sorted(state["numbers_by_bits"].items(), key=lambda item: int(item[0])):
        bad = state["violations_by_bits"].get(bits, 0)
        print(f"| {bits} | {count:,} | {bad:,} | {bad / count:.4%} |")
    print(f"\nevery violating number: {target / 'violations.txt'}")
    return summary
