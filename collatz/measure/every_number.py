"""Every odd number up to a limit, one after the other: exact, in constant memory, and resumable after a kill at any instant."""

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import numpy as np

from collatz.functions.closed_forms import ValueFunction
from collatz.numbers import limbs as limb_arrays
from collatz.numbers.features import check_lookahead, feature_batch
from collatz.numbers.syracuse import syracuse_step
from longrun import write_atomically
from longrun.errors import UserError
from longrun.run.durable import sync

FIRST = 3
"""One stays one, so the first step to check starts at three."""
CHUNK = 1 << 16
"""Numbers that are checked at once."""
ROUND = 4096
"""Chunks that are given out at once."""
LENGTHS = 54
"""Bit lengths that are told apart, 0 to 53."""
_SAVE_EVERY = 64
"""Chunks between two saves; a kill loses at most the work since the last."""


@dataclass
class Progress:
    """State of a verification. `following` is the next odd number; the lists count by bit length, index 0 to 53."""

    function: str
    lookahead: int
    following: int = FIRST
    numbers: list[int] = field(default_factory=lambda: [0] * LENGTHS)
    violations: list[int] = field(default_factory=lambda: [0] * LENGTHS)
    largest_violating: int | None = None
    worst_margin: float | None = None
    bytes_written: int = 0


@dataclass(frozen=True)
class Range:
    """The odd numbers from `first` to `last`, both odd and included."""

    first: int
    last: int


@dataclass(frozen=True)
class Checked:
    """What a range showed: counts by bit length as in `Progress`, and the rows of its violating numbers, as they stand in the table."""

    numbers: list[int]
    violations: list[int]
    rows: bytes
    largest_violating: int | None
    worst_margin: float | None


def odd_numbers(first: int, last: int) -> np.ndarray:
    """The odd numbers from odd `first` to `last` inclusive, (2, B) uint64 limbs, below 2^64."""
    low = np.arange(first, last + 1, 2, dtype=np.uint64)
    return np.stack([low, np.zeros_like(low)])


def check(value: ValueFunction, lookahead: int, part: Range) -> Checked:
    """V(n) > V(T(n)) for every odd number of a range."""
    numbers = odd_numbers(part.first, part.last)
    here, following = feature_batch(numbers, lookahead, (0, 1)).features
    margin = np.asarray(value(here)) - np.asarray(value(following))
    violates = np.flatnonzero(~(margin > 0))
    # frexp's exponent is the bit length where float64 holds the number exactly: below 2^53.
    bits = np.frexp(numbers[0].astype(np.float64))[1]
    counted, violating = (np.bincount(rows, minlength=LENGTHS).tolist() for rows in (bits, bits[violates]))
    found = zip(violates, limb_arrays.to_integers(numbers[:, violates]), strict=True)
    rows = b"".join(b"%d,%d,%.6g\n" % (number, syracuse_step(number)[0], margin[row]) for row, number in found)
    if not len(violates):
        return Checked(counted, violating, rows, None, None)
    return Checked(counted, violating, rows, int(numbers[0, violates[-1]]), float(margin[violates].min()))


