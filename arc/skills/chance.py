"""Random draws that the generators share, from Python's own `random.Random`.

It draws single numbers several times faster than NumPy's generators, and seeding one for each pair from a string costs
10 microseconds, which makes a pair a function of its name and nothing else.
"""

import random
from collections.abc import Iterable, Sequence

import numpy as np


def extent(generator: random.Random, low: int, high: int, difficulty: float) -> int:
    """Whole number from `low` to a bound that rises with difficulty (0..1) from `low` to `high`."""
    return generator.randint(low, low + round((high - low) * difficulty)) if high > low else low


def sides(generator: random.Random, low: int, high: int, difficulty: float) -> tuple[int, int]:
    """Height and width of a grid; one in three is square, as most of the tasks' own grids are."""
    height = extent(generator, low, high, difficulty)
    return height, height if generator.random() < 1 / 3 else extent(generator, low, high, difficulty)


def colours(generator: random.Random, count: int, without: Iterable[int] = ()) -> list[int]:
    """Different colours from 1..9."""
    return generator.sample([colour for colour in range(1, 10) if colour not in without], count)


def speckle(generator: random.Random, height: int, width: int, palette: Sequence[int]) -> np.ndarray:
    """Grid whose cells are drawn alone and uniformly from `palette`, (height, width) int8."""
    return np.array(generator.choices(palette, k=height * width), np.int8).reshape(height, width)


def speckle_palette(generator: random.Random, difficulty: float) -> list[int]:
    """Two to four colours for `speckle`, the background 0 among them in half of the draws."""
    chosen = colours(generator, extent(generator, 2, 4, difficulty))
    return [0, *chosen[1:]] if generator.random() < 0.5 else chosen


def apart(generator: random.Random, length: int, count: int, gap: int = 1) -> list[int]:
    """`count` positions from 1..length-2, in order, with at least `gap` others between neighbours."""
    slack = length - 2 - gap * (count - 1)
    return [1 + position + gap * rank for rank, position in enumerate(sorted(generator.sample(range(slack), count)))]


def cells(generator: random.Random, height: int, width: int, count: int) -> list[tuple[int, int]]:
    """Different (row, column) places in a grid."""
    return [divmod(index, width) for index in generator.sample(range(height * width), count)]
