"""How the output of a task lies over its input: the shape of the answer, and which cells of the input speak for each of its cells.

A frame is found from the demonstrations alone. It gives, for an input, `sources` (V, height, width): V maps from cells of the output to
cells of the input (indices in reading order). The same shape is one map; an enlargement has one for the repeated and one for the stretched
input; an input of panels has one for each panel; a crop has the place it was taken from.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from arc.grids.symmetries import dihedral
from arc.grids.tasks import MAX_SIDE, Pair, Task
from arc.solving.relations.lines import lines
from arc.solving.relations.parts import SQUARE
from arc.solving.sizes import sizes
from longrun.errors import UserError

SOURCES = 9
"""Maps of a frame at most."""


class NoFrame(UserError):
    """No way to lay outputs over inputs fits the demonstrations of a task."""


class Frame(NamedTuple):
    """A way to lay outputs over inputs: its name, and input -> sources (V, height, width), or None where it cannot be laid."""

    name: str
    sources: Callable[[np.ndarray], np.ndarray | None]


def background_of(task: Task) -> int:
    """0 where every input has it, else the commonest colour of the inputs."""
    inputs = [pair.input for pair in task.pairs]
    if all((grid == 0).any() for grid in inputs):
        return 0
    return int(np.bincount(np.concatenate([grid.ravel() for grid in inputs])).argmax())


def frames(task: Task) -> list[Frame]:
    """The frames that give the shape of every demonstration's output, and some shape for every test input, the likeliest first."""
    tests = [pair.input for pair in task.test]
    for candidates in (_candidates, _of_sizes):
        found = [one for one in candidates(task) if _fits(one, task.train) and all(one.sources(grid) is not None for grid in tests)]
        if found:
            break
    agreement = {one.name: _agreement(one, task.train) for one in found}
    # Of many crops of the right size, the one that holds the right cells; but several sources of a cell say more than a crop.
    return sorted(found, key=lambda one: (agreement[one.name] < 1, one.name.startswith("crop"), -agreement[one.name]))


def _fits(frame: Frame, pairs: Sequence[Pair]) -> bool:
    laid = (frame.sources(pair.input) for pair in pairs)
    return all(one is not None and one.shape[1:] == pair.output.shape for one, pair in zip(laid, pairs, strict=True))


def _agreement(frame, pairs):
    """Share of the outputs' cells that the best of the sources, the same in all pairs, shows."""
    return float(np.mean([(pair.input.ravel()[frame.sources(pair.input)] == pair.output).mean((1, 2)) for pair in pairs], axis=0).max())


def _candidates(task: Task) -> Iterator[Frame]:
    background = background_of(task)
    yield Frame("same", lambda grid: _cells(grid)[None])
    first = task.train[0]
    height, width = first.output.shape
    rows, columns = first.input.shape
    if height % rows == 0 and width % columns == 0:
        factors = height // rows, width // columns
        yield Frame(f"times {factors}", lambda grid: _enlarged(grid, *factors))
    for name, box in _boxes(task, background):
        yield Frame(f"crop {name}", lambda grid, box=box: _cropped(grid, box))
    for gap in (1, 0):
        counts = (rows + gap) / (height + gap), (columns + gap) / (width + gap)
        if all(count == int(count) for count in counts) and 1 < counts[0] * counts[1] <= SOURCES:
            panels = int(counts[0]), int(counts[1])
            yield Frame(f"panels {panels} apart {gap}", lambda grid, panels=panels, gap=gap: _panels(grid, *panels, gap))
    if rows % height == 0 and columns % width == 0:
        blocks = rows // height, columns // width
        yield Frame(f"blocks {blocks}", lambda grid: _blocks(grid, *blocks))
    yield Frame("lattice", lambda grid: _lattice(grid, background))
    yield Frame("transposed", lambda grid: _cells(grid).T[None])
    yield Frame("stretched", lambda grid: _stretched(grid, height, width)[None])


def _of_sizes(task: Task) -> Iterator[Frame]:
    """Where nothing else fits: the input repeated and stretched over a size that is read off it."""
    for name, size in sizes(task, background_of(task)):
        yield Frame(f"size {name}", lambda grid, size=size: None if (shape := size(grid)) is None else _spread(grid, *shape))


def _spread(grid, height, width):
    row, column = np.indices((height, width))
    return np.stack([_cells(grid)[row % grid.shape[0], column % grid.shape[1]], _stretched(grid, height, width)])


def _cells(grid):
    return np.arange(grid.size).reshape(grid.shape)


