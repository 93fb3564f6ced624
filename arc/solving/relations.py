"""What is known of a cell before anything is learnt: colours that it may take, facts about it, and facts about it and a colour (ours).

Rules of ARC speak of rays, mirror images, repeated patterns, enclosed areas, largest objects. A network that had to find these from
three demonstrations would need more steps than a CPU has seconds; here they are computed, and which of them matter is what is learnt.
Renaming the colours of a grid, its background apart, renames `colours` and permutes `presence`, and changes nothing else.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from arc.grids.canvas import PAD
from arc.grids.tasks import COLOURS

NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
CROSS = ndimage.generate_binary_structure(2, 1)
SQUARE = ndimage.generate_binary_structure(2, 2)
LARGEST_PERIOD = 15


class Relations(NamedTuple):
    """Of every cell of a grid (H, W); the second axis from the end of `presence` is the colour 0..9."""

    colours: np.ndarray
    """(H, W, len(COLOUR_NAMES)) int8: the colour at the end of a ray, in the mirror and so on; PAD (10) where there is none."""
    facts: np.ndarray
    """(H, W, len(FACT_NAMES)) float32 in 0..1."""
    presence: np.ndarray
    """(H, W, 10, len(PRESENCE_NAMES)) float32 in 0..1: facts about a cell and a colour."""


def relations(grid: np.ndarray, background: int) -> Relations:
    """All relations of the cells of a grid (H, W) of colours 0..9, one of which is the background."""
    parts = _Parts(grid, background)
    colours, facts, presence = _colours(grid, background, parts), _facts(grid, background, parts), _presence(grid, background, parts)
    return Relations(
        np.stack(list(colours.values()), axis=2).astype(np.int8),
        np.stack(list(facts.values()), axis=2).astype(np.float32),
        np.stack(list(presence.values()), axis=3).astype(np.float32),
    )


def places(height: int, width: int) -> np.ndarray:
    """Facts about the place of a cell on a canvas, (height, width, len(PLACE_NAMES)) float32."""
    return np.stack(list(_places(height, width).values()), axis=2).astype(np.float32)


def _places(height, width):
    row, column = np.indices((height, width))
    edge = np.minimum.reduce([row, column, height - 1 - row, width - 1 - column])
    found = {"row odd": row % 2, "column odd": column % 2, "sum odd": (row + column) % 2, "edge odd": edge % 2}
    found |= {"row odd from end": (height - 1 - row) % 2, "column odd from end": (width - 1 - column) % 2}
    found |= {f"row mod 3 is {k}": row % 3 == k for k in range(3)} | {f"column mod 3 is {k}": column % 3 == k for k in range(3)}
    found |= {f"edge is {k}": edge == k for k in range(3)}
    found |= {"diagonal": row == column, "other diagonal": row + column == width - 1}
    found |= {"first row": row == 0, "last row": row == height - 1, "first column": column == 0, "last column": column == width - 1}
    found |= {"middle row": 2 * row == height - 1, "middle column": 2 * column == width - 1}
    return found | {
        "row": row / 30,
        "column": column / 30,
        "row from end": (height - 1 - row) / 30,
        "column from end": (width - 1 - column) / 30,
    }


class _Parts:
    """Connected parts of a grid: of one colour (across corners too, but for the background), and objects of whatever colours."""

    def __init__(self, grid, background):
        self.labels, self.colour = _of_one_colour(grid, background)
        self.objects, _ = ndimage.label(grid != background, SQUARE)
        self.boxes = ndimage.find_objects(self.labels)
        count = len(self.boxes)
        self.size = np.bincount(self.labels.ravel(), minlength=count + 1)
        at_edge = np.concatenate([self.labels[0], self.labels[-1], self.labels[:, 0], self.labels[:, -1]])
        self.touches = np.isin(np.arange(count + 1), at_edge)
        self.around, self.holes = np.full(count + 1, PAD), np.zeros(count + 1, int)
        self.filled, self.alike, self.mirrored = np.zeros(count + 1, bool), np.zeros(count + 1, int), np.zeros(count + 1, bool)
        self.height, self.width = np.zeros(count + 1, int), np.zeros(count + 1, int)
        shapes = {}
        for label, box in enumerate(self.boxes, 1):
            shape = self.labels[box] == label
            self.height[label], self.width[label] = shape.shape
            self.filled[label] = shape.all()
            self.mirrored[label] = np.array_equal(shape, shape[:, ::-1]) or np.array_equal(shape, shape[::-1])
            if self.colour[label] != background:
                shapes.setdefault((shape.shape, shape.tobytes()), []).append(label)
            if not self.touches[label]:
                # Above the first cell of its top row lies what encloses the part.
                owner = self.labels[box[0].start - 1, box[1].start + shape[0].argmax()]
                self.around[label] = self.colour[owner]
                self.holes[owner] += self.colour[label] == background
        for labels in shapes.values():
            self.alike[labels] = len(labels)
        self.drawn = np.array([False, *(self.colour[1:] != background)])

    def extreme(self, largest):
        """Labels of the largest (or smallest) parts that are drawn."""
        sizes = self.size[self.drawn]
        return self.drawn & (self.size == (sizes.max() if largest else sizes.min())) if sizes.size else self.drawn


def _of_one_colour(grid, background):
    labels, colours = np.zeros(grid.shape, int), [PAD]
    for colour in np.unique(grid):
        found, count = ndimage.label(grid == colour, CROSS if colour == background else SQUARE)
        labels = np.where(found > 0, found + len(colours) - 1, labels)
        colours += [colour] * count
    return labels, np.array(colours)


def _shifted(grid, row, column):
    """The colour `row` below and `column` to the right of each cell; PAD outside."""
    height, width = grid.shape
    padded = np.pad(grid, 2, constant_values=PAD)
    return padded[2 + row : 2 + row + height, 2 + column : 2 + column + width]


def _look(grid, background, row, column):
    """The first colour but the background that each cell sees in a direction; PAD if it sees none."""
    height, width = grid.shape
    seen = np.full((height + 2, width + 2), PAD, np.int8)
    source = np.full((height + 2, width + 2), background, np.int8)
    source[1:-1, 1:-1] = grid
    lines = range(1, height + 1) if row <= 0 else range(height, 0, -1)
    if row:
        for line in lines:
            there, before = source[line + row], seen[line + row]
            seen[line, 1:-1] = np.where(there != background, there, before)[1 + column : width + 1 + column]
        return seen[1:-1, 1:-1]
    return _look(grid.T, background, column, row).T


def _colours(grid, background, parts):
    height, width = grid.shape
    labels = parts.labels
    found = {"own": grid}
    found |= {f"next {offset}": _shifted(grid, *offset) for offset in NEIGHBOURS}
    found |= {f"next {offset}": _shifted(grid, *offset) for offset in ((-2, 0), (2, 0), (0, -2), (0, 2))}
    found |= {f"ray {step}": _look(grid, background, *step) for step in NEIGHBOURS}
    found |= {"mirror columns": grid[:, ::-1], "mirror rows": grid[::-1], "mirror both": grid[::-1, ::-1]}
    none = np.full(grid.shape, PAD)
    square = height == width
    found |= {"mirror diagonal": grid.T if square else none, "mirror other diagonal": grid[::-1, ::-1].T if square else none}
    found |= {"mirror turn": np.rot90(grid) if square else none, "mirror turn back": np.rot90(grid, -1) if square else none}
    columns = _completed_by_mirror(grid)
    rows = _completed_by_mirror(grid.T).T
    found |= {"pattern mirror columns": columns, "pattern mirror rows": rows, "pattern mirror both": _completed_by_mirror(columns.T).T}
    found |= {"pattern tiles": _completed_by_tiles(grid), "pattern stripes": _completed_by_stripes(grid)}
    found |= {"edge left": grid[:, :1], "edge right": grid[:, -1:], "edge top": grid[:1], "edge bottom": grid[-1:]}
    counts = np.bincount(grid.ravel(), minlength=COLOURS)
    counts[background] = 0
    found |= {"count most": _winner(counts), "count least": _loser(counts)}
    found |= {"count in row": _commonest(grid, background, 1)[:, None], "count in column": _commonest(grid, background, 0)[None]}
    found |= {"object largest": _colour_of(parts, True), "object smallest": _colour_of(parts, False)}
    most, least = _within_objects(grid, parts)
    found |= {"object most": most, "object least": least, "part around": parts.around[labels]}
    return {name: np.broadcast_to(value, grid.shape) for name, value in (found | _bands(grid, background)).items()}


def _colour_of(parts, largest):
    chosen = np.unique(parts.colour[parts.extreme(largest)])
    return chosen[0] if len(chosen) == 1 else PAD


def _commonest(grid, background, axis):
    counts = np.stack([(grid == colour).sum(axis) for colour in range(COLOURS)])
    counts[background] = 0
    return _winner(counts.T)


def _within_objects(grid, parts):
    """The commonest and the rarest colour of each cell's object."""
    count = parts.objects.max() + 1
    table = np.bincount(parts.objects.ravel() * COLOURS + grid.ravel(), minlength=count * COLOURS).reshape(count, COLOURS)
    table[0] = 0
    return _winner(table)[parts.objects], _loser(table)[parts.objects]


