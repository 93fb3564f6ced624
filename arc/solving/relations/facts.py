"""Facts about a cell, true or a share: of its part, its object, its rays, its row and column, the whole grid."""

import numpy as np
from scipy import ndimage

from arc.grids.canvas import PAD
from arc.solving.relations.directions import NEIGHBOURS, look, shifted
from arc.solving.relations.lines import band_places, lines
from arc.solving.relations.parts import Parts


def facts_of(grid: np.ndarray, background: int, parts: Parts) -> dict[str, np.ndarray]:
    """Name -> (H, W): 0..1 for every cell."""
    drawn = grid != background
    labels, objects = parts.labels, parts.objects
    size = parts.size[labels]
    found = {"own background": ~drawn}
    neighbours = [shifted(grid, *offset) for offset in NEIGHBOURS]
    alike = np.sum([one == grid for one in neighbours], axis=0)
    around = np.sum([(one != background) & (one != PAD) for one in neighbours], axis=0)
    found |= {"next alike": alike / 8, "next drawn": around / 8, "next none drawn": around == 0, "next one drawn": around == 1}
    found |= {f"size is {k}": size == k for k in (1, 2, 3, 4)} | {"size is 5 to 8": (size > 4) & (size < 9), "size odd": size % 2}
    found |= {"part touches edge": parts.touches[labels], "part filled": parts.filled[labels], "part mirrored": parts.mirrored[labels]}
    found |= {"part largest": parts.extreme(True)[labels], "part smallest": parts.extreme(False)[labels]}
    found |= {f"part has {k} holes": drawn & (parts.holes[labels] == k) for k in range(3)}
    found |= {"part alone in shape": parts.alike[labels] == 1, "part square": (parts.height == parts.width)[labels]}
    alike_most = parts.alike == parts.alike.max()
    found |= {"part commonest in shape": alike_most[labels] & drawn, "part upright": (parts.height > parts.width)[labels]}
    same_colour = np.array([(parts.colour == colour).sum() for colour in parts.colour])
    found |= {"part alone in colour": (same_colour == 1)[labels], "enclosed": ~drawn & ~parts.touches[labels]}
    found |= _object_facts(grid, objects)
    rays = {step: look(grid, background, *step) for step in NEIGHBOURS}
    found |= {f"ray {step} hits": rays[step] != PAD for step in NEIGHBOURS}
    for one, other in (((0, -1), (0, 1)), ((-1, 0), (1, 0)), ((-1, -1), (1, 1)), ((-1, 1), (1, -1))):
        found[f"ray {one} as {other}"] = (rays[one] == rays[other]) & (rays[one] != PAD)
    found["ray all"] = np.logical_and.reduce([rays[step] != PAD for step in ((0, -1), (0, 1), (-1, 0), (1, 0))])
    distance = ndimage.distance_transform_cdt(~drawn, "chessboard") if drawn.any() else np.full(grid.shape, 9)
    found |= {f"distance {k}": distance == k for k in (1, 2, 3)} | {"distance odd": distance % 2}
    rows, columns = lines(grid, background)
    found |= {"line row": rows[:, None], "line column": columns[None]}
    found |= {"row empty": ~drawn.any(1)[:, None], "column empty": ~drawn.any(0)[None]}
    found |= {"row uniform": (grid == grid[:, :1]).all(1)[:, None], "column uniform": (grid == grid[:1]).all(0)[None]}
    band_row, band_column = band_places(rows)[0], band_places(columns)[0]
    found |= {"band odd": (band_row[:, None] + band_column[None]) % 2, "band first row": band_row[:, None] == 1}
    found |= {"band first column": band_column[None] == 1}
    found |= {"grid objects": min(objects.max(), 10) / 10, "grid colours": len(np.unique(grid)) / 10, "grid drawn": drawn.mean()}
    found |= {"grid mirrored columns": np.array_equal(grid, grid[:, ::-1]), "grid mirrored rows": np.array_equal(grid, grid[::-1])}
    return {name: np.broadcast_to(value, grid.shape) for name, value in found.items()}


def _object_facts(grid, objects):
    """Facts about the object, of whatever colours, whose bounding box a cell lies in; the smallest box wins."""
    names = (
        "box",
        "box largest",
        "box smallest",
        "box edge row",
        "box edge column",
        "box middle row",
        "box middle column",
        "box one colour",
    )
    found = {f"object {name}": np.zeros(grid.shape, bool) for name in names}
    boxes = ndimage.find_objects(objects)
    sizes = np.bincount(objects.ravel(), minlength=len(boxes) + 1)[1:]
    order = sorted(range(len(boxes)), key=lambda index: -sizes[index])
    for index in order:
        box = boxes[index]
        height, width = (part.stop - part.start for part in box)
        row, column = np.indices((height, width))
        found["object box"][box] = True
        found["object box largest"][box] = sizes[index] == sizes.max()
        found["object box smallest"][box] = sizes[index] == sizes.min()
        found["object box edge row"][box] = (row == 0) | (row == height - 1)
        found["object box edge column"][box] = (column == 0) | (column == width - 1)
        found["object box middle row"][box] = 2 * row == height - 1
        found["object box middle column"][box] = 2 * column == width - 1
        found["object box one colour"][box] = len(np.unique(grid[box][objects[box] == index + 1])) == 1
    return found
