"""A task seen as another: every object, or every field of a lattice, as a pair of its own, a lattice as a small grid, grids turned alike.

A rule that does the same to each object is then shown many times on small grids, and one that goes away from whichever side something
stands at goes down. An answer to the other task is put back into the grid.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from arc.grids.symmetries import INVERSE, dihedral
from arc.grids.tasks import Pair, Task, grid_key
from arc.solving.relations.parts import SQUARE
from arc.solving.search.transformations.lattice import fields, into_lattice

MOST_PAIRS = 10
"""Different pairs that are shown."""
MOST_TESTS = 24
MARGINS = (0, 1)

Box = tuple[slice, slice]
Split = Callable[[np.ndarray], Sequence[Box] | None]


class View(NamedTuple):
    """The other task, and from answers to all of its tests to the answers of this one; None where they do not go together."""

    name: str
    task: Task
    put_back: Callable[[Sequence[np.ndarray]], list[np.ndarray] | None]


def views(task: Task) -> Iterator[View]:
    """The views that a task has; 0 is its background."""
    if all(pair.input.shape == pair.output.shape for pair in task.train):
        for margin in MARGINS:
            yield from _of_places(task, f"each object with {margin} around", lambda grid, margin=margin: _objects(grid, margin))
        yield from _of_places(task, "each field", _fields)
    yield from _of_lattice(task)
    for name, turn in _TURNS.items():
        yield from _of_turns(task, name, turn)


def _objects(grid, margin):
    """Boxes around objects; None where they overlap."""
    labels, _ = ndimage.label(grid > 0, SQUARE)
    boxes = [tuple(slice(max(0, side.start - margin), side.stop + margin) for side in box) for box in ndimage.find_objects(labels)]
    covered = np.zeros(grid.shape, int)
    for box in boxes:
        covered[box] += 1
    return boxes if boxes and covered.max() == 1 else None


def _fields(grid):
    found = fields(grid)
    return None if found is None else [(row, column) for row in found[0] for column in found[1]]


def _of_places(task: Task, name: str, split: Split) -> Iterator[View]:
    """Each place of the inputs with what stands there in the output, where nothing changes elsewhere."""
    shown: dict[bytes, Pair] = {}
    for pair in task.train:
        boxes = split(pair.input)
        if boxes is None:
            return
        rest = pair.output.copy()
        for box in boxes:
            one = Pair(pair.input[box].copy(), pair.output[box].copy())
            if shown.setdefault(grid_key(one.input), one).key != one.key:
                return
            rest[box] = pair.input[box]
        if not np.array_equal(rest, pair.input):
            return
    asked: dict[bytes, np.ndarray] = {}
    places = [split(pair.input) for pair in task.test]
    if any(boxes is None for boxes in places):
        return
    for pair, boxes in zip(task.test, places, strict=True):
        for box in boxes:
            asked.setdefault(grid_key(pair.input[box]), pair.input[box].copy())
    if len(shown) < 2 or len(shown) <= len(task.train) and len(asked) <= len(task.test) or len(asked) > MOST_TESTS:
        return
    # Those that change most say most.
    order = sorted(shown.values(), key=lambda pair: -int((pair.input != pair.output).sum()))
    chosen = order[: MOST_PAIRS // 2] + order[MOST_PAIRS // 2 :][-(MOST_PAIRS // 2) :]
    other = Task(task.id, tuple(chosen), tuple(Pair(grid, None) for grid in asked.values()))

    def put_back(answers):
        known = dict(zip(asked, answers, strict=True))
        if any(grid.shape != asked[key].shape for key, grid in known.items()):
            return None
        whole = []
        for pair, boxes in zip(task.test, places, strict=True):
            grid = pair.input.copy()
            for box in boxes:
                grid[box] = known[grid_key(pair.input[box])]
            whole.append(grid)
        return whole

    yield View(name, other, put_back)


def _of_lattice(task: Task) -> Iterator[View]:
    """Each field, of one colour all over, as a cell; answers are lattices too, or what they are."""
    small = [_small(pair.input) for pair in task.pairs]
    if any(grid is None for grid in small):
        return
    outputs = [_small(pair.output) for pair in task.train]
    back = all(found is not None and np.array_equal(into_lattice(found, pair.input), pair.output)
               for found, pair in zip(outputs, task.train, strict=True))  # fmt: skip
    shown = outputs if back else [pair.output for pair in task.train]
    pairs = tuple(Pair(one, other) for one, other in zip(small[: len(shown)], shown, strict=True))
    other = Task(task.id, pairs, tuple(Pair(grid, None) for grid in small[len(shown) :]))

    def put_back(answers):
        if not back:
            return list(answers)
        whole = [into_lattice(grid, pair.input) for grid, pair in zip(answers, task.test, strict=True)]
        return None if any(grid is None for grid in whole) else whole

    yield View("lattice", other, put_back)


def _small(grid):
    found = fields(grid)
    if found is None:
        return None
    places = [[grid[row, column] for column in found[1]] for row in found[0]]
    if not all((field == field[0, 0]).all() for line in places for field in line):
        return None
    return np.array([[field[0, 0] for field in line] for line in places], np.int8)


def _of_turns(task: Task, name: str, turn: Callable[[np.ndarray], int | None]) -> Iterator[View]:
    """Each pair under the symmetry that its input asks for, where it is not the same for all."""
    turns = [turn(pair.input) for pair in task.pairs]
    if None in turns or len(set(turns)) == 1:
        return
    shown = len(task.train)
    train = (Pair(dihedral(pair.input, each), dihedral(pair.output, each)) for pair, each in zip(task.train, turns, strict=False))
    test = (Pair(dihedral(pair.input, each), None) for pair, each in zip(task.test, turns[shown:], strict=True))
    back = [INVERSE[each] for each in turns[shown:]]
    yield View(name, Task(task.id, tuple(train), tuple(test)), lambda grids: [dihedral(*both) for both in zip(grids, back, strict=True)])


def _lying(grid):
    height, width = grid.shape
    return None if height == width else 4 if height > width else 0


def _heavy_side_up(grid):
    """The turn after which the side with the most drawn cells is on top, None if two have as many."""
    drawn = [int((dihedral(grid, turn)[0] > 0).sum()) for turn in range(4)]
    return drawn.index(max(drawn)) if drawn.count(max(drawn)) == 1 else None


def _heavy_corner_first(grid):
    """The mirror images after which more is drawn on the left than on the right, and above than below."""
    drawn = grid > 0
    middle = [axis - axis[::-1] for axis in (drawn.sum(1), drawn.sum(0))]
    down, right = (int(axis[: len(axis) // 2].sum()) for axis in middle)
    if not down or not right:
        return None
    return {(True, True): 0, (False, False): 2, (True, False): _MIRRORED, (False, True): _FLIPPED}[down > 0, right > 0]


_CORNERS = np.arange(4).reshape(2, 2)
_MIRRORED = next(each for each in range(8) if np.array_equal(dihedral(_CORNERS, each), _CORNERS[:, ::-1]))
_FLIPPED = next(each for each in range(8) if np.array_equal(dihedral(_CORNERS, each), _CORNERS[::-1]))
_TURNS = {"lying": _lying, "heavy side up": _heavy_side_up, "heavy corner first": _heavy_corner_first}
