"""What each fault does alone: the same small training with one switch on, beside all off and all on."""

import json
from pathlib import Path

from hrm.classic.config import FAULTS, ClassicConfig
from longrun import fleet
from longrun.config import changed
from longrun.errors import UserError
from longrun.run.durable import write_atomically
from longrun.run.journal import read_json
from longrun.run.output import check_folder

SMALL = changed(
    ClassicConfig(),
    tasks="mini-arc",
    side=8,
    width=64,
    heads=4,
    high_layers=1,
    low_layers=1,
    cycles=4,
    batch_size=32,
    learning_rate=1e-3,
    dropout=0.0,
    jit_compile=True,
)
CHECK_EVERY = 50
ROWS = ("none", *FAULTS, "all")


def fault_table(*, steps: int = 1200, only: tuple[str, ...] = (), folder: str = "", workers: int = 1, cluster: str = "") -> None:
    """Train a small network of the original run with each fault alone, with none and with all, and print a row for each.

    "Input unused from" is the first check after which, up to the end, the input is unused (G under the guard's limit); "never" else.

    steps: Of each training, 50 at least; 2.5 minutes of one core for 1200.
    only: Names of the rows to make: none, all, or those of the switches in snake case; empty: every row.
    folder: Keeps each row once it is done, so that the same command goes on with the others; empty: rows are only printed.
    workers: Trainings at a time, on this machine.
    cluster: Address of a Dask scheduler whose workers train instead, e.g. tcp://127.0.0.1:8786.

    Example:
        python -m hrm faults --only none input_once --steps 600
    """
    if steps < CHECK_EVERY:
        raise UserError(f"a row of the table needs at least {CHECK_EVERY} steps, not {steps}")
    unknown = sorted(set(only) - set(ROWS))
    if unknown:
        raise UserError(f"unknown fault {unknown[0]!r}; there are none, all, {', '.join(FAULTS)}")
    if folder:
        check_folder(folder)
    names, done, printed = only or ROWS, {}, 0
    print(f"{steps} steps each, mini-ARC, {SMALL.model.width} channels, {SMALL.model.cycles} cycles\n")
    print("| fault | exact | cell accuracy above majority | G | input unused from step | old check |\n|" + "---|" * 6, flush=True)
    for name, row in _rows(names, steps, folder, workers, cluster):
        done[name] = row
        while printed < len(names) and names[printed] in done:  # In the order of the table, whichever is done first.
            print(_line(names[printed], done[names[printed]]), flush=True)
            printed += 1


def _rows(names, steps, folder, workers, cluster):
    """Each name with its row, as they come: those of an earlier call first."""
    kept = {name: row for name in names if (row := _kept(folder, name, steps)) is not None}
    yield from kept.items()
    missing = [name for name in names if name not in kept]
    for index, row in fleet.run(trained, [(name, steps) for name in missing], workers=workers, cluster=cluster):
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            write_atomically(_place(folder, missing[index]), json.dumps({"steps": steps, **row}))
        yield missing[index], row


def _line(name, row):
    return (
        f"| {name.replace('_', ' ')} | {row['held_out_exact']:.3f} | {row['above_majority']:+.3f} "
        f"| {row['input_sensitivity']:+.3f} | {row['unused_from']} | {row['old_check']} |"
    )


def _place(folder, name):
    return Path(folder) / f"{name}.json"


def _kept(folder, name, steps):
    """The row of an earlier call with as many steps, or None."""
    if not folder or not _place(folder, name).exists():
        return None
    row = read_json(_place(folder, name))
    return row if isinstance(row, dict) and row.get("steps") == steps else None


def trained(task: tuple[str, int]) -> dict:
    """A row of the table: (name, steps) -> scores on held-out grids, "unused_from" and "old_check"."""
    from hrm.classic.answers import judge, old_check
    from hrm.classic.data import Pairs
    from hrm.classic.steps import build
    from hrm.training import health
    from longrun.step import device

    name, count = task
    on = FAULTS if name == "all" else () if name == "none" else (name,)
    config = changed(SMALL, **{fault: fault in on for fault in FAULTS})
    device.configure(seed=config.run.seed)
    source = Pairs(config)
    parts, watched = build(config, len(source.identifiers)), source.held_out(config.data.held_out)
    probes = source.probes(watched)
    unused_from = None
    for step in range(count):
        examples = source.batch(config.run.seed, step, config.data.batch_size)
        batch = {"tokens": examples.tokens, "labels": examples.labels, "identifier": examples.identifier}
        parts.step(batch, {"learning_rate": config.learning.learning_rate})
        if (step + 1) % CHECK_EVERY == 0 or step + 1 == count:
            found = judge(config, parts.answers, watched, probes).numbers
            unused = found["input_sensitivity"] < health.LEAST_SENSITIVITY
            unused_from = (unused_from or step + 1) if unused else None
    passes = old_check(config, parts.answers)[0]
    return {**found, "unused_from": unused_from or "never", "old_check": "PASS" if passes else "fail"}
