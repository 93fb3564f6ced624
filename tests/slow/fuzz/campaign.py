"""All cases of a seed, in processes one after the other; what is wrong is gathered, and a killed campaign goes on where it was."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.places import ROOT

STRETCH = 500
"""Cases a process reads before another one takes over: no memory that leaks grows for ever."""


WORKER = ("-m", "tests.slow.fuzz.worker")


class Outcome(NamedTuple):
    """What a campaign has come to."""

    cases: dict[str, int]
    """Kind -> cases that were read."""
    found: dict[str, list[tuple[int, str]]]
    """What is wrong, without what differs from case to case -> (case, the whole line) of each."""
    slowest: tuple[float, int, str]
    """Seconds of processor time, case and kind."""


def run(folder: Path, seed: int, count: int, tell: Callable[[str], object] = print, worker: Sequence[str] = WORKER) -> Outcome:
    """Read cases 0 to count - 1 of a seed; those that folder/cases.jsonl has are not read again. tell: gets a line now and then."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / "cases.jsonl"
    while (following := _following(journal)) < count:
        last = min(count, (following // STRETCH + 1) * STRETCH)
        words = [sys.executable, *worker, str(folder), str(seed), str(following), str(last)]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        ended = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
        if ended.returncode == 0:
            tell(f"{last} of {count} cases, {sum(map(len, outcome(journal).found.values()))} findings")
            continue
        begun = _begun(journal)
        if begun is None:
            said = ended.stderr + (folder / "spoken.txt").read_text() if (folder / "spoken.txt").exists() else ended.stderr
            raise RuntimeError(f"the worker ended with {ended.returncode} between two cases: {said[-1000:]}")
        where = (folder / "alarm.txt").read_text()
        frames = [line.strip() for line in where.splitlines() if f'"{ROOT}/' in line and "/tests/" not in line and "/." not in line]
        what = f"hung or died: exit code {ended.returncode} {frames[0].replace(str(ROOT) + '/', '') if frames else where[:200]!r}"
        with journal.open("a") as file:
            file.write(json.dumps({"ended": begun["began"], "kind": begun["kind"], "seconds": 0, "mebibytes": 0, "found": [what]}) + "\n")
        tell(f"case {begun['began']} ({begun['kind']}): {what}")
    return outcome(journal, count)


def outcome(journal: Path, count: int | None = None) -> Outcome:
    """What a journal says of its cases, or of the first `count`."""
    cases: dict[str, int] = {}
    found: dict[str, list[tuple[int, str]]] = {}
    slowest = (0.0, 0, "")
    for line in _lines(journal):
        if "ended" not in line or (count is not None and line["ended"] >= count):
            continue
        cases[line["kind"]] = cases.get(line["kind"], 0) + 1
        slowest = max(slowest, (line["seconds"], line["ended"], line["kind"]))
        for what in line["found"]:
            found.setdefault(f"{line['kind']}: {what[:60]}", []).append((line["ended"], what))
    return Outcome(cases, found, slowest)


def _lines(journal: Path) -> Iterator[dict]:
    if journal.exists():
        for text in journal.read_text().splitlines():
            try:
                yield json.loads(text)
            except ValueError:  # The line that a kill has cut short.
                return


def _following(journal):
    return max((line["ended"] + 1 for line in _lines(journal) if "ended" in line), default=0)


def _begun(journal):
    """The case that began and did not end."""
    last = None
    for line in _lines(journal):
        last = line
    return last if last is not None and "began" in last else None
