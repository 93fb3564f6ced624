"""The evaluation set: 50,000 odd numbers of every bit length, as the CSV file of the log, byte for byte."""

import csv
import io
import math
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from collatz.numbers import limbs as limb_arrays
from collatz.numbers.syracuse import collatz_orbit_statistics, fault_of, syracuse_step
from longrun import write_atomically
from longrun.errors import UserError

COLUMNS = ("n", "t1", "is_growth", "sigma_n", "max_n", "w_expansion")
NEEDED_COLUMNS = ("n", "t1", "is_growth", "w_expansion")


def make_evaluation_set(path: str | Path, samples: int = 50_000, max_bits: int = 128, seed: int = 42) -> None:
    """Write `samples` distinct odd numbers with their step, growth, stopping time, largest orbit value and weight.

    w_expansion = 1 + log10(max(1, max_n / n)). The bit length is even over 2..max_bits.
    """
    if not 2 <= max_bits <= 128:
        raise UserError(f"max_bits is {max_bits}, it must be in 2..128")
    # Each bit length b >= 2 has 2^(b-2) odd numbers: asking for more than exist would never end.
    if samples < 1 or samples > (1 << (max_bits - 1)) - 1:
        raise UserError(f"samples is {samples}, there are {(1 << (max_bits - 1)) - 1} odd numbers of 2 to {max_bits} bits")
    generator = random.Random(seed)
    seen: set[int] = set()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    while len(seen) < samples:
        bits = generator.randint(2, max_bits)
        number = generator.randint(1 << (bits - 1), (1 << bits) - 1) | 1
        if number in seen:
            continue
        seen.add(number)
        following, _ = syracuse_step(number)
        sigma, largest = collatz_orbit_statistics(number)
        weight = math.log10(max(1, largest / number)) + 1
        writer.writerow([number, following, int(following > number), sigma, largest, f"{weight:.4f}"])
    write_atomically(path, text.getvalue())


@dataclass(frozen=True)
class EvaluationSet:
    """B rows: numbers n as (2, B) uint64 limbs, growth = T(n) > n (B,) bool, weight (B,) float32 >= 1."""

    numbers: np.ndarray
    growth: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.growth)


def read_evaluation_set(path: str | Path) -> EvaluationSet:
    """Read and check such a CSV file; other columns may be absent or different.

    FileNotFoundError if there is none; UserError naming the file and the line for a missing column, a row that is too
    short, a number that is no integer, even, not positive or not below 2^128, a wrong t1 or is_growth, a weight that is
    not finite and positive, a duplicate, a file that is no CSV in UTF-8, or has no growth or no decay step at all.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"evaluation set {path} does not exist")
    try:
        return _read(path)
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not in UTF-8: byte {error.object[error.start]:#04x}") from error
    except csv.Error as error:
        raise UserError(f"{path} is no CSV file: {error}") from error


def _read(path: Path) -> EvaluationSet:
    first_line: dict[int, int] = {}
    growth, weights = [], []
    # Spreadsheets put a byte order mark before the first column's name; "utf-8-sig" takes it away.
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [column for column in NEEDED_COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise UserError(f"{path} line 1: missing column {', '.join(missing)}")
        for row in reader:
            where = f"{path} line {reader.line_num}"
            number, following, grows = (_integer(row[column], column, where) for column in NEEDED_COLUMNS[:3])
            if fault := fault_of(number):
                raise UserError(f"{where}: {fault}")
            if number == 1:
                raise UserError(f"{where}: n = 1 has no step to judge")
            expected, _ = syracuse_step(number)
            if following != expected:
                raise UserError(f"{where}: t1 of n = {number} is {following}, it must be {expected}")
            if grows != (expected > number):
                raise UserError(f"{where}: is_growth of n = {number} is {grows}, it must be {int(expected > number)}")
            if number in first_line:
                raise UserError(f"{where}: n = {number} is a duplicate of line {first_line[number]}")
            first_line[number] = reader.line_num
            growth.append(bool(grows))
            weights.append(_weight(row["w_expansion"], where))
    if not first_line:
        raise UserError(f"{path} has no rows")
    if all(growth) or not any(growth):
        raise UserError(f"{path} has no {'decay' if any(growth) else 'growth'} steps, but passes are counted on both")
    return EvaluationSet(limb_arrays.from_integers(first_line), np.array(growth), np.array(weights, np.float32))


def _integer(text: str | None, column: str, where: str) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        raise UserError(f"{where}: {column} is {_shortened(text)}, not an integer") from None


def _weight(text: str | None, where: str) -> float:
    try:
        weight = float(text)
    except (TypeError, ValueError):
        weight = math.nan
    if not (math.isfinite(weight) and weight > 0):
        raise UserError(f"{where}: w_expansion is {_shortened(text)}, not a positive number")
    return weight


def _shortened(text: str | None) -> str:
    return repr(text) if text is None or len(text) <= 50 else f"{text[:50]!r}..."
