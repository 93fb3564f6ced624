"""A process that reads some of the cases, and is ended by its own alarm where a case takes too long.

python -m tests.slow.fuzz.worker FOLDER SEED FIRST LAST
"""

import contextlib
import faulthandler
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.slow.fuzz.kinds import KINDS, Kind
from tests.slow.fuzz.mutation import mutated
from tests.slow.fuzz.watch import Watch

SECONDS = 10
"""Of processor time for a case."""
WAIT = 30
"""Times as much on the clock, for what waits and does not compute: other work on the machine is no hang."""
MEMORY = 12 * 2**30
"""Bytes that the process may have: what asks for more has a MemoryError, which is a traceback."""
FILES = 4
"""Files of a case that are damaged at most; most often one is."""


def chosen(seed: int, index: int) -> tuple[str, random.Random]:
    """The kind of a case, and its random numbers."""
    chance = random.Random(f"{seed}/{index}")
    names = list(KINDS)
    return chance.choices(names, [KINDS[name].share for name in names])[0], chance


def lay_out(kind: Kind, samples: Path, place: Path, chance: random.Random) -> Path:
    """A damaged copy of one of the samples of a kind, below `place`; what is to be read."""
    shutil.rmtree(place, ignore_errors=True)
    folders = sorted(samples.iterdir())
    sample = chance.choice(folders)
    shutil.copytree(sample, place / "case")
    files = sorted(path for path in (place / "case").rglob("*") if path.is_file())
    near = [path for folder in chance.sample(folders, min(3, len(folders))) for path in sorted(folder.rglob("*")) if path.is_file()]
    others = [path.read_bytes() for path in near if path.suffix == files[0].suffix]
    for path in chance.sample(files, min(len(files), chance.choice((1, 1, 1, 2, FILES)))):
        if len(files) > 1 and chance.random() < 0.04:
            path.unlink()
        else:
            path.write_bytes(mutated(path.name, path.read_bytes(), chance, others))
    return place / "case"


def samples_of(kind: str, folder: Path) -> Path:
    """The folder of a kind's samples, made if they are not there yet."""
    place = folder / "samples" / kind
    if not place.exists():
        partly = place.with_name(f".{kind}.{os.getpid()}")
        shutil.rmtree(partly, ignore_errors=True)
        partly.mkdir(parents=True)
        KINDS[kind].make(partly)
        partly.rename(place)
    return place


def again(folder: Path, seed: int, index: int) -> None:
    """One case in this process, with what it prints and raises; its files stay."""
    kind, chance = chosen(seed, index)
    place = lay_out(KINDS[kind], samples_of(kind, folder), folder / "again", chance)
    print(f"case {index} of kind {kind} in {place}")
    start = time.process_time()
    try:
        KINDS[kind].read(place, chance)
    except Exception:  # Shown, whatever it is.
        traceback.print_exc()
    print(f"{time.process_time() - start:.2f} s of processor time")


def main(folder: Path, seed: int, first: int, last: int) -> None:
    """Read the cases from `first` to before `last`: a line in cases.jsonl when one begins, and one when it has ended."""
    own = folder / "temporary"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    tempfile.tempdir = os.environ["TMPDIR"] = str(own)
    samples = {kind: samples_of(kind, folder) for kind in KINDS}
    for kind in KINDS.values():
        kind.prepare()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    journal = (folder / "cases.jsonl").open("a", buffering=1)
    alarm = (folder / "alarm.txt").open("w+")
    faulthandler.register(signal.SIGPROF, file=alarm, all_threads=False, chain=True)
    faulthandler.enable(alarm, all_threads=False)
    watch = Watch(folder / "spoken.txt")
    for index in range(first, last):
        kind, chance = chosen(seed, index)
        case = lay_out(KINDS[kind], samples[kind], folder / "now", chance)
        journal.write(json.dumps({"began": index, "kind": kind}) + "\n")
        faulthandler.dump_traceback_later(WAIT * SECONDS, exit=True, file=alarm)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        start = time.process_time()
        found = watch.findings(case, lambda case=case, kind=kind, chance=chance: KINDS[kind].read(case, chance), KINDS[kind].writes)
        seconds = time.process_time() - start
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
        with contextlib.suppress(OSError):
            left = [path.name for path in own.iterdir() if not path.name.startswith(".")]
            found += [f"left behind in the folder for temporary files: {', '.join(left)[:100]}"] if left else []
            for path in own.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        journal.write(json.dumps({"ended": index, "kind": kind, "seconds": round(seconds, 3), "mebibytes": memory, "found": found}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
