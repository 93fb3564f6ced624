"""The kinds of files that are damaged: how samples of each are made, and which readers of the product read them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.slow.fuzz import documents, grids, pictures, puzzles, runs, weights


@dataclass(frozen=True)
class Kind:
    """A kind of files.

    share: of the cases, in relation to the others'. make(folder): writes a folder for each sample. prepare(): imports what readers
    need, before anything is watched. read(folder, chance): has one sample read, as the commands read it. writes: whether it is a
    folder that a command works in, and may write to.
    """

    share: int
    make: Callable[[Path], None]
    prepare: Callable[[], None]
    read: Callable[[Path, Random], None]
    writes: bool = False


KINDS = {
    "picture": Kind(42, pictures.make, pictures.prepare, pictures.read),
    "grids": Kind(14, grids.make, grids.prepare, grids.read),
    "sudoku": Kind(9, puzzles.make_texts, puzzles.prepare, puzzles.read_text),
    "published folder": Kind(10, puzzles.make_folders, puzzles.prepare, puzzles.read_folder),
    "numbers": Kind(4, puzzles.make_numbers, puzzles.prepare, puzzles.read_numbers),
    "weights": Kind(12, weights.make, weights.prepare, weights.read),
    "document": Kind(7, documents.make, documents.prepare, documents.read),
    "run": Kind(2, runs.make, runs.prepare, runs.read),
    "run that goes on": Kind(2, runs.make_goes_on, runs.prepare, runs.go_on, writes=True),
}
