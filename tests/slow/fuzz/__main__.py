"""Damaged files of every kind given to every reader: the command.

    python -m tests.slow.fuzz --count 20000 --seed 0

Exit code 1 where a reader ended with a traceback, took more than ten seconds of processor time, ran, unpickled or wrote anything, spoke
past its caller, or raised a message that names no file, has several lines or more than 300 characters. A case is a function of seed and
number: `--again NUMBER` reads one in this process and leaves its files. The same command goes on where it was stopped.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.slow.fuzz import campaign
from tests.slow.fuzz.worker import again


def main(words: list[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.slow.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000, help="cases")
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn")
    parser.add_argument("--again", type=int, default=None, help="read this one case alone, and show what it raises")
    parser.add_argument("--folder", type=Path, default=None, help="for samples and journal; the same one goes on")
    options = parser.parse_args(words)
    folder = options.folder or Path(tempfile.gettempdir()) / f"longrun-fuzz-{options.seed}"
    if options.again is not None:
        again(folder, options.seed, options.again)
        return 0
    found = campaign.run(folder, options.seed, options.count, lambda line: print(line, flush=True))
    for what, cases in sorted(found.found.items()):
        print(f"{len(cases)} x {what}\n    first: case {cases[0][0]}: {cases[0][1]}")
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(found.cases.items()))
    print(f"{sum(found.cases.values()):,} cases ({kinds}): {sum(map(len, found.found.values()))} findings of {len(found.found)} kinds")
    print(f"slowest: case {found.slowest[1]} ({found.slowest[2]}), {found.slowest[0]:.2f} s of processor time")
    return 1 if found.found else 0


if __name__ == "__main__":
    sys.exit(main())
