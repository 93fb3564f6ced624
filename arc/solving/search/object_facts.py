"""What is known of the object that a cell belongs to: sizes, ranks, counts and colours, as small numbers and as colours.

The networks read shares and truths (`relations`); rules that are searched for read numbers, such as the rank of an object by its size.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy import ndimage

from arc.grids.canvas import PAD
from arc.grids.symmetries import dihedral
from arc.grids.tasks import COLOURS
from arc.solving.relations.parts import CROSS, SQUARE

MOST_OBJECTS = 60
LARGEST = PAD
"""Numbers are cut off here."""


def object_facts(grid: np.ndarray) -> Iterator[tuple[str, np.ndarray, bool]]:
    """(name, (H, W) int8 of 0..10, whether they are colours) of each kind of object; 0 is the background of the grid.

    A number is 0 where a cell belongs to no object of that kind, a colour is PAD (10) where there is none.
    """
    for kind, split in _KINDS.items():
        labels, count = split(grid)
        # Where a kind is missing in one grid of a task, its facts are no facts of the task.
        if 0 < count <= MOST_OBJECTS:
            for name, values, is_colour in _Objects(grid, labels, count).facts():
                yield f"{kind} {name}", values, is_colour


def _parts(grid, structure):
    labels, count = np.zeros(grid.shape, int), 0
    for colour in np.unique(grid[grid > 0]):
        found, more = ndimage.label(grid == colour, structure)
        labels = np.where(found > 0, found + count, labels)
        count += more
    return labels, count


def _boxes(grid):
    """The smallest box around an object that a cell lies in."""
    labels, count = ndimage.label(grid > 0, SQUARE)
    found = np.zeros_like(labels)
    boxes = ndimage.find_objects(labels)
    for label in sorted(range(count), key=lambda label: -labels[boxes[label]].size):
        found[boxes[label]] = label + 1
    return found, count


_KINDS: dict[str, Callable[[np.ndarray], tuple[np.ndarray, int]]] = {
    "part": lambda grid: _parts(grid, SQUARE),
    "part across edges": lambda grid: _parts(grid, CROSS),
    "object": lambda grid: ndimage.label(grid > 0, SQUARE),
    "area": lambda grid: ndimage.label(grid == 0, CROSS),
    "box": _boxes,
}


class _Objects:
    """Labels 1..count of a grid (H, W); everything of an object stands at its label less one."""

    def __init__(self, grid, labels, count):
        self._grid, self._labels, self._count = grid, labels, count
        self._boxes = ndimage.find_objects(labels)
        self._masks = [labels[box] == label for label, box in enumerate(self._boxes, 1)]
        self._colours = np.zeros((count + 1, COLOURS), int)
        np.add.at(self._colours, (labels.ravel(), grid.ravel()), 1)
        self._colours = self._colours[1:]

    def facts(self) -> Iterator[tuple[str, np.ndarray, bool]]:
        for name, values in self._numbers().items():
            yield name, self._spread(np.minimum(np.asarray(values, int), LARGEST), 0), False
        for name, values in self._hues().items():
            yield name, self._spread(np.asarray(values, int), PAD), True
        for name, values in self._turned().items():
            yield name, values, True
        for name, values in self._within().items():
            yield name, np.where(self._labels > 0, np.minimum(values, LARGEST), 0).astype(np.int8), False

    def _spread(self, values, nothing):
        return np.concatenate([[nothing], values]).astype(np.int8)[self._labels]

    def _numbers(self):
        height = np.array([mask.shape[0] for mask in self._masks])
        width = np.array([mask.shape[1] for mask in self._masks])
        size = np.array([mask.sum() for mask in self._masks])
        top, left = (np.array([box[axis].start for box in self._boxes]) for axis in (0, 1))
        drawn = self._colours[:, 1:]
        main = self._main()
        found = {"size": size, "height": height, "width": width, "colours": (drawn > 0).sum(1), "empty cells": height * width - size + 1}
        found |= {"size rank": _rank(-size), "size rank from least": _rank(size), "size parity": size % 2 + 1}
        found |= {"height rank": _rank(-height), "width rank": _rank(-width), "fullness rank": _rank(size / (height * width))}
        found |= {"column rank": _rank(left), "row rank": _rank(top), "rarer cells rank": _rank(size - drawn.max(1))}
        found |= {"alike": _alike([mask.tobytes() + bytes(mask.shape) for mask in self._masks])}
        found |= {"alike turned": _alike([_shape(mask) for mask in self._masks])}
        found |= {"of its size": _alike(size.tolist()), "of its colour": _alike(main.tolist())}
        found |= {"of its looks": _alike([self._looks(label) for label in range(self._count)])}
        found |= {"holes": [_holes(mask) + 1 for mask in self._masks], "sides touched": self._sides() + 1}
        found |= {"form": [_form(mask) for mask in self._masks], "symmetry": [_symmetry(mask) for mask in self._masks]}
        found |= {"neighbours": self._neighbours()[0], "cells of its colour rank": _rank(-np.bincount(main, size, COLOURS)[main])}
        found |= {"number of objects": np.full(self._count, self._count)}
        return found

    def _hues(self):
        """Colours: the commonest and the rarest within, those beside it, and that of another object of the same shape."""
        most = self._colours.copy()
        most[:, 0] = 0
        rare = np.where(most > 0, most, 999).argmin(1)
        own = most.argmax(1)
        found = {"rarest colour": np.where(most.any(1), rare, PAD), "commonest colour": np.where(most.any(1), own, PAD)}
        found["beside"] = self._neighbours()[1]
        for name, keys in (
            ("shape", [_shape(mask) for mask in self._masks]),
            ("size", [int(mask.sum()) for mask in self._masks]),
            ("height", [mask.shape[0] for mask in self._masks]),
            ("width", [mask.shape[1] for mask in self._masks]),
        ):
            found[f"other of its {name}"] = [_other(own, keys, label) for label in range(self._count)]
        found["in its rows"] = [self._line(own, label, 0) for label in range(self._count)]
        found["in its columns"] = [self._line(own, label, 1) for label in range(self._count)]
        return found

    def _turned(self):
        """The colour in the object's own mirror images, in the box around it."""
        turns = {"mirrored columns": np.s_[:, ::-1], "mirrored rows": np.s_[::-1], "half turned": np.s_[::-1, ::-1]}
        found = {name: np.full(self._grid.shape, PAD, np.int8) for name in (*turns, "transposed")}
        for label, box in enumerate(self._boxes, 1):
            inside, cells = self._labels[box] == label, self._grid[box]
            images = {name: cells[turn] for name, turn in turns.items()}
            if cells.shape[0] == cells.shape[1]:
                images["transposed"] = cells.T
            for name, image in images.items():
                found[name][box] = np.where(inside, image, found[name][box])
        return found

    def _within(self):
        """Where a cell lies in its object: from each side of its box, and how deep."""
        shape = self._grid.shape
        found = {name: np.zeros(shape, int) for name in ("row within", "column within", "row from end", "column from end")}
        for label, box in enumerate(self._boxes, 1):
            inside = self._labels[box] == label
            row, column = np.indices(inside.shape)
            values = (row, column, inside.shape[0] - 1 - row, inside.shape[1] - 1 - column)
            for name, value in zip(found, values, strict=True):
                found[name][box] = np.where(inside, value + 1, found[name][box])
        padded = np.pad(self._labels, 1)
        edge = [np.roll(padded, shift, axis)[1:-1, 1:-1] != self._labels for shift in (1, -1) for axis in (0, 1)]
        border = np.logical_or.reduce(edge)
        depth = ndimage.distance_transform_cdt(~border, "taxicab") if border.any() else np.zeros(shape, int)
        layers = np.minimum.reduce([found["row within"], found["row from end"], found["column within"], found["column from end"]])
        found |= {"depth": depth + 1, "layer": layers, "layer parity": layers % 2 + 1}
        found["corner"] = ((found["row within"] == 1) | (found["row from end"] == 1)) * 1 + (
            (found["column within"] == 1) | (found["column from end"] == 1)
        )
        return found | {f"{name} parity": found[name] % 2 + 1 for name in ("row within", "column within")}

    def _main(self):
        drawn = self._colours.copy()
        drawn[:, 0] = 0
        return drawn.argmax(1)

    def _looks(self, label):
        cells = np.where(self._masks[label], self._grid[self._boxes[label]], 0)
        return cells.tobytes() + bytes(cells.shape)

    def _sides(self):
        height, width = self._grid.shape
        return np.array(
            [(rows.start == 0) + (rows.stop == height) + (columns.start == 0) + (columns.stop == width) for rows, columns in self._boxes]
        )

    def _neighbours(self):
        """(how many colours lie beside each object, the only one of them that is drawn or PAD)."""
        beside = np.zeros((self._count + 1, COLOURS), bool)
        for labels, grid in ((self._labels, self._grid), (self._labels.T, self._grid.T)):
            edge = labels[1:] != labels[:-1]
            beside[labels[1:][edge], grid[:-1][edge]] = True
            beside[labels[:-1][edge], grid[1:][edge]] = True
        beside = beside[1:, 1:]
        count = beside.sum(1)
        return count + 1, np.where(count == 1, beside.argmax(1) + 1, PAD)

    def _line(self, own, label, axis):
        """The only colour of other objects in the same rows (columns)."""
        mine = self._boxes[label][axis]
        colours = {
            int(own[other])
            for other, box in enumerate(self._boxes)
            if other != label and own[other] != own[label] and box[axis].start < mine.stop and mine.start < box[axis].stop
        }
        return colours.pop() if len(colours) == 1 else PAD


