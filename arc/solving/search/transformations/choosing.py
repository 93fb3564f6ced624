"""One picture of a list, by what is special about it.

What a picture is measured by is computed for each picture alone; a list compares its pictures.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from arc.grids.tasks import COLOURS, grid_key
from arc.solving.relations.parts import SQUARE
from arc.solving.search.transformations.cropping import box_of
from arc.solving.search.transformations.filling import enclosed

PLACES = 4
"""A picture may be chosen by its number up to this."""
ALONE = (
    "cells",
    "height",
    "width",
    "area",
    "fullness",
    "colours",
    "other colours",
    "rarer cells",
    "holes",
    "parts",
    "mirrored columns",
    "mirrored rows",
    "symmetry",
    "upper",
    "lower",
    "left",
    "right",
    "edge",
)
COMPARED = ("alike", "of the shape", "of the colour", "cells of the colour", "of the size")
ENDS = ("most", "least", "odd")
MEASURES = (*ALONE, *COMPARED)


class Measured(NamedTuple):
    """What is measured of a picture alone: ALONE, its drawn part, the shape of that, its commonest colour and how many cells it has."""

    values: tuple[float, ...]
    looks: bytes
    shape: bytes
    colour: int
    cells: int


def measured(picture: np.ndarray) -> Measured:
    """Measure a picture (H, W) in the box around what is drawn."""
    box = box_of(picture > 0)
    crop = picture[:1, :1] if box is None else np.ascontiguousarray(picture[box])
    mask = crop > 0
    counts = np.bincount(crop.ravel(), minlength=COLOURS)[1:]
    cells, most = int(counts.sum()), int(counts.max())
    height, width = crop.shape
    lower, right = (0, 0) if box is None else (box[0].stop, box[1].stop)
    flipped, mirrored = bool((crop == crop[::-1]).all()), bool((crop == crop[:, ::-1]).all())
    symmetry = flipped + mirrored + (height == width and (crop == crop.T).all()) + (crop == crop[::-1, ::-1]).all()
    holes = 0 if cells == crop.size else int(enclosed(crop).sum())
    edge = np.count_nonzero(picture[[0, -1]]) + np.count_nonzero(picture[:, [0, -1]])
    values = (
        cells,
        height,
        width,
        height * width,
        cells / (height * width),
        np.count_nonzero(counts),
        cells - most,
        counts[counts > 0].min() if cells else 0,
        holes,
        1 if cells == crop.size else ndimage.label(mask, SQUARE)[1],
        mirrored,
        flipped,
        symmetry,
        height - lower,
        lower,
        width - right,
        right,
        edge,
    )
    return Measured(tuple(map(float, values)), grid_key(crop), bytes(mask.shape) + mask.tobytes(), int(counts.argmax()), cells)


def chosen(found: Sequence[Measured]) -> Iterator[tuple[str, int]]:
    """(name, number of the picture): where one picture alone has the most or least of a measure, or another number than all others.

    Pictures that look alike count as one.
    """
    yield from ((f"number {place + 1}", place) for place in range(min(PLACES, len(found))))
    yield "last", len(found) - 1
    if len(found) == 1:
        yield from ((f"{end} {name}", 0) for name in MEASURES for end in ENDS)
        return
    looks = _numbered(one.looks for one in found)
    shapes, colours = _numbered(one.shape for one in found), np.array([one.colour for one in found])
    cells = np.array([one.cells for one in found])
    sizes = _numbered(one.cells for one in found)
    compared = [
        np.bincount(looks)[looks],
        np.bincount(shapes)[shapes],
        np.bincount(colours)[colours],
        np.bincount(colours, cells)[colours],
        np.bincount(sizes)[sizes],
    ]
    table = np.concatenate([np.array([one.values for one in found]), np.stack(compared, axis=1)], axis=1)
    for end, extreme in (("most", table.max(0)), ("least", table.min(0))):
        has = table == extreme
        first, count = has.argmax(0), has.sum(0)
        alike = (~has | (looks[:, None] == looks[first])).all(0) & (count < len(found))
        yield from ((f"{end} {MEASURES[place]}", int(first[place])) for place in np.flatnonzero(alike))
    if len(found) > 2:
        # Of all values of a measure one alone is had by one picture alone.
        alone = (table[:, None] == table[None]).sum(1) == 1
        yield from ((f"odd {MEASURES[place]}", int(alone[:, place].argmax())) for place in np.flatnonzero(alone.sum(0) == 1))


def _numbered(keys) -> np.ndarray:
    numbers: dict = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys])