def _winner(counts):
    """The colour that is counted most, PAD where nothing is or two are as common; `counts` (..., 10)."""
    most = counts.max(-1)
    alone = (counts == most[..., None]).sum(-1) == 1
    return np.where(alone & (most > 0), counts.argmax(-1), PAD)


def _loser(counts):
    """The colour that is counted least among those that are there."""
    return _winner(np.where(counts > 0, counts.max() + 1 - counts, 0))


def _completed_by_mirror(grid):
    """The colour in the vertical mirror that the grid agrees with best, if at least half of its columns have an image in it."""
    width = grid.shape[1]
    best, found = 0.0, np.full(grid.shape, PAD)
    for total in sorted(range(width // 2, 2 * width - 1 - width // 2), key=lambda total: abs(total - width + 1)):
        image = total - np.arange(width)
        inside = (image >= 0) & (image < width)
        agreement = (grid[:, inside] == grid[:, image[inside]]).mean()
        if inside.sum() * 2 >= width and agreement > best + 1e-9:
            best = agreement
            found = np.where(inside, grid[:, image.clip(0, width - 1)], PAD)
    return found


def _completed_by(grid, keys, penalty):
    """(agreement less a penalty for every class, the commonest colour of each cell's class)."""
    classes = keys.max() + 1
    table = np.bincount((keys * COLOURS + grid).ravel(), minlength=classes * COLOURS).reshape(classes, COLOURS)
    return table.max(1).sum() / grid.size - penalty * classes / grid.size, _winner(table)[keys]


def _completed_by_tiles(grid):
    """The commonest colour of the cells that lie a whole number of tiles away, for the tile that explains the grid best."""
    height, width = grid.shape
    row, column = np.indices(grid.shape)
    row_periods = [*range(1, min(LARGEST_PERIOD, height // 2) + 1), height]
    column_periods = [*range(1, min(LARGEST_PERIOD, width // 2) + 1), width]
    candidates = [(p, q) for p in row_periods for q in column_periods if p * q > 1 and (p, q) != (height, width)]
    found = [_completed_by(grid, row % p * q + column % q, 0.5) for p, q in candidates]
    return max(found, key=lambda one: one[0])[1] if found else np.full(grid.shape, PAD)


def _completed_by_stripes(grid):
    """The same along diagonals."""
    row, column = np.indices(grid.shape)
    found = [
        _completed_by(grid, (row + sign * column) % period, 0.5)
        for period in range(2, min(LARGEST_PERIOD, max(grid.shape)) + 1)
        for sign in (1, -1)
    ]
    return max(found, key=lambda one: one[0])[1] if found else np.full(grid.shape, PAD)


def lines(grid: np.ndarray, background: int) -> tuple[np.ndarray, np.ndarray]:
    """Which rows (H,) and which columns (W,) are lines of one colour that is not the background."""
    rows = (grid == grid[:, :1]).all(1) & (grid[:, 0] != background)
    columns = (grid == grid[:1]).all(0) & (grid[0] != background)
    return rows, columns


def _bands(grid, background):
    """What the bands between lines say: the commonest colour at the same place of all bands, and in the cell's own band."""
    rows, columns = lines(grid, background)
    band_row, within_row = _band_places(rows)
    band_column, within_column = _band_places(columns)
    outside = rows[:, None] | columns[None]
    classes = np.where(outside, 0, 1 + within_row[:, None] * grid.shape[1] + within_column[None])
    bands = np.where(outside, 0, 1 + band_row[:, None] * grid.shape[1] + band_column[None])
    many = rows.any() or columns.any()
    found = {}
    for name, keys in (("band place", classes), ("band own", bands)):
        table = np.bincount((keys * COLOURS + grid).ravel(), minlength=(keys.max() + 1) * COLOURS).reshape(-1, COLOURS)
        table[:, background] = 0
        table[0] = 0
        found[name] = _winner(table)[keys] if many else np.full(grid.shape, PAD)
    return found


def _band_places(line):
    """Number of each row's band, and its place within it."""
    starts = ~line & np.concatenate([[True], line[:-1]])
    index = np.arange(len(line))
    return np.cumsum(starts), index - np.maximum.accumulate(np.where(starts, index, 0))


def _facts(grid, background, parts):
    drawn = grid != background
    labels, objects = parts.labels, parts.objects
    size = parts.size[labels]
    found = {"own background": ~drawn}
    neighbours = [_shifted(grid, *offset) for offset in NEIGHBOURS]
    alike = np.sum([one == grid for one in neighbours], axis=0)
    around = np.sum([(one != background) & (one != PAD) for one in neighbours], axis=0)
    found |= {"next alike": alike / 8, "next drawn": around / 8, "next none drawn": around == 0, "next one drawn": around == 1}
    found |= {f"size is {k}": size == k for k in (1, 2, 3, 4)} | {"size is 5 to 8": (size > 4) & (size < 9), "size odd": size % 2}
    found |= {"part touches edge": parts.touches[labels], "part filled": parts.filled[labels], "part mirrored": parts.mirrored[labels]}
    found |= {"part largest": parts.extreme(True)[labels], "part smallest": parts.extreme(False)[labels]}
    found |= {f"part has {k} holes": drawn & (parts.holes[labels] == k) for k in range(3)}
    found |= {"part alone in shape": parts.alike[labels] == 1, "part square": (parts.height == parts.width)[labels]}
    alike_most = parts.alike == parts.alike.max()
    found |= {"part commonest in shape": alike_most[labels] & drawn, "part upright": (parts.height > parts.width)[labels]}
    same_colour = np.array([(parts.colour == colour).sum() for colour in parts.colour])
    found |= {"part alone in colour": (same_colour == 1)[labels], "enclosed": ~drawn & ~parts.touches[labels]}
    found |= _object_facts(grid, objects)
    rays = {step: _look(grid, background, *step) for step in NEIGHBOURS}
    found |= {f"ray {step} hits": rays[step] != PAD for step in NEIGHBOURS}
    for one, other in (((0, -1), (0, 1)), ((-1, 0), (1, 0)), ((-1, -1), (1, 1)), ((-1, 1), (1, -1))):
        found[f"ray {one} as {other}"] = (rays[one] == rays[other]) & (rays[one] != PAD)
    found["ray all"] = np.logical_and.reduce([rays[step] != PAD for step in ((0, -1), (0, 1), (-1, 0), (1, 0))])
    distance = ndimage.distance_transform_cdt(~drawn, "chessboard") if drawn.any() else np.full(grid.shape, 9)
    found |= {f"distance {k}": distance == k for k in (1, 2, 3)} | {"distance odd": distance % 2}
    rows, columns = lines(grid, background)
    found |= {"line row": rows[:, None], "line column": columns[None]}
    found |= {"row empty": ~drawn.any(1)[:, None], "column empty": ~drawn.any(0)[None]}
    found |= {"row uniform": (grid == grid[:, :1]).all(1)[:, None], "column uniform": (grid == grid[:1]).all(0)[None]}
    band_row, band_column = _band_places(rows)[0], _band_places(columns)[0]
    found |= {"band odd": (band_row[:, None] + band_column[None]) % 2, "band first row": band_row[:, None] == 1}
    found |= {"band first column": band_column[None] == 1}
    found |= {"grid objects": min(objects.max(), 10) / 10, "grid colours": len(np.unique(grid)) / 10, "grid drawn": drawn.mean()}
    found |= {"grid mirrored columns": np.array_equal(grid, grid[:, ::-1]), "grid mirrored rows": np.array_equal(grid, grid[::-1])}
    return {name: np.broadcast_to(value, grid.shape) for name, value in found.items()}


def _object_facts(grid, objects):
    """Facts about the object, of whatever colours, whose bounding box a cell lies in; the smallest box wins."""
    names = (
        "box",
        "box largest",
        "box smallest",
        "box edge row",
        "box edge column",
        "box middle row",
        "box middle column",
        "box one colour",
    )
    found = {f"object {name}": np.zeros(grid.shape, bool) for name in names}
    boxes = ndimage.find_objects(objects)
    sizes = np.bincount(objects.ravel(), minlength=len(boxes) + 1)[1:]
    order = sorted(range(len(boxes)), key=lambda index: -sizes[index])
    for index in order:
        box = boxes[index]
        height, width = (part.stop - part.start for part in box)
        row, column = np.indices((height, width))
        found["object box"][box] = True
        found["object box largest"][box] = sizes[index] == sizes.max()
        found["object box smallest"][box] = sizes[index] == sizes.min()
        found["object box edge row"][box] = (row == 0) | (row == height - 1)
        found["object box edge column"][box] = (column == 0) | (column == width - 1)
        found["object box middle row"][box] = 2 * row == height - 1
        found["object box middle column"][box] = 2 * column == width - 1
        found["object box one colour"][box] = len(np.unique(grid[box][objects[box] == index + 1])) == 1
    return found


def _presence(grid, background, parts):
    each = np.arange(COLOURS)
    marks = grid[..., None] == each  # (H, W, 10)
    shape = marks.shape
    counts = marks.sum((0, 1))
    found = {"is background": each == background, "in grid": counts > 0, "once": counts == 1}
    drawn = np.where(each == background, 0, counts)
    found |= {"count most": (drawn == drawn.max()) & (drawn > 0), "count rank": (drawn[:, None] > drawn).sum(1) / COLOURS}
    found |= {"count least": (drawn > 0) & (drawn == np.where(drawn > 0, drawn, grid.size + 1).min())}
    parts_of = np.bincount(parts.colour[1:], minlength=COLOURS)
    found |= {"in one part": parts_of == 1}
    padded = np.pad(marks, ((1, 1), (1, 1), (0, 0)))
    height, width = grid.shape
    near = np.stack([padded[1 + r : 1 + r + height, 1 + c : 1 + c + width] for r, c in NEIGHBOURS]).sum(0)
    found |= {"next": near > 0, "next several": near > 1, "next share": near / 8}
    found |= {"in row": marks.any(1)[:, None], "in column": marks.any(0)[None]}
    found |= {"in row share": marks.mean(1)[:, None], "in column share": marks.mean(0)[None]}
    left = np.logical_or.accumulate(marks, 1)
    right = np.logical_or.accumulate(marks[:, ::-1], 1)[:, ::-1]
    above = np.logical_or.accumulate(marks, 0)
    below = np.logical_or.accumulate(marks[::-1], 0)[::-1]
    found |= {"left": left, "right": right, "above": above, "below": below, "between row": left & right, "between column": above & below}
    table = np.zeros((parts.objects.max() + 1, COLOURS), bool)
    table[parts.objects.ravel(), grid.ravel()] = True
    table[0] = False
    found |= {"in object": table[parts.objects]}
    touching = np.zeros((len(parts.size), COLOURS), bool)
    for row, column in NEIGHBOURS:
        there = _shifted(grid, row, column)
        inside = there != PAD
        touching[parts.labels[inside], there[inside]] = True
    found |= {"next to part": touching[parts.labels]}
    rows, columns = lines(grid, background)
    on_lines = np.unique(np.concatenate([grid[rows].ravel(), grid[:, columns].ravel()]))
    found |= {"on lines": np.isin(each, on_lines)}
    return {name: np.broadcast_to(value, shape) for name, value in found.items()}


def _names():
    grid = np.array([[0, 1], [2, 0]], np.int8)
    parts = _Parts(grid, 0)
    return tuple(tuple(part) for part in (_colours(grid, 0, parts), _facts(grid, 0, parts), _places(1, 1), _presence(grid, 0, parts)))


COLOUR_NAMES, FACT_NAMES, PLACE_NAMES, PRESENCE_NAMES = _names()
"""What stands at each place of the last axis; the first word is the kind."""