def _rank(values):
    """1 for the least, 2 for the next, equals alike."""
    return np.unique(np.asarray(values), return_inverse=True)[1] + 1


def _alike(keys):
    """How many have each one's key."""
    return [keys.count(key) for key in keys]


def _shape(mask):
    """The same for a mask however it is turned or mirrored."""
    return min(turned.tobytes() + bytes(turned.shape) for turned in (dihedral(mask, symmetry) for symmetry in range(8)))


def _other(own, keys, label):
    """The only colour of other objects with the same key and another colour."""
    colours = {int(own[other]) for other, key in enumerate(keys) if key == keys[label] and own[other] != own[label]}
    return colours.pop() if len(colours) == 1 else PAD


def _holes(mask):
    return int(ndimage.label(~np.pad(mask, 1), CROSS)[1]) - 1


def _form(mask):
    """1 a cell, 2 lying, 3 standing, 4 a square, 5 a rectangle, 6 a frame, 7 a diagonal, 8 anything else."""
    height, width = mask.shape
    if mask.all():
        return 1 if mask.size == 1 else 2 if height == 1 else 3 if width == 1 else 4 if height == width else 5
    if min(height, width) > 2 and not mask[1:-1, 1:-1].any() and mask.sum() == 2 * (height + width) - 4:
        return 6
    return 7 if height == width and mask.sum() == height and (mask.trace() == height or mask[::-1].trace() == height) else 8


def _symmetry(mask):
    flips = np.array_equal(mask, mask[::-1]), np.array_equal(mask, mask[:, ::-1]), np.array_equal(mask, mask[::-1, ::-1])
    return 1 + flips[0] + 2 * flips[1] + 4 * (flips[2] and not flips[0])
