"""Skills of rows and columns: bands, empty lines, connections, crossings (categories C1, L1)."""

import numpy as np

from arc.skills.chance import apart, cells, colours, extent, sides
from arc.skills.skill import Skill, only


def solve_bands(grid):
    row_lines, column_lines = (grid == grid[:, :1]).all(axis=1), (grid == grid[:1]).all(axis=0)
    ground = only(grid[~row_lines][:, ~column_lines], "the ground between the lines")
    shape = (_count_runs(~row_lines), _count_runs(~column_lines))
    return np.full(shape, ground, np.int8)


def _count_runs(inside):
    return int(inside[0]) + int((inside[1:] & ~inside[:-1]).sum())


def generate_bands(generator, cap, difficulty):
    height, width = sides(generator, 3, cap, difficulty)
    ground, line = colours(generator, 2)
    rows, columns = (apart(generator, side, extent(generator, 1, side // 3, difficulty)) for side in (height, width))
    grid = np.full((height, width), ground, np.int8)
    grid[rows] = line
    grid[:, columns] = line
    return grid, np.full((len(rows) + 1, len(columns) + 1), ground, np.int8)


def solve_empty_lines(grid):
    empty = ~grid.any(axis=1)[:, None] | ~grid.any(axis=0)
    return np.where(empty, np.int8(2), grid)


def generate_empty_lines(generator, cap, difficulty):
    height, width = sides(generator, 4, cap, difficulty)
    rows, columns = extent(generator, 0, height // 3, difficulty), extent(generator, 0, width // 3, difficulty)
    rows = generator.sample(range(height), max(rows, 1 - min(columns, 1)))
    columns = generator.sample(range(width), columns)
    full_rows, full_columns = np.delete(np.arange(height), rows), np.delete(np.arange(width), columns)
    colour = colours(generator, 1, without=(2,))[0]
    shape = (len(full_rows), len(full_columns))
    noise = np.frombuffer(generator.randbytes(shape[0] * shape[1]), np.uint8).reshape(shape)
    body = noise < generator.randint(128, 216)  # from a half to 85 % of the cells are coloured
    # No line may be empty by chance.
    for row in np.flatnonzero(~body.any(axis=1)):
        body[row, generator.randrange(len(full_columns))] = True
    for column in np.flatnonzero(~body.any(axis=0)):
        body[generator.randrange(len(full_rows)), column] = True
    grid, output = np.zeros((height, width), np.int8), np.full((height, width), 2, np.int8)
    inner = np.ix_(full_rows, full_columns)
    grid[inner] = output[inner] = body * np.int8(colour)
    return grid, output


def solve_connections(grid):
    joined = _between(grid == 1) | _between(grid.T == 1).T
    return np.where(joined & (grid == 0), np.int8(8), grid)


def _between(marks):
    """Cells that have a mark at or before them and at or after them in their row."""
    return np.logical_or.accumulate(marks, axis=1) & np.logical_or.accumulate(marks[:, ::-1], axis=1)[:, ::-1]


def generate_connections(generator, cap, difficulty):
    height, width = sides(generator, 4, cap, difficulty)
    count = extent(generator, 3, max(4, height * width // 9), difficulty)
    marks = cells(generator, height, width, count)
    grid, output = np.zeros((2, height, width), np.int8)
    for row, column in marks:
        for other_row, other_column in marks:
            if row == other_row:
                output[row, column:other_column] = 8
            if column == other_column:
                output[row:other_row, column] = 8
    for place in marks:
        grid[place] = output[place] = 1
    return grid, output


def solve_crossings(grid):
    crossing = (grid[:, -1:] == 5) & (grid[:1] == 5)
    crossing[0], crossing[:, -1] = False, False
    return np.where(crossing, np.int8(2), grid)


def generate_crossings(generator, cap, difficulty):
    height, width = sides(generator, 4, cap, difficulty)
    # The corner where both mark lines meet stays empty.
    columns = generator.sample(range(width - 1), extent(generator, 1, (width + 1) // 2, difficulty))
    rows = generator.sample(range(1, height), extent(generator, 1, (height + 1) // 2, difficulty))
    grid = np.zeros((height, width), np.int8)
    grid[0, columns] = 5
    grid[rows, -1] = 5
    output = grid.copy()
    output[np.ix_(rows, columns)] = 2
    return grid, output


SKILLS = (
    Skill(
        "1190e5a7",
        "C1",
        "count bands",
        "Lines of full width and full height cut the plane; the output has one cell of the ground's colour "
        "for each band of rows and each band of columns.",
        solve_bands,
        generate_bands,
    ),
    Skill(
        "c1d99e64",
        "C1",
        "empty lines",
        "Every row and every column that is all background becomes 2.",
        solve_empty_lines,
        generate_empty_lines,
    ),
    Skill(
        "dbc1a6ce",
        "C1",
        "connect",
        "1s that share a row or a column are joined by 8s.",
        solve_connections,
        generate_connections,
    ),
    Skill(
        "2281f1f4",
        "L1",
        "crossings",
        "5s mark columns in the top row and rows in the right column; a 2 is put at every crossing.",
        solve_crossings,
        generate_crossings,
    ),
)