def verify(
    spread: Callable[[Sequence[Range]], Iterable[tuple[int, Checked]]],
    function: str,
    lookahead: int,
    up_to: int,
    folder: str | Path,
    on_chunk: Callable[[Progress, int], bool | None] | None = None,
) -> Progress:
    """Check V(n) > V(T(n)) for every odd 3 <= n <= `up_to` and write all violating n to `folder`/violations.csv (n, t1, margin).

    spread: gives ranges to whoever calls `check` with them, and their results back as they come, with their positions.
    function: identifies V; the same call continues where the last one was ended, a larger `up_to` goes on from there.
    on_chunk: gets the state and how many numbers this call has checked, after each chunk; where it returns True the verification is
    saved and ends early. One process at a time may work in the folder.

    UserError for a limit outside 3..2^53 or a folder that holds another function's verification.
    """
    check_lookahead(lookahead)
    if not FIRST <= up_to < 1 << 53:
        raise UserError(f"up_to is {up_to}, it must be in {FIRST}..2^53")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state_path, table_path = folder / "verification.json", folder / "violations.csv"
    progress = _resume(state_path, function, lookahead)
    with open(table_path, "ab") as table:
        if table.tell() < progress.bytes_written:
            raise UserError(f"{table_path} is shorter than {state_path} says; remove both to begin again")
        # Rows written after the last save belong to numbers that are about to be checked again.
        table.truncate(progress.bytes_written)
        if progress.bytes_written == 0:
            table.write(b"n,t1,margin\n")
        sync(folder)
        start = progress.following
        for chunks, (part, checked) in enumerate(_in_order(spread, start, up_to if up_to % 2 else up_to - 1), 1):
            _take(progress, part, checked, table)
            if chunks % _SAVE_EVERY == 0:
                _save(progress, table, state_path)
            if on_chunk is not None and on_chunk(progress, (progress.following - start) // 2):
                break
        _save(progress, table, state_path)
    return progress


def in_this_process(value: ValueFunction, lookahead: int) -> Callable[[Sequence[Range]], Iterator[tuple[int, Checked]]]:
    """What `verify` takes to check one range after the other."""
    return lambda parts: ((index, check(value, lookahead, part)) for index, part in enumerate(parts))


def _in_order(spread, first: int, last: int) -> Iterator[tuple[Range, Checked]]:
    """Range after range with what it showed; those that are done before their turn wait for it."""
    while first <= last:
        # No more at a time than memory holds.
        starts = range(first, min(last, first + 2 * CHUNK * ROUND - 1) + 1, 2 * CHUNK)
        parts = [Range(start, min(start + 2 * CHUNK - 2, last)) for start in starts]
        waiting: dict[int, Checked] = {}
        following = 0
        for index, checked in spread(parts):
            waiting[index] = checked
            while following in waiting:
                yield parts[following], waiting.pop(following)
                following += 1
        first = parts[-1].last + 2


def _take(progress: Progress, part: Range, checked: Checked, table) -> None:
    table.write(checked.rows)
    for counts, found in ((progress.numbers, checked.numbers), (progress.violations, checked.violations)):
        counts[:] = [before + more for before, more in zip(counts, found, strict=True)]
    if checked.worst_margin is not None:
        progress.largest_violating = checked.largest_violating
        progress.worst_margin = min(checked.worst_margin, progress.worst_margin if progress.worst_margin is not None else math.inf)
    progress.following = part.last + 2


def _resume(path: Path, function: str, lookahead: int) -> Progress:
    if not path.exists():
        return Progress(function, lookahead)
    try:
        values = json.loads(path.read_text())
    except ValueError as error:
        raise UserError(f"{path} is not the state of a verification: {error}") from error
    if not _is_progress(values):
        raise UserError(f"{path} is not the state of a verification: its fields are others")
    progress = Progress(**values)
    if (progress.function, progress.lookahead) != (function, lookahead):
        held = f"{progress.function} at lookahead {progress.lookahead}"
        raise UserError(f"{path} verifies {held}, not {function} at lookahead {lookahead}; use another folder")
    return progress


def _is_progress(values) -> bool:
    """Whether a JSON value is what `_save` writes."""
    kinds = {"function": str, "lookahead": int, "following": int, "bytes_written": int, "numbers": list, "violations": list}
    if not isinstance(values, dict) or set(values) != {each.name for each in fields(Progress)}:
        return False
    if not all(isinstance(values[name], kind) for name, kind in kinds.items()):
        return False
    return all(
        len(counts) == LENGTHS and all(isinstance(count, int) for count in counts) for counts in (values["numbers"], values["violations"])
    )


def _save(progress: Progress, table, path: Path) -> None:
    """The rows first, then the state that counts them, which replaces the old one in one instant."""
    table.flush()
    os.fsync(table.fileno())
    progress.bytes_written = table.tell()
    write_atomically(path, json.dumps(asdict(progress)))
