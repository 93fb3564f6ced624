"""A picture and the input it was made of: one laid over, cut by, or repeated by the other."""

import numpy as np

from arc.grids.tasks import COLOURS, MAX_SIDE
from arc.solving.search.transformations.cropping import cut
from arc.solving.search.transformations.tiling import product


def _alike(change):
    """Only where both have one size."""
    return lambda picture, given: change(picture, given) if picture.shape == given.shape else None


def _resized(picture, given):
    """The picture repeated until it covers what the input covers."""
    if picture.shape[0] > given.shape[0] or picture.shape[1] > given.shape[1]:
        return None
    down, right = (-(-size // side) for size, side in zip(given.shape, picture.shape, strict=True))
    return np.tile(picture, (down, right))[: given.shape[0], : given.shape[1]]


def _enlarged(picture, given):
    """The picture stretched to the size of the input."""
    down, right = (size // side for size, side in zip(given.shape, picture.shape, strict=True))
    if min(down, right) < 1 or (picture.shape[0] * down, picture.shape[1] * right) != given.shape or down * right == 1:
        return None
    return picture.repeat(down, 0).repeat(right, 1)


def _painted(picture, given):
    """What is drawn of the picture, in the colour of a small input."""
    colours = np.unique(given[given > 0])
    return np.where(picture > 0, colours[0], np.int8(0)) if len(colours) == 1 else None


def _by_colour(colour):
    return _alike(lambda picture, given: cut(picture, given == colour))


def _beside(one, other, axis):
    if one.shape[1 - axis] != other.shape[1 - axis] or one.shape[axis] + other.shape[axis] > MAX_SIDE:
        return None
    return np.concatenate([one, other], axis)


WITH_INPUT = {
    "cut the input": _alike(lambda picture, given: cut(given, picture > 0)),
    "mask of the input": _alike(lambda picture, given: np.where(picture > 0, given, np.int8(0))),
    "hole in the input": _alike(lambda picture, given: np.where(picture > 0, np.int8(0), given)),
    "over the input": _alike(lambda picture, given: np.where(picture > 0, picture, given)),
    "under the input": _alike(lambda picture, given: np.where(given > 0, given, picture)),
    "unlike the input": _alike(lambda picture, given: np.where(picture != given, picture, np.int8(0))),
    "repeated as the input": _resized,
    "stretched as the input": _enlarged,
    "product with the input": lambda picture, given: product(given, picture),
    "product of the input": lambda picture, given: product(picture, given),
    "beside the input": lambda picture, given: _beside(given, picture, 1),
    "before the input": lambda picture, given: _beside(picture, given, 1),
    "below the input": lambda picture, given: _beside(given, picture, 0),
    "above the input": lambda picture, given: _beside(picture, given, 0),
    "painted as the input": _painted,
}
"""Name -> (picture, input) -> grid, or None."""
WITH_INPUT |= {f"cut where {colour}": _by_colour(colour) for colour in range(1, COLOURS)}
