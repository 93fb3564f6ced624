"""Where a cell lies in what is drawn: in the bounding box, in the frame of lines, in the bands between lines (ours).

Rules that crop or count need places that the grid's own rows and columns do not say. A line is a row (or column) without background, or
of one colour; bands are what lies between lines. All of it is computed from the query in the graph.
"""

import numpy as np
from keras import ops

VIEWS = ("box_from_start", "box_from_end", "frame_from_start", "band", "within_band")


def views(query, side: int) -> dict[str, object]:
    """Numbers of the cells of queries (B, side * side) int32 with PAD 10: name -> (B, side * side) int32 in 0..side.

    Names are "row_" and "column_" with those of VIEWS. Places count from 1; 0 says that the cell lies outside box, frame or bands.
    """
    canvas = ops.reshape(query, (-1, side, side))
    rows, columns = _along_rows(canvas, side), _along_rows(ops.transpose(canvas, (0, 2, 1)), side)
    found = {f"row_{name}": ops.repeat(value, side, axis=1) for name, value in rows.items()}
    return found | {f"column_{name}": ops.tile(value, (1, side)) for name, value in columns.items()}


def _along_rows(canvas, side):
    """The views of each row of canvases (B, side, side): name -> (B, side) int32."""
    inside = ops.less(canvas, 10)
    drawn = ops.logical_and(inside, ops.greater(canvas, 0))
    exists = ops.any(inside, axis=2)
    full = ops.all(ops.logical_or(drawn, ops.logical_not(inside)), axis=2)
    # On a coloured ground every row is without background and only those of one colour are lines.
    full = ops.logical_and(full, ops.expand_dims(ops.any(ops.equal(canvas, 0), axis=(1, 2)), 1))
    lowest = ops.min(ops.where(inside, canvas, 10), axis=2)
    highest = ops.max(ops.where(inside, canvas, -1), axis=2)
    line = ops.logical_and(exists, ops.logical_or(full, ops.equal(lowest, highest)))
    ground = ops.logical_and(exists, ops.logical_not(line))
    before = ops.concatenate([ops.zeros_like(ground[:, :1]), ground[:, :-1]], axis=1)
    start = ops.logical_and(ground, ops.logical_not(before))
    return {
        **_box(ops.any(drawn, axis=2)),
        "frame_from_start": _from_first(line, exists),
        "band": ops.where(ground, _running_sum(start), 0),
        "within_band": ops.where(ground, _row_numbers(start) - _latest(start, side) + 1, 0),
    }


def _box(drawn):
    """Rows from the first and from the last one in which anything is drawn."""
    back = ops.flip(drawn, axis=1)
    after_first = ops.greater(_running_sum(drawn), 0)
    before_last = ops.flip(ops.greater(_running_sum(back), 0), axis=1)
    in_box = ops.logical_and(after_first, before_last)
    return {
        "box_from_start": ops.where(in_box, _running_sum(after_first), 0),
        "box_from_end": ops.where(in_box, ops.flip(_running_sum(ops.flip(before_last, axis=1)), axis=1), 0),
    }


def _from_first(line, exists):
    """Rows from the first line on, that one as 1."""
    return ops.where(exists, _running_sum(ops.greater(_running_sum(line), 0)), 0)


def _running_sum(flags):
    return ops.cumsum(ops.cast(flags, "int32"), axis=1)


def _row_numbers(flags):
    return ops.zeros_like(flags, dtype="int32") + np.arange(flags.shape[1], dtype=np.int32)


def _latest(flags, side):
    """Number of the last row up to each at which a flag stands; 0 before the first."""
    candidates = ops.where(flags, _row_numbers(flags), 0)
    upto = np.tri(side, dtype=np.int32)  # (row, candidate): the candidate is not later
    return ops.max(ops.expand_dims(candidates, 1) * upto, axis=2)
