"""Skills of neighbourhood and order: diagonals, rings, staircases, corners (category S3)."""

import numpy as np

from arc.skills.chance import colours, sides
from arc.skills.skill import DoesNotApply, Skill

# Colour of the neighbour up-left, up-right, down-left, down-right of a vanishing 2.
CORNERS = {(-1, -1): 3, (-1, 1): 6, (1, -1): 8, (1, 1): 7}


def solve_diagonals(grid):
    row, column = _single_cell(grid)
    rows, columns = np.indices(grid.shape)
    return np.where(abs(rows - row) == abs(columns - column), grid[row, column], np.int8(0))


def generate_diagonals(generator, cap, difficulty):
    height, width = sides(generator, 3, cap, difficulty)
    row, column = generator.randrange(height), generator.randrange(width)
    grid, output = np.zeros((2, height, width), np.int8)
    grid[row, column] = colour = colours(generator, 1)[0]
    for y in range(height):
        for x in {column - (y - row), column + (y - row)}:
            if 0 <= x < width:
                output[y, x] = colour
    return grid, output


def _single_cell(grid):
    places = np.argwhere(grid)
    if len(places) != 1:
        raise DoesNotApply(f"expected one coloured cell, found {len(places)}")
    return places[0]


def solve_rings(grid):
    ring = _ring_number(*grid.shape)
    first = [grid[ring == k][0] for k in range(ring.max() + 1)]
    if (np.array(first)[ring] != grid).any():
        raise DoesNotApply("expected concentric rings of one colour each")
    return np.array(first[::-1], np.int8)[ring]


def _ring_number(height, width):
    rows, columns = np.arange(height), np.arange(width)
    return np.minimum.outer(np.minimum(rows, rows[::-1]), np.minimum(columns, columns[::-1]))


def generate_rings(generator, cap, difficulty):
    # Nine colours make nine different rings at most.
    height, width = sides(generator, 3, min(cap, 18), difficulty)
    count = (min(height, width) + 1) // 2
    palette = colours(generator, count)
    grid, output = np.zeros((2, height, width), np.int8)
    for k in range(count):
        inside = (slice(k, height - k), slice(k, width - k))
        grid[inside], output[inside] = palette[k], palette[count - 1 - k]
    return grid, output


def solve_staircase(grid):
    bars = np.argwhere(grid == 2)
    row, length = (int(bars[0, 0]), len(bars)) if len(bars) else (0, 0)
    if not length or (grid[row, :length] != 2).any() or (grid != 0).sum() != length:
        raise DoesNotApply("expected one bar of 2s that begins at the left border")
    rows, columns = np.indices(grid.shape)
    inside = columns < length + row - rows
    return np.select([inside & (rows < row), inside & (rows == row), inside], [3, 2, 1], 0).astype(np.int8)


def generate_staircase(generator, cap, difficulty):
    height, width = sides(generator, 3, cap, difficulty)
    row, length = generator.randrange(height), generator.randint(1, width - 1)
    grid, output = np.zeros((2, height, width), np.int8)
    grid[row, :length] = 2
    for y in range(height):
        output[y, : max(0, length + row - y)] = 3 if y < row else 2 if y == row else 1
    return grid, output


def solve_corners(grid):
    row, column = _single_cell(grid)
    if grid[row, column] != 2:
        raise DoesNotApply(f"expected a 2, found a {grid[row, column]}")
    around = np.zeros((grid.shape[0] + 2, grid.shape[1] + 2), np.int8)
    for (down, right), colour in CORNERS.items():
        around[1 + row + down, 1 + column + right] = colour
    return around[1:-1, 1:-1].copy()


def generate_corners(generator, cap, difficulty):
    height, width = sides(generator, 2, cap, difficulty)
    row, column = generator.randrange(height), generator.randrange(width)
    grid, output = np.zeros((2, height, width), np.int8)
    grid[row, column] = 2
    for y in {max(row - 1, 0), min(row + 1, height - 1)} - {row}:
        for x in {max(column - 1, 0), min(column + 1, width - 1)} - {column}:
            output[y, x] = (3 if x < column else 6) if y < row else (8 if x < column else 7)
    return grid, output


SKILLS = (
    Skill(
        "623ea044",
        "S3",
        "both diagonals",
        "Both diagonals through the one coloured cell are drawn to the border.",
        solve_diagonals,
        generate_diagonals,
    ),
    Skill(
        "85c4e7cd",
        "S3",
        "reverse rings",
        "Concentric rings take their colours in reverse order.",
        solve_rings,
        generate_rings,
    ),
    Skill(
        "a65b410d",
        "S3",
        "staircase",
        "From a bar of k 2s at the left border, the rows above get 3s of length k + 1, k + 2, ... "
        "and the rows below 1s of length k - 1, k - 2, ...",
        solve_staircase,
        generate_staircase,
    ),
    Skill(
        "a9f96cdd",
        "S3",
        "four corners",
        "The single 2 vanishes and its diagonal neighbours become 3 (up left), 6 (up right), 8 (down left), 7 (down right).",
        solve_corners,
        generate_corners,
    ),
)
