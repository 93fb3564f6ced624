"""Skills of place and scale: stripes that continue, nearest borders, mirrors, enlargement (categories S1, S2, K1)."""

import numpy as np

from arc.skills.chance import cells, colours, extent, sides, speckle, speckle_palette
from arc.skills.skill import DoesNotApply, Skill, only


def solve_stripes(grid):
    phase = _anti_diagonals(*grid.shape) % 3
    palette = [only(grid[(phase == k) & (grid > 0)], f"the stripes {k} mod 3") for k in range(3)]
    return np.array(palette, np.int8)[phase]


def generate_stripes(generator, cap, difficulty):
    height, width = sides(generator, 4, cap, difficulty)
    diagonal = _anti_diagonals(height, width)
    shown = np.zeros(height + width - 1, bool)
    # One stripe of each colour must be seen; more would make it easier.
    shown[[generator.choice(range(phase, len(shown), 3)) for phase in range(3)]] = True
    output = np.array(colours(generator, 3), np.int8)[diagonal % 3]
    return np.where(shown[diagonal], output, np.int8(0)), output


def _anti_diagonals(height, width):
    return np.add.outer(np.arange(height), np.arange(width))


def solve_nearer_border(grid):
    across = _has_border(grid)
    if across == _has_border(grid.T):
        raise DoesNotApply("expected two opposite border lines of different colours")
    lines = grid if across else grid.T
    distance = np.arange(lines.shape[1])
    nearer = np.where(distance < distance[::-1], lines[0, 0], lines[0, -1])
    solved = np.where(lines == 3, nearer, lines)
    return solved if across else solved.T


def _has_border(grid):
    left, right = grid[:, 0], grid[:, -1]
    return left[0] > 0 and right[0] > 0 and left[0] != right[0] and bool((left == left[0]).all() and (right == right[0]).all())


def generate_nearer_border(generator, cap, difficulty):
    height, width = extent(generator, 4, cap, difficulty), extent(generator, 5, cap, difficulty)
    left, right = colours(generator, 2, without=(3,))
    marked, output = np.zeros((2, height, width), np.int8)
    marked[:, 0] = output[:, 0] = left
    marked[:, -1] = output[:, -1] = right
    half = (width - 2) // 2  # with an odd width the middle column is as near to both borders and stays empty
    for row, place in cells(generator, height, 2 * half, extent(generator, 2, max(2, height * width // 10), difficulty)):
        column = 1 + place if place < half else width - 1 - 2 * half + place
        marked[row, column] = 3
        output[row, column] = left if place < half else right
    return (marked, output) if generator.random() < 0.5 else (marked.T, output.T)


def solve_mirror_right(grid):
    return np.hstack([grid, np.fliplr(grid)])


def generate_mirror_right(generator, cap, difficulty):
    return _generate_mirror(generator, extent(generator, 2, cap, difficulty), extent(generator, 2, cap // 2, difficulty), difficulty)


def _generate_mirror(generator, height, width, difficulty):
    grid = speckle(generator, height, width, speckle_palette(generator, difficulty))
    output = np.empty((height, 2 * width), np.int8)
    output[:, :width] = grid
    output[:, : width - 1 : -1] = grid
    return grid, output


def solve_mirror_below(grid):
    return np.vstack([grid, np.flipud(grid)])


def generate_mirror_below(generator, cap, difficulty):
    width, height = extent(generator, 2, cap, difficulty), extent(generator, 2, cap // 2, difficulty)
    grid, output = _generate_mirror(generator, width, height, difficulty)
    return grid.T, output.T


def solve_enlarge(grid):
    return np.kron(grid, np.ones((3, 3), np.int8))


def generate_enlarge(generator, cap, difficulty):
    height, width = sides(generator, 2, cap // 3, difficulty)
    grid = speckle(generator, height, width, speckle_palette(generator, difficulty))
    return grid, grid.repeat(3, axis=0).repeat(3, axis=1)


SKILLS = (
    Skill(
        "05269061",
        "S1",
        "continue stripes",
        "Anti-diagonal stripes repeat three colours, so that a cell's colour depends on (row + column) mod 3; "
        "one stripe of each is seen, the others are filled in.",
        solve_stripes,
        generate_stripes,
    ),
    Skill(
        "2204b7a8",
        "S1",
        "nearer border",
        "Two opposite borders are lines; every 3 between them takes the colour of the nearer one.",
        solve_nearer_border,
        generate_nearer_border,
    ),
    Skill(
        "6d0aefbc",
        "S2",
        "mirror to the right",
        "The grid, followed on the right by its left-right mirror image.",
        solve_mirror_right,
        generate_mirror_right,
    ),
    Skill(
        "8be77c9e",
        "S2",
        "mirror below",
        "The grid, with its up-down mirror image below it.",
        solve_mirror_below,
        generate_mirror_below,
    ),
    Skill("9172f3a0", "K1", "enlarge", "Every cell becomes a 3 x 3 block.", solve_enlarge, generate_enlarge),
)
