"""Connected parts of a grid, and what is to be said of each: colour, size, shape, holes, what lies around it."""

import numpy as np
from scipy import ndimage

from arc.grids.canvas import PAD

CROSS = ndimage.generate_binary_structure(2, 1)
"""Neighbours across edges."""
SQUARE = ndimage.generate_binary_structure(2, 2)
"""Neighbours across edges and corners."""


class Parts:
    """Connected parts of a grid: of one colour (across corners too, but for the background), and objects of whatever colours."""

    def __init__(self, grid: np.ndarray, background: int):
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

    def extreme(self, largest: bool) -> np.ndarray:
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
