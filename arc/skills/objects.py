"""Skills of objects: mirrored crops, odd ones out, frames with rays, overlays, outlines (categories C2, A1, A2)."""

import numpy as np

from arc.skills.chance import apart, cells, colours, extent, sides, speckle
from arc.skills.skill import DoesNotApply, Skill


def solve_mirrored_crop(grid):
    rows, columns = np.flatnonzero(grid.any(axis=1)), np.flatnonzero(grid.any(axis=0))
    if not rows.size:
        raise DoesNotApply("expected an object, found an empty grid")
    return np.fliplr(grid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def generate_mirrored_crop(generator, cap, difficulty):
    height, width = sides(generator, 5, cap, difficulty)
    rows, columns = extent(generator, 2, height - 1, difficulty), extent(generator, 2, width - 1, difficulty)
    row, column = generator.randint(0, height - rows), generator.randint(0, width - columns)
    body, mark = colours(generator, 2)
    output = speckle(generator, rows, columns, [body] * 3 + [mark])
    grid = np.zeros((height, width), np.int8)
    for x in range(columns):
        grid[row : row + rows, column + x] = output[:, columns - 1 - x]
    return grid, output


def solve_odd_one_out(grid):
    height, width = (grid.shape[0] - 1) // 2, (grid.shape[1] - 1) // 2
    if grid.shape != (2 * height + 1, 2 * width + 1) or grid[height].any() or grid[:, width].any():
        raise DoesNotApply("expected four blocks around an empty cross")
    blocks = [block for half in (grid[:height], grid[height + 1 :]) for block in (half[:, :width], half[:, width + 1 :])]
    odd = [block for block in blocks if sum(np.array_equal(block, other) for other in blocks) == 1]
    if len(odd) != 1:
        raise DoesNotApply(f"expected one block that differs from three equal ones, found {len(odd)}")
    return odd[0].copy()


def generate_odd_one_out(generator, cap, difficulty):
    height, width = sides(generator, 2, (cap - 1) // 2, difficulty)
    colour = colours(generator, 1)[0]
    usual = odd = np.zeros((height, width), np.int8)
    while not usual.any() or not odd.any():
        usual = speckle(generator, height, width, [0, colour])
        odd = usual.copy()
        # With more changed cells the odd one would be easier to tell.
        for place in cells(generator, height, width, extent(generator, 1, height * width // 2, difficulty)):
            odd[place] = colour - odd[place]
    blocks = [usual] * 3
    blocks.insert(generator.randrange(4), odd)
    grid = np.zeros((2 * height + 1, 2 * width + 1), np.int8)
    grid[:height, :width], grid[:height, width + 1 :], grid[height + 1 :, :width], grid[height + 1 :, width + 1 :] = blocks
    return grid, odd


def solve_frame_rays(grid):
    rows, columns = np.flatnonzero(grid.all(axis=1)), np.flatnonzero(grid.all(axis=0))
    if len(rows) != 2 or len(columns) != 2:
        raise DoesNotApply(f"expected a frame of four lines, found {len(rows)} rows and {len(columns)} columns")
    output = grid[rows[0] : rows[1] + 1, columns[0] : columns[1] + 1].copy()
    # The corners belong to one of two lines: the sides are read between them.
    top, bottom, left, right = output[0, 1], output[-1, 1], output[1, 0], output[1, -1]
    inside = output[1:-1, 1:-1]
    for row, column in np.argwhere(inside):
        colour = inside[row, column]
        ray = {top: np.s_[:row, column], bottom: np.s_[row:, column], left: np.s_[row, :column], right: np.s_[row, column:]}
        if colour not in ray:
            raise DoesNotApply(f"a dot of colour {colour} has no side of its colour")
        inside[ray[colour]] = colour
    return output


def generate_frame_rays(generator, cap, difficulty):
    while True:
        height, width = sides(generator, 8, cap, difficulty)
        (top, bottom), (left, right) = apart(generator, height, 2, gap=3), apart(generator, width, 2, gap=3)
        grid = np.zeros((height, width), np.int8)
        palette = colours(generator, 4)
        side = generator.randrange(4)
        dots = cells(generator, height, width, generator.randint(height * width // 12, height * width // 5))
        for place in dots:
            grid[place] = palette[side]
        lines = [np.s_[top, :], np.s_[bottom, :], np.s_[:, left], np.s_[:, right]]
        for k in generator.sample(range(4), 4):
            grid[lines[k]] = palette[k]
        output = grid[top : bottom + 1, left : right + 1].copy()
        inner = [(y - top, x - left) for y, x in dots if top < y < bottom and left < x < right]
        for y, x in inner:
            rays = (np.s_[1 : y + 1, x], np.s_[y:-1, x], np.s_[y, 1 : x + 1], np.s_[y, x:-1])
            output[rays[side]] = palette[side]
        # Dots must leave a hole in every row and column but the lines, and one at least must have a ray to draw.
        holes = (grid == 0).any(axis=1).sum() == height - 2 and (grid == 0).any(axis=0).sum() == width - 2
        if holes and (output != grid[top : bottom + 1, left : right + 1]).any():
            return grid, output


def solve_overlay(grid):
    padded = np.pad(grid, 1)
    output = np.zeros((3, 3), np.int8)
    for row, column in np.argwhere(grid == 5):
        output = np.maximum(output, padded[row : row + 3, column : column + 3])
    if output[1, 1] != 5:
        raise DoesNotApply("expected a 5 in every fragment, found none")
    return output


def generate_overlay(generator, cap, difficulty):
    height, width = sides(generator, 8, cap, difficulty)
    wanted = extent(generator, 2, 4, difficulty)
    centres = []
    # Windows that do not touch, so that none shows cells of another; a grid of side 8 has room for two, wherever the first is.
    for y, x in cells(generator, height - 2, width - 2, (height - 2) * (width - 2)):
        if len(centres) < wanted and all(max(abs(y - row), abs(x - column)) >= 3 for row, column in centres):
            centres.append((y, x))
    grid, output = np.zeros((height, width), np.int8), np.zeros((3, 3), np.int8)
    palette = colours(generator, len(centres), without=(5,))
    around = generator.sample([(y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)], 8)
    for rank, (y, x) in enumerate(around):
        # Every fragment owns one cell at least; a quarter of the cells left over belongs to none.
        if rank >= len(centres) and generator.random() < 0.25:
            continue
        owner = rank if rank < len(centres) else generator.randrange(len(centres))
        row, column = centres[owner]
        grid[row + y, column + x] = output[y, x] = palette[owner]
    for row, column in centres:
        grid[row + 1, column + 1] = 5
    output[1, 1] = 5
    return grid, output


def solve_outline(grid):
    marks = np.pad(grid == 2, 1)
    neighbours = marks[:-2, 1:-1].astype(np.int8) + marks[2:, 1:-1] + marks[1:-1, :-2] + marks[1:-1, 2:]
    marks = marks[1:-1, 1:-1]
    counts = np.pad(np.where(marks, neighbours, 0), 1)
    beside = np.maximum(np.maximum(counts[:-2, 1:-1], counts[2:, 1:-1]), np.maximum(counts[1:-1, :-2], counts[1:-1, 2:]))
    # A cell of a pair has one neighbour, and that one has no second.
    paired = np.pad(marks & (neighbours == 1) & (beside == 1), 1)
    near = np.zeros(grid.shape, bool)
    for down in range(3):
        for right in range(3):
            near |= paired[down : down + grid.shape[0], right : right + grid.shape[1]]
    return np.where(near & (grid == 0), np.int8(3), grid)


def generate_outline(generator, cap, difficulty):
    height, width = sides(generator, 5, cap, difficulty)
    pairs = extent(generator, 1, max(2, height * width // 30), difficulty)
    singles = extent(generator, 0, max(2, height * width // 14), difficulty)
    grid = np.zeros((height + 2, width + 2), np.int8)
    outlined = np.zeros((height + 2, width + 2), bool)
    for y, x in cells(generator, height, width, min(height * width, 3 * (pairs + singles))):
        upright = generator.random() < 0.5
        if pairs:
            box = (slice(y + 1, y + (3 if upright else 2)), slice(x + 1, x + (2 if upright else 3)))
            if y + upright >= height or x + (not upright) >= width:
                continue
        else:
            box = (slice(y + 1, y + 2), slice(x + 1, x + 2))
        rows, columns = box
        # Objects may meet at their corners but not side by side, where two would be one.
        if grid[rows.start - 1 : rows.stop + 1, columns].any() or grid[rows, columns.start - 1 : columns.stop + 1].any():
            continue
        grid[box] = 2
        if pairs:
            outlined[rows.start - 1 : rows.stop + 1, columns.start - 1 : columns.stop + 1] = True
            pairs -= 1
        elif singles:
            singles -= 1
        if not pairs and not singles:
            break
    grid, outlined = grid[1:-1, 1:-1].copy(), outlined[1:-1, 1:-1]
    return grid, np.where(outlined & (grid == 0), np.int8(3), grid)


SKILLS = (
    Skill(
        "7468f01a",
        "C2",
        "mirrored crop",
        "The object's bounding box, mirrored left to right.",
        solve_mirrored_crop,
        generate_mirrored_crop,
    ),
    Skill(
        "88a62173",
        "C2",
        "odd one out",
        "Of four blocks around an empty cross, three are equal; the output is the fourth.",
        solve_odd_one_out,
        generate_odd_one_out,
    ),
    Skill(
        "5daaa586",
        "A1",
        "rays in a frame",
        "Four lines make a frame; the grid is cropped to it, and every dot inside draws a ray to the side of its colour.",
        solve_frame_rays,
        generate_frame_rays,
    ),
    Skill(
        "137eaa0f",
        "A2",
        "overlay fragments",
        "Every 5 has a fragment around it; all the 3 x 3 neighbourhoods are laid over each other, 5 on 5.",
        solve_overlay,
        generate_overlay,
    ),
    Skill(
        "b27ca6d3",
        "A2",
        "outline pairs",
        "Every object of two 2s is outlined with 3s, diagonals included; single 2s stay as they are.",
        solve_outline,
        generate_outline,
    ),
)
