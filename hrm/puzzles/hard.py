"""Hard Sudokus as a source: minimal boards as they come, and files of mined ones that a training comes to use one after another."""

from functools import cache
from pathlib import Path

import numpy as np

from hrm.puzzles import mining, pools
from hrm.puzzles.examples import Examples, generator
from hrm.puzzles.mining import Mined
from hrm.puzzles.sudoku import BLANK, is_held_out, shuffle
from hrm.puzzles.sudoku_csv import read_sudoku_csv

ADDITIONAL = 20
"""Clues more than it needs that a board of a curriculum is given, at most."""
EASY_SHARE = 0.25
"""Share of boards with additional clues after the curriculum."""
LISTED = Path(__file__).with_name("hard_held_out.csv")
"""Held-out boards of seed 0, so that nobody mines before a judgement: `python -m hrm puzzles FILE --count 512 --held-out` writes them."""
_VERSION = 1
"""Of the mining: another one makes other boards."""


def hard_boards(side: int, seed: int, number: int, held_out: bool) -> Mined:
    """File `number` of mined boards, of held-out solutions or of the others; mined where it is not on disk yet. Raises OSError."""
    size = mining.Size()
    settings = {"kind": "mined", "version": _VERSION, "side": side, "seed": seed, "number": number, "held_out": held_out, **size._asdict()}
    numbers = lambda: generator(seed, number, f"mined sudoku {'held out' if held_out else 'trained'}")  # noqa: E731
    allowed = lambda solutions: is_held_out(solutions) == held_out  # noqa: E731
    return _unpacked(pools.kept(settings, lambda: _packed(mining.mine(numbers(), side, allowed, size))))


def minimal_boards(side: int, seed: int, count: int) -> Mined:
    """Minimal boards of solutions that are not held out, as they come. Raises OSError."""
    settings = {"kind": "minimal", "version": _VERSION, "side": side, "seed": seed, "count": count}
    make = lambda: mining.common(generator(seed, 0, "minimal sudoku"), side, lambda solutions: ~is_held_out(solutions), count)  # noqa: E731
    return _unpacked(pools.kept(settings, lambda: _packed(make())))


def _packed(found):
    return {name: array.astype(np.float32 if array.dtype.kind == "f" else np.int8) for name, array in found._asdict().items()}


def _unpacked(arrays):
    return Mined(**arrays)


class HardSudoku:
    """Boards for a training that gets harder: see DataSettings.

    A step shows minimal boards of a pool and, more and more often, mined ones, under fresh symmetries; some of them with additional clues.
    """

    tasks = ("sudoku",)
    identifiers = ("sudoku",)
    content = ""

    def __init__(self, side: int, pool: int, files: int, every: int, share: float, curriculum: int, seed: int):
        self._side, self._pool, self._files, self._every = side, pool, files, every
        self._share, self._curriculum, self._seed = share, curriculum, seed
        self._minimal = cache(lambda: minimal_boards(side, seed, pool))
        self._mined = cache(lambda number: hard_boards(side, seed, number, held_out=False))

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Puzzles of a training step."""
        numbers = generator(seed, step, "hard sudoku")
        done = min(1.0, step / self._curriculum)
        files = min(self._files, step // self._every)
        is_hard = numbers.random(count) < (self._share * done if files else 0.0)
        file = numbers.integers(0, max(files, 1), count)
        place = numbers.random(count)
        kinds = [self._mined(int(file[row])) if is_hard[row] else self._minimal() for row in range(count)]
        chosen = [(kind, int(place[row] * len(kind.boards))) for row, kind in enumerate(kinds)]
        boards, solutions, guesses = (np.stack([kind[part][index] for kind, index in chosen]) for part in range(3))
        eased = numbers.random(count) < 1 - (1 - EASY_SHARE) * done
        boards = with_additional(numbers, boards, solutions, np.where(eased, numbers.integers(0, ADDITIONAL + 1, count), 0))
        shown = shuffle(numbers, boards, solutions, self._side)
        # A symmetry can lead to a held-out solution; those puzzles are shown as they are.
        spared = is_held_out(shown[1])[:, None]
        return _examples(np.where(spared, boards, shown[0]), np.where(spared, solutions, shown[1]), guesses)

    def held_out(self, count: int) -> Examples:
        """Mined boards of solutions that no training step shows: those that are listed here, and where they are too few, more."""
        listed = read_sudoku_csv(LISTED)
        if count <= len(listed.tokens):
            return listed.rows(slice(count))
        found, number = [], 0
        while sum(len(one.boards) for one in found) < count:
            found.append(hard_boards(self._side, 0, number, held_out=True))
            number += 1
        return _examples(*(np.concatenate([getattr(one, part) for one in found])[:count] for part in ("boards", "solutions", "guesses")))

    def probes(self, held_out: Examples) -> Examples:
        """The held-out puzzles: there is one task."""
        return held_out


def with_additional(numbers: np.random.Generator, boards: np.ndarray, solutions: np.ndarray, additional: np.ndarray) -> np.ndarray:
    """Boards (B, N) with so many (B,) more clues of their solutions."""
    rank = np.argsort(np.argsort(np.where(boards > 0, 2.0, numbers.random(boards.shape)), axis=1), axis=1)
    return np.where((boards == 0) & (rank < additional[:, None]), solutions, boards)


def _examples(boards, solutions, guesses):
    zeros = np.zeros(len(boards), np.int32)
    return Examples(boards.astype(np.int32) + BLANK, solutions.astype(np.int32) + BLANK, zeros, zeros, guesses.astype(np.float32))
