"""Where a cell lies in what is drawn: in the bounding box, the frame of lines, the bands between lines, the halves, beside a mark.

Rules that crop, fold or count need places that the grid's own rows and columns do not say. A line is a row (or column) without
background, or of one colour; bands are what lies between lines; marks are grey (5). All of it is computed from the query in the graph.
"""

from keras import ops

VIEWS = ("box_from_start", "box_from_end", "frame", "band", "half", "within_half", "mark")
MARK = 5
POINTERS = {
    "box": ("box_from_start", "box_from_start"),
    "mirrored_box": ("box_from_start", "box_from_end"),
    "frame": ("frame", "frame"),
    "band": ("band", "band"),
    "half": ("within_half", "within_half"),
    "mark": ("mark", "mark"),
}
"""The views of row and column by which a cell of the answer points at cells of the query."""


def views(query, side: int) -> dict[str, object]:
    """Numbers of the cells of queries (B, side * side) int32 with PAD 10: name -> (B, side * side) int32 in 0..side.

    Names are "row_" and "column_" with those of VIEWS. Places count from 1; 0 says that the cell lies outside box, frame, bands, halves,
    or the neighbourhood of a mark. Without a line the frame is the grid. "mark" is 1 before, 2 at and 3 after a mark.
    """
    canvas = ops.reshape(query, (-1, side, side))
    rows, columns = _along_rows(canvas, side), _along_rows(ops.transpose(canvas, (0, 2, 1)), side)
    found = {f"row_{name}": ops.repeat(value, side, axis=1) for name, value in rows.items()}
    found |= {f"column_{name}": ops.tile(value, (1, side)) for name, value in columns.items()}
    row, column = _beside(ops.equal(canvas, MARK), side)
    return found | {"row_mark": row, "column_mark": column}


def pointers(found: dict, side: int) -> dict[str, dict[str, object]]:
    """Weights of what is pointed at: {"answer" or "query": {pointer: (B, side * side, side * side) float32}}.

    A cell of the answer points, with equal weights, at all cells of the query that lie, within what is drawn, in its row and its column. A
    cell of the query points at the cells that lie where it does within their half ("half"), and at all of its own halves ("quarter").
    Without such cells the weights are 0. found: from `views`.
    """
    at = {name: _at(found[f"row_{row}"], found[f"column_{column}"], side) for name, (row, column) in POINTERS.items()}
    together = {"half": at["half"], "quarter": _at(found["row_half"], found["column_half"], side)}
    return {
        "answer": {name: _shares(ops.transpose(places, (0, 2, 1))) for name, places in at.items()},
        "query": {name: _shares(ops.matmul(places, ops.transpose(places, (0, 2, 1)))) for name, places in together.items()},
    }


def _at(row, column, side):
    """One-hot (B, cells, places) of the place of each cell; zeros where it has none."""
    return ops.one_hot(ops.where(ops.logical_and(row > 0, column > 0), (row - 1) * side + column - 1, -1), side * side)


def _shares(matches):
    return matches / ops.maximum(ops.sum(matches, axis=2, keepdims=True), 1.0)


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
        "frame": _from_first(line, exists),
        "band": ops.where(ground, _running_sum(start), 0),
        **_halves(exists),
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
    """Rows from the first line on, that one as 1; from the first row where no row is a line."""
    without = ops.logical_not(ops.any(line, axis=1, keepdims=True))
    return ops.where(exists, _running_sum(ops.greater(_running_sum(ops.logical_or(line, without)), 0)), 0)


def _halves(exists):
    """Whether rows lie in the first or in the second half, and where; the middle one of an odd number in neither."""
    count = ops.sum(ops.cast(exists, "int32"), axis=1, keepdims=True)
    row, half = _running_sum(exists), count // 2
    second = ops.logical_and(exists, ops.greater(row, count - half))
    first = ops.logical_and(exists, ops.less_equal(row, half))
    return {
        "half": ops.cast(first, "int32") + 2 * ops.cast(second, "int32"),
        "within_half": ops.where(first, row, ops.where(second, row - count + half, 0)),
    }


def _beside(marks, side):
    """Rows and columns (B, side * side) of the cells around marks (B, side, side), 1 to 3; where several are near, the largest."""
    padded = ops.pad(ops.cast(marks, "int32"), ((0, 0), (1, 1), (1, 1)))
    seen = {(row, column): padded[:, 3 - row : 3 - row + side, 3 - column : 3 - column + side] for row in (1, 2, 3) for column in (1, 2, 3)}
    axes = [ops.max(ops.stack([place[axis] * near for place, near in seen.items()]), axis=0) for axis in (0, 1)]
    return [ops.reshape(axis, (-1, side * side)) for axis in axes]


def _running_sum(flags):
    return ops.cumsum(ops.cast(flags, "int32"), axis=1)
