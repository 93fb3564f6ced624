"""A second look: a rule that gives most of the answer is applied, and what is known of its pictures' cells is worked out anew.

Many rules have two steps, and what the second reads (what is enclosed, which part is the largest, where a ray ends) is only there after the
first. Which picture to look at: that which is nearest to the demonstrations' outputs.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from arc.grids.tasks import COLOURS, Pair, Task
from arc.solving.frames import Frame
from arc.solving.search.pieces import VALUES, Piece, Shapes, as_grids, of_relations
from arc.solving.search.tables import errors

LOOKS = 3
COST = 1.0
"""Of a look, in steps, besides what the picture costs."""
MOST_PIECES = 500


def looks(task: Task, shapes: Shapes, pieces: Sequence[Piece], target: np.ndarray, most: int = LOOKS) -> Iterator[list[Piece]]:
    """Pieces read off each of the pictures that are nearest to the outputs, and nearer than what lies under them; target as in tables."""
    sizes = [pair.output.shape for pair in task.train], shapes.tests
    same = Frame("same", lambda grid: np.arange(grid.size).reshape(1, *grid.shape))
    for picture in _nearest(pieces, target, most):
        shown, asked = (as_grids(cells, shape) for cells, shape in zip((picture.shown, picture.asked), sizes, strict=True))
        pairs = tuple(Pair(grid, pair.output) for grid, pair in zip(shown, task.train, strict=True))
        again = Task(task.id, pairs, tuple(Pair(grid, None) for grid in asked))
        _, found = of_relations(again, same, 0)
        yield [_after(picture, piece) for piece in found]


def _after(picture, piece):
    return piece._replace(path=(*picture.path, "then", *piece.path), depth=picture.depth + COST + piece.depth)


def _nearest(pieces, target, most) -> list[Piece]:
    """Pictures, and tables of what lies under the answer and another piece, with the fewest cells wrong but some; different ones."""
    pieces = sorted(pieces, key=lambda piece: piece.depth)[:MOST_PIECES]
    base = next((piece for piece in pieces if piece.is_picture), None)
    if base is None:
        return []
    base = next((piece for piece in pieces if piece.path in ((), ("own",))), base)
    shown = np.stack([piece.shown for piece in pieces]).astype(np.int64)
    alone = np.where([piece.is_picture for piece in pieces], (shown != target).sum(1), target.size)
    joint = errors(base.shown.astype(np.int64), shown, target)
    least = (base.shown != target).sum()
    ways = sorted(
        (int(wrong[place]), place, is_table) for is_table, wrong in ((False, alone), (True, joint)) for place in range(len(pieces))
    )
    found, seen = [], {np.asarray(base.shown, np.int8).tobytes()}
    for wrong, place, is_table in ways:
        if wrong >= least or len(found) == most:
            break
        picture = _tabled(base, pieces[place], target) if is_table else pieces[place]
        key = np.asarray(picture.shown, np.int8).tobytes()
        if wrong and key not in seen and max(picture.shown.max(), picture.asked.max()) < COLOURS:
            seen.add(key)
            found.append(picture)
    return found


def _tabled(base, piece, target):
    """The commonest colour for each pair of values, as a picture; for a pair that is not shown, what lies under it."""
    key, asked = (one.astype(np.int64) * VALUES + other for one, other in ((base.shown, piece.shown), (base.asked, piece.asked)))
    counts = np.bincount(key * COLOURS + target, minlength=VALUES * VALUES * COLOURS).reshape(-1, COLOURS)
    colours, known = counts.argmax(1), counts.any(1)
    values = colours[key].astype(np.int8), np.where(known[asked], colours[asked], base.asked).astype(np.int8)
    return Piece(*values, (*base.path, "&", *piece.path), base.depth + piece.depth + 0.5, True)
