"""Rules for the cells that read the answer as far as it is there: a colour for what stands above a cell, what it was, and a piece.

Answers are written row by row, in all eight turns of a task, so that "above" is any side. What a line does next, where it bends, which
colour comes after which: such rules have no picture of the input, but a cell and those written before it tell.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from arc.grids.canvas import PAD
from arc.grids.symmetries import INVERSE, dihedral
from arc.solving.search.pieces import VALUES, Piece, as_grids, different
from arc.solving.search.tables import Fit, errors

VIEWS: tuple[tuple[tuple[int, int], ...], ...] = (
    ((-1, 0),),
    ((-1, -1),),
    ((-1, -1), (-1, 1)),
    ((-1, -1), (-1, 0), (-1, 1)),
    ((-1, 0), (-2, 0)),
    ((-2, 0), (-1, -2), (-1, -1), (-1, 1), (-1, 2)),
    ((0, -1),),
    ((0, -1), (-1, 0)),
    ((0, -1), (0, -2)),
)
"""Which cells of the answer are read, as (row, column) from the cell that is written; all are written before it."""
SYMMETRIES_TRIED = (0, 1, 2, 3)
MOST_PIECES = 150
MOST_KEYS = 200
"""Of what may be seen in a view."""
MOST_FITS = 6
"""Pieces that are taken with a view, the simplest first."""
UNKNOWN = 0.5
"""How far a rule is trusted that meets what no demonstration showed."""
COST = 0.5
"""Of reading a cell of the answer, for each that is read."""


class _Grids(NamedTuple):
    """Values of a piece as grids, turned."""

    shown: list[np.ndarray]
    asked: list[np.ndarray]


def growing(
    pieces: Sequence[Piece], outputs: Sequence[np.ndarray], asked: Sequence[tuple[int, int]], most: int = MOST_PIECES
) -> Iterator[Fit]:
    """Rules that write every demonstration's output, (H, W) each; asked: shapes of the answers."""
    pieces = _useful(pieces, most)
    if not pieces or len(outputs) < 2:
        return
    target = np.concatenate([grid.ravel() for grid in outputs])
    shown = np.stack([piece.shown for piece in pieces]).astype(np.int64)
    for symmetry in SYMMETRIES_TRIED:
        turned = [dihedral(grid, symmetry) for grid in outputs]
        for view in VIEWS:
            # Turned back, what is seen lies over the pieces as they are.
            seen = [[dihedral(_seen(grid, step), INVERSE[symmetry]).ravel() for grid in turned] for step in view]
            key = shown[0]
            for parts in seen:
                key = key * VALUES + np.concatenate(parts)
            names, key = np.unique(key, return_inverse=True)
            if len(names) > MOST_KEYS:
                continue
            for place in np.flatnonzero(errors(key, shown, target) == 0)[:MOST_FITS]:
                given = [_turned(pieces[number], outputs, asked, symmetry) for number in (0, place)]
                answer, trust = _fit(*given, turned, view, symmetry)
                cost = pieces[0].depth + (pieces[place].depth + 0.5) * (place > 0) + COST * len(view) + 1
                path = (*pieces[0].path, "&", *pieces[place].path, "&", f"answer at {' '.join(map(str, view))} turned {symmetry}")
                yield Fit(answer, trust, cost, path)


def _fit(base, other, outputs, view, symmetry):
    """(the answers' cells, trust)."""
    shown = [np.stack(pair) for pair in zip(base.shown, other.shown, strict=True)]
    table = _table(shown, outputs, view)
    written = [_write(table, np.stack(pair), view) for pair in zip(base.asked, other.asked, strict=True)]
    answer = np.concatenate([dihedral(grid, INVERSE[symmetry]).ravel() for grid, _ in written])
    known = all(is_known for _, is_known in written)
    return answer.astype(np.int8), _trust(shown, outputs, view) * (1.0 if known else UNKNOWN)


def _useful(pieces, most):
    """What lies under the answer, and the simplest pieces that differ in the demonstrations."""
    return different(sorted(pieces, key=lambda piece: (piece.path not in ((), ("own",)), piece.depth)), most)


def _turned(piece, outputs, asked, symmetry) -> _Grids:
    shapes = [grid.shape for grid in outputs]
    both = ((piece.shown, shapes), (piece.asked, asked))
    return _Grids(*([dihedral(grid, symmetry) for grid in as_grids(values, sides)] for values, sides in both))


def _seen(grid, step):
    """What stands `step` from each cell, PAD outside."""
    row, column = step
    padded = np.pad(grid, 2, constant_values=PAD)
    return padded[2 + row : 2 + row + grid.shape[0], 2 + column : 2 + column + grid.shape[1]].astype(np.int64)


def _table(values, outputs, view) -> dict[tuple, int]:
    table = {}
    for own, grid in zip(values, outputs, strict=True):
        columns = [*(one.ravel().tolist() for one in own), *(_seen(grid, step).ravel().tolist() for step in view)]
        table.update(zip(zip(*columns, strict=True), grid.ravel().tolist(), strict=True))
    return table


def _write(table, own, view) -> tuple[np.ndarray, bool]:
    """The answer written in reading order, and whether the table knew what comes next in every cell."""
    _, height, width = own.shape
    found = [[PAD] * (width + 4) for _ in range(height + 2)]
    (base, other), known = own.tolist(), True
    for row in range(height):
        for column in range(width):
            key = (base[row][column], other[row][column], *(found[row + 2 + down][column + 2 + right] for down, right in view))
            known &= key in table
            found[row + 2][column + 2] = table.get(key, min(base[row][column], PAD - 1))
    return np.array(found, np.int8)[2:, 2:-2], known


def _trust(values, outputs, view):
    """Share of the demonstrations that the others' table writes."""
    places = range(len(outputs))
    right = 0
    for one in places:
        others = [other for other in places if other != one]
        written, _ = _write(_table([values[other] for other in others], [outputs[other] for other in others], view), values[one], view)
        right += np.array_equal(written, outputs[one])
    return right / len(outputs)
