"""Colours that a cell may take: those at the ends of rays, in mirrors, in patterns, around it, and the commonest."""

import numpy as np

from arc.grids.canvas import PAD
from arc.grids.tasks import COLOURS
from arc.solving.relations.counts import loser, winner
from arc.solving.relations.directions import NEIGHBOURS, look, shifted
from arc.solving.relations.lines import bands
from arc.solving.relations.parts import Parts
from arc.solving.relations.patterns import completed_by_mirror, completed_by_stripes, completed_by_tiles


def colours_of(grid: np.ndarray, background: int, parts: Parts) -> dict[str, np.ndarray]:
    """Name -> (H, W): a colour 0..9 for every cell, PAD where there is none."""
    height, width = grid.shape
    labels = parts.labels
    found = {"own": grid}
    found |= {f"next {offset}": shifted(grid, *offset) for offset in NEIGHBOURS}
    found |= {f"next {offset}": shifted(grid, *offset) for offset in ((-2, 0), (2, 0), (0, -2), (0, 2))}
    found |= {f"ray {step}": look(grid, background, *step) for step in NEIGHBOURS}
    found |= {"mirror columns": grid[:, ::-1], "mirror rows": grid[::-1], "mirror both": grid[::-1, ::-1]}
    none = np.full(grid.shape, PAD)
    square = height == width
    found |= {"mirror diagonal": grid.T if square else none, "mirror other diagonal": grid[::-1, ::-1].T if square else none}
    found |= {"mirror turn": np.rot90(grid) if square else none, "mirror turn back": np.rot90(grid, -1) if square else none}
    columns = completed_by_mirror(grid)
    rows = completed_by_mirror(grid.T).T
    found |= {"pattern mirror columns": columns, "pattern mirror rows": rows, "pattern mirror both": completed_by_mirror(columns.T).T}
    found |= {"pattern tiles": completed_by_tiles(grid), "pattern stripes": completed_by_stripes(grid)}
    found |= {"edge left": grid[:, :1], "edge right": grid[:, -1:], "edge top": grid[:1], "edge bottom": grid[-1:]}
    counts = np.bincount(grid.ravel(), minlength=COLOURS)
    counts[background] = 0
    found |= {"count most": winner(counts), "count least": loser(counts)}
    found |= {"count in row": _commonest(grid, background, 1)[:, None], "count in column": _commonest(grid, background, 0)[None]}
    found |= {"object largest": _colour_of(parts, True), "object smallest": _colour_of(parts, False)}
    most, least = _within_objects(grid, parts)
    found |= {"object most": most, "object least": least, "part around": parts.around[labels]}
    return {name: np.broadcast_to(value, grid.shape) for name, value in (found | bands(grid, background)).items()}


def _colour_of(parts, largest):
    chosen = np.unique(parts.colour[parts.extreme(largest)])
    return chosen[0] if len(chosen) == 1 else PAD


def _commonest(grid, background, axis):
    counts = np.stack([(grid == colour).sum(axis) for colour in range(COLOURS)])
    counts[background] = 0
    return winner(counts.T)


def _within_objects(grid, parts):
    """The commonest and the rarest colour of each cell's object."""
    count = parts.objects.max() + 1
    table = np.bincount(parts.objects.ravel() * COLOURS + grid.ravel(), minlength=count * COLOURS).reshape(count, COLOURS)
    table[0] = 0
    return winner(table)[parts.objects], loser(table)[parts.objects]
