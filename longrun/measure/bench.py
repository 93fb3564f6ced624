"""How long a piece of work takes: medians of one run, each part in a process of its own, so that none warms up another."""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any


def clocked(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of all processors, which other work on the machine hardly changes."""
    start, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - processor


def timed(work: Callable[[], object], count: int, warm: int = 2) -> dict[str, float]:
    """`work` done `warm` times unmeasured and `count` times measured.

    "milliseconds" and "processor_milliseconds" are medians, "first_seconds" is the very first one with its compilation,
    "peak_gigabytes" the memory of the process.
    """
    times = [clocked(work) for _ in range(warm + count)]
    wall, processor = (1e3 * statistics.median(kind) for kind in zip(*times[warm:], strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"milliseconds": wall, "processor_milliseconds": processor, "first_seconds": times[0][0], "peak_gigabytes": peak}


def in_process(target: str, *arguments: object) -> Any:
    """What "module:function" returns in a fresh process, called with arguments that JSON knows; its result is one as well."""
    module, _, name = target.partition(":")
    call = f"import json; from {module} import {name}; print(json.dumps({name}(*json.loads({json.dumps(arguments)!r}))))"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{target}{arguments} ended with exit code {done.returncode}:\n{done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def print_table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table on stdout."""
    print("| " + " | ".join(heading) + " |\n|" + "---|" * len(heading))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
