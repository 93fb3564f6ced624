"""The evaluation set: 50,000 odd numbers of every bit length, as the CSV file of the original run, byte for byte."""

import csv
import io
import math
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from collatz.numbers import limbs as limb_arrays
from collatz.numbers.syracuse import collatz_orbit_statistics, fault_of, syracuse_step
from longrun.errors import UserError
from longrun.run.output import check_output, write_output

COLUMNS = ("n", "t1", "is_growth", "sigma_n", "max_n", "w_expansion")
SMALLEST_WEIGHT, LARGEST_WEIGHT = 1e-9, 1e9
"""The generator's own are 1 to 40; float32 holds the sums of the squares of these."""
NEEDED_COLUMNS = ("n", "t1", "is_growth", "w_expansion")


def make_eval(*, samples: int = 50_000, output: str = "collatz_eval_50k.csv", max_bits: int = 128, seed: int = 42) -> None:
    """Write an evaluation set as the original program's generator did, byte for byte.

    samples: Distinct odd numbers.
    output: The CSV file.
    max_bits: Bit lengths are even over 2 to this.
    seed: Of the draws.

    Example:
        python -m collatz make-eval --output evaluation.csv
    """
    check_output(output)
    make_evaluation_set(output, samples, max_bits, seed)
    print(f"{samples:,} numbers in {output}")


def make_evaluation_set(path: str | Path, samples: int = 50_000, max_bits: int = 128, seed: int = 42) -> None:
    """Write `evaluation_text` to a file."""
    write_output(path, evaluation_text(samples, max_bits, seed))


def evaluation_text(samples: int = 50_000, max_bits: int = 128, seed: int = 42) -> str:
    """CSV with `samples` distinct odd numbers, their step, growth, stopping time, largest orbit value and weight.

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
    return text.getvalue()


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
    no positive number, a duplicate, a file that is no CSV in UTF-8, or has no growth or no decay step at all.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"evaluation set {path} does not exist")
    try:
        # Spreadsheets put a byte order mark before the first column's name; "utf-8-sig" takes it away.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not in UTF-8: byte {error.object[error.start]:#04x}") from error
    return parse_evaluation_set(text, str(path))


def parse_evaluation_set(text: str, name: str) -> EvaluationSet:
    """The same from the text of a file that messages call `name`."""
    first_line: dict[int, int] = {}
    growth, weights = [], []
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns, rows = reader.fieldnames or (), [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise UserError(f"{name} is no CSV file: {error}") from error
    missing = [column for column in NEEDED_COLUMNS if column not in columns]
    if missing:
        raise UserError(f"{name} line 1: missing column {', '.join(missing)}")
    for line, row in rows:
        where = f"{name} line {line}"
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
        first_line[number] = line
        growth.append(bool(grows))
        weights.append(_weight(row["w_expansion"], where))
    if not first_line:
        raise UserError(f"{name} has no rows")
    if all(growth) or not any(growth):
        raise UserError(f"{name} has no {'decay' if any(growth) else 'growth'} steps, but passes are counted on both")
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
    if not SMALLEST_WEIGHT <= weight <= LARGEST_WEIGHT:
        raise UserError(f"{where}: w_expansion is {_shortened(text)}, not a positive number from 1e-9 to 1e9")
    return weight


def _shortened(text: str | None) -> str:
    return repr(text) if text is None or len(text) <= 50 else f"{text[:50]!r}..."
