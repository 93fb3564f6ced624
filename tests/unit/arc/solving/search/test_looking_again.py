"""What is known of the cells after a first step."""

import numpy as np

from arc.grids.tasks import Pair, Task
from arc.solving.search.looking_again import looks
from arc.solving.search.pieces import Piece, Shapes, target_of

# A gap is closed, and then what is enclosed is filled: before the first step nothing is enclosed.
OPEN = np.array([[0, 0, 0, 0, 0], [0, 3, 3, 3, 0], [0, 3, 0, 3, 0], [0, 3, 0, 3, 0], [0, 3, 3, 3, 0], [0, 0, 0, 0, 0]], np.int8)
OPEN[1, 2] = 0


def closed(grid):
    found = grid.copy()
    found[1, 2] = 3
    return found


def solved(grid):
    found = closed(grid)
    found[2:4, 2] = 8
    return found


def test_what_is_enclosed_is_known_once_the_gap_is_closed():
    grids = [OPEN, np.pad(OPEN, ((0, 1), (0, 2))), np.pad(OPEN, ((0, 2), (0, 0)))]
    task = Task("made", tuple(Pair(grid, solved(grid)) for grid in grids[:2]), (Pair(grids[2], None),))
    flat = [np.concatenate([change(grid).ravel() for grid in grids]) for change in (np.copy, closed)]
    shown = sum(grid.size for grid in grids[:2])
    pieces = [Piece(cells[:shown], cells[shown:], path, len(path), True) for cells, path in zip(flat, ((), ("closed",)), strict=True)]
    target, _ = target_of(task)
    (found, *_) = looks(task, Shapes((grids[2].shape,)), pieces, target)
    by_name = {piece.path: piece for piece in found}
    enclosed = by_name[("closed", "then", "enclosed")]
    assert (enclosed.shown.astype(bool) == (target == 8)).all() and enclosed.asked.sum() == 2 and enclosed.depth == 3


def test_there_is_nothing_to_look_at_where_no_picture_is_nearer_than_the_input():
    task = Task("made", (Pair(OPEN, solved(OPEN)),), (Pair(OPEN, None),))
    piece = Piece(OPEN.ravel(), OPEN.ravel(), (), 0, True)
    assert list(looks(task, Shapes((OPEN.shape,)), [piece], np.where(OPEN == 3, 3, 0).ravel())) == []
