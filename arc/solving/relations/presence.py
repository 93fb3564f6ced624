"""Facts about a cell and a colour: is that colour beside it, in its row, in its object, and how common is it?"""

import numpy as np

from arc.grids.canvas import PAD
from arc.grids.tasks import COLOURS
from arc.solving.relations.directions import NEIGHBOURS, shifted
from arc.solving.relations.lines import lines
from arc.solving.relations.parts import Parts


def presence_of(grid: np.ndarray, background: int, parts: Parts) -> dict[str, np.ndarray]:
    """Name -> (H, W, 10): 0..1 for every cell and colour."""
    each = np.arange(COLOURS)
    marks = grid[..., None] == each  # (H, W, 10)
    shape = marks.shape
    counts = marks.sum((0, 1))
    found = {"is background": each == background, "in grid": counts > 0, "once": counts == 1}
    drawn = np.where(each == background, 0, counts)
    found |= {"count most": (drawn == drawn.max()) & (drawn > 0), "count rank": (drawn[:, None] > drawn).sum(1) / COLOURS}
    found |= {"count least": (drawn > 0) & (drawn == np.where(drawn > 0, drawn, grid.size + 1).min())}
    parts_of = np.bincount(parts.colour[1:], minlength=COLOURS)
    found |= {"in one part": parts_of == 1}
    padded = np.pad(marks, ((1, 1), (1, 1), (0, 0)))
    height, width = grid.shape
    near = np.stack([padded[1 + r : 1 + r + height, 1 + c : 1 + c + width] for r, c in NEIGHBOURS]).sum(0)
    found |= {"next": near > 0, "next several": near > 1, "next share": near / 8}
    found |= {"in row": marks.any(1)[:, None], "in column": marks.any(0)[None]}
    found |= {"in row share": marks.mean(1)[:, None], "in column share": marks.mean(0)[None]}
    left = np.logical_or.accumulate(marks, 1)
    right = np.logical_or.accumulate(marks[:, ::-1], 1)[:, ::-1]
    above = np.logical_or.accumulate(marks, 0)
    below = np.logical_or.accumulate(marks[::-1], 0)[::-1]
    found |= {"left": left, "right": right, "above": above, "below": below, "between row": left & right, "between column": above & below}
    table = np.zeros((parts.objects.max() + 1, COLOURS), bool)
    table[parts.objects.ravel(), grid.ravel()] = True
    table[0] = False
    found |= {"in object": table[parts.objects]}
    touching = np.zeros((len(parts.size), COLOURS), bool)
    for row, column in NEIGHBOURS:
        there = shifted(grid, row, column)
        inside = there != PAD
        touching[parts.labels[inside], there[inside]] = True
    found |= {"next to part": touching[parts.labels]}
    rows, columns = lines(grid, background)
    on_lines = np.unique(np.concatenate([grid[rows].ravel(), grid[:, columns].ravel()]))
    found |= {"on lines": np.isin(each, on_lines)}
    return {name: np.broadcast_to(value, shape) for name, value in found.items()}