def _enlarged(grid, down, right):
    height, width = grid.shape
    if down * height > MAX_SIDE or right * width > MAX_SIDE:
        return None
    cells = _cells(grid)
    stretched = np.kron(cells, np.ones((down, right), int))
    tiled = np.tile(cells, (down, right))
    row, column = np.indices((down * height, right * width))
    rows = np.where(row // height % 2, height - 1 - row % height, row % height)
    columns = np.where(column // width % 2, width - 1 - column % width, column % width)
    return np.stack([tiled, stretched, cells[rows, columns], cells[rows, column % width], cells[row % height, columns]])


def _panels(grid, down, right, gap):
    height, width = grid.shape
    if (height + gap) % down or (width + gap) % right or height < down or width < right:
        return None
    size = (height + gap) // down - gap, (width + gap) // right - gap
    if min(size) < 1:
        return None
    starts = [(r * (size[0] + gap), c * (size[1] + gap)) for r in range(down) for c in range(right)]
    return np.stack([_cells(grid)[r : r + size[0], c : c + size[1]] for r, c in starts])


def _blocks(grid, down, right):
    if grid.shape[0] % down or grid.shape[1] % right:
        return None
    middle = _cells(grid)[down // 2 :: down, right // 2 :: right]
    corners = [_cells(grid)[r::down, c::right] for r in {0, down - 1} for c in {0, right - 1}]
    return np.stack([middle, *corners])


def _lattice(grid, background):
    """One cell for each band between lines."""
    starts = [[at for at in range(len(line)) if not line[at] and (at == 0 or line[at - 1])] for line in lines(grid, background)]
    if not all(starts) or len(starts[0]) * len(starts[1]) < 2:
        return None
    return _cells(grid)[np.ix_(*starts)][None]


def _stretched(grid, height, width):
    rows = np.arange(height) * grid.shape[0] // height
    columns = np.arange(width) * grid.shape[1] // width
    return _cells(grid)[np.ix_(rows, columns)]


def _cropped(grid, box):
    found = box(grid)
    return None if found is None else _cells(grid)[found][None]


def _boxes(task, background):
    """Named functions grid -> (slice, slice) or None: places that a rule may crop to."""
    drawn = lambda grid: _box_of(grid != background)  # noqa: E731
    yield "drawn", drawn
    yield "within drawn", lambda grid: _inner(drawn(grid))
    for colour in range(10):
        of_colour = lambda grid, colour=colour: _box_of(grid == colour)  # noqa: E731
        yield f"colour {colour}", of_colour
        yield f"within colour {colour}", lambda grid, of_colour=of_colour: _inner(of_colour(grid))
    for whole in (True, False):
        for name, rank in _RANKS.items():
            yield f"{name} {'object' if whole else 'part'}", lambda grid, whole=whole, rank=rank: _best(grid, background, whole, rank)
    for name, rank in _RANKS.items():
        yield f"within {name} part", lambda grid, rank=rank: _inner(_best(grid, background, False, rank))
    for name, half in _HALVES.items():
        yield name, half


def _box_of(mask):
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if rows.size else None


def _inner(box):
    if box is None or box[0].stop - box[0].start < 3 or box[1].stop - box[1].start < 3:
        return None
    return np.s_[box[0].start + 1 : box[0].stop - 1, box[1].start + 1 : box[1].stop - 1]


_RANKS: dict[str, Callable] = {
    "largest": lambda grid, shape, cells: shape.sum(),
    "smallest": lambda grid, shape, cells: -shape.sum(),
    "most colourful": lambda grid, shape, cells: len(np.unique(cells)),
    "longest": lambda grid, shape, cells: shape.size,
    "fullest": lambda grid, shape, cells: shape.mean(),
    "emptiest": lambda grid, shape, cells: -shape.mean(),
    "rarest colour": lambda grid, shape, cells: -(grid == cells[shape][0]).sum(),
    "most spotted": lambda grid, shape, cells: (cells[shape] != np.bincount(cells[shape]).argmax()).sum(),
    "mirrored": lambda grid, shape, cells: np.array_equal(cells, cells[:, ::-1]) or np.array_equal(cells, cells[::-1]),
    "not mirrored": lambda grid, shape, cells: not (np.array_equal(cells, cells[:, ::-1]) or np.array_equal(cells, cells[::-1])),
}
_HALVES: dict[str, Callable] = {
    "upper half": lambda grid: np.s_[: grid.shape[0] // 2, :] if grid.shape[0] > 1 else None,
    "lower half": lambda grid: np.s_[(grid.shape[0] + 1) // 2 :, :] if grid.shape[0] > 1 else None,
    "left half": lambda grid: np.s_[:, : grid.shape[1] // 2] if grid.shape[1] > 1 else None,
    "right half": lambda grid: np.s_[:, (grid.shape[1] + 1) // 2 :] if grid.shape[1] > 1 else None,
}


def _best(grid, background, whole, rank):
    """The box of the object (or part of one colour) that ranks highest, the first of equals."""
    masks = [grid != background] if whole else [grid == colour for colour in np.unique(grid) if colour != background]
    found = []
    for mask in masks:
        labels, _ = ndimage.label(mask, SQUARE)
        for label, box in enumerate(ndimage.find_objects(labels), 1):
            found.append((rank(grid, labels[box] == label, grid[box]), box))
    return max(found, key=lambda one: one[0])[1] if found else None


def turned(sources: np.ndarray, shape: tuple[int, int], symmetry: int) -> np.ndarray:
    """The sources of a frame when input and output are turned by `symmetry`; shape: of the input before it."""
    before = dihedral(np.arange(shape[0] * shape[1]).reshape(shape), symmetry)
    after = np.empty(before.size, int)
    after[before.ravel()] = np.arange(before.size)
    return np.stack([after[dihedral(one, symmetry)] for one in sources])
