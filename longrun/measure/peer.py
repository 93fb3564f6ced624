"""Asking another framework's benchmark how long the same step takes there."""

import json
import shlex
import statistics
import subprocess
from collections.abc import Mapping, Sequence

from longrun.errors import UserError


def ask(words: str) -> dict[str, float]:
    """Run a command and read the JSON lines it prints: "PEER, STEP" -> milliseconds.

    A line holds "peer", "step" and "median_ms"; whatever else is printed is left alone. Raises UserError where nothing comes of it.
    """
    try:
        done = subprocess.run(shlex.split(words), capture_output=True, text=True)
    except (OSError, ValueError) as error:
        raise UserError(f"--peer {words} cannot be run: {error}") from error
    if done.returncode:
        said = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        raise UserError(f"--peer {words} ended with exit code {done.returncode}: {said}")
    found = dict(filter(None, map(_read, done.stdout.splitlines())))
    if not found:
        raise UserError(f'--peer {words} printed no line of JSON with "peer", "step" and "median_ms"')
    return found


def medians(turns: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each number of the first turn over the turns that have it."""
    return {name: statistics.median(turn[name] for turn in turns if name in turn) for name in turns[0]}


def _read(text):
    try:
        line = json.loads(text)
    except json.JSONDecodeError:
        return None
    told = line if isinstance(line, dict) and {"peer", "step", "median_ms"} <= set(line) else {}
    return (f"{told['peer']}, {told['step']}", float(told["median_ms"])) if isinstance(told.get("median_ms"), int | float) else None
