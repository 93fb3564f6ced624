"""Rotary position codes for cells of grids (Su et al. 2021, RoFormer), in one, two and three dimensions, and along diagonals.

A pair of dimensions (i, i + half) of q and k is turned by an angle that is linear in one coordinate of the cell; so q . k depends on
differences of coordinates alone. Which pairs belong to which coordinate is a scheme.
"""

import numpy as np

# Shares of the frequency pairs in sixteenths, by coordinate.
SCHEMES: dict[str, dict[str, int]] = {
    "none": {},
    "rope1d": {"index": 16},
    "rope2d": {"row": 8, "column": 8},
    "rope3d": {"row": 6, "column": 6, "segment": 4},
    "diagonal": {"row": 4, "column": 4, "sum": 4, "difference": 4},
    "diagonal3d": {"row": 4, "column": 4, "sum": 3, "difference": 3, "segment": 2},
}
LONGEST_PERIOD_RATIO = 30.0
"""Between the fastest and the slowest angle of a grid's coordinate: grids have sides up to 30, and RoFormer's 10,000 would leave most
pairs all but still."""


def coordinates(side: int, segments: int = 1) -> dict[str, np.ndarray]:
    """Coordinates of the cells of `segments` canvases in reading order, one after the other; name -> (segments * side * side,)."""
    segment, row, column = (axis.ravel() for axis in np.indices((segments, side, side)))
    index = np.arange(row.size)
    return {"index": index, "row": row, "column": column, "sum": row + column, "difference": row - column, "segment": segment}


def frequencies(scheme: str, head_width: int) -> np.ndarray:
    """Angle in radians of each pair of dimensions for one step along each coordinate of a scheme, (coordinates, head_width / 2).

    index: those of RoFormer, 10000**(-2j / head_width). Coordinates of grids: pi/2 * 30**(-j / (n - 1)) for j < n, so that
    neighbours are a right angle apart in the fastest pair, and a grid of 30 is a quarter turn in the slowest.
    """
    pairs = head_width // 2
    rows = np.zeros((len(SCHEMES[scheme]), pairs), np.float32)
    start = 0
    for row, (axis, sixteenths) in enumerate(SCHEMES[scheme].items()):
        count = pairs * sixteenths // 16
        if axis == "index":
            rows[row, start : start + count] = 10000.0 ** (-np.arange(count) / count)
        else:
            rows[row, start : start + count] = np.pi / 2 * LONGEST_PERIOD_RATIO ** (-np.arange(count) / max(1, count - 1))
        start += count
    return rows


def places(scheme: str, cells: dict[str, np.ndarray]) -> np.ndarray:
    """The coordinates that a scheme uses, (tokens, coordinates) float32; `cells` as from `coordinates`."""
    return np.stack([cells[axis] for axis in SCHEMES[scheme]], axis=1).astype(np.float32)
