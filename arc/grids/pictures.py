"""Pairs of grids for people: as text for a terminal, and as a PNG in the colours of ARC's own viewer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from arc.grids.tasks import Pair
from longrun.errors import UserError
from longrun.run.output import output

# Colours 0..9 as ARC's testing interface shows them.
PALETTE = (
    "#000000",
    "#0074D9",
    "#FF4136",
    "#2ECC40",
    "#FFDC00",
    "#AAAAAA",
    "#F012BE",
    "#FF851B",
    "#7FDBFF",
    "#870C25",
)


def grid_text(grid: np.ndarray | None) -> list[str]:
    """One string for each row, background as '.', cells apart by a space; '?' for a withheld grid."""
    return ["?"] if grid is None else [" ".join("." if cell == 0 else str(cell) for cell in row) for row in grid]


def pairs_text(pairs: Sequence[Pair], title: str = "") -> str:
    """Inputs at the left, outputs at the right of an arrow, an empty line between pairs."""
    blocks = [title] if title else []
    for pair in pairs:
        left, right = grid_text(pair.input), grid_text(pair.output)
        height, width = max(len(left), len(right)), len(left[0])
        left += [""] * (height - len(left))
        right += [""] * (height - len(right))
        rows = enumerate(zip(left, right, strict=True))
        blocks.append("\n".join(f"{a:<{width}}  {'->' if row == 0 else '  '}  {b}".rstrip() for row, (a, b) in rows))
    return "\n\n".join(blocks)


def save_pairs(pairs: Sequence[Pair], path: str | Path, title: str = "") -> Path:
    """PNG with a column for each pair, input above output. Returns the path; UserError without pairs."""
    if not pairs:
        raise UserError(f"{path}: no pair to draw")
    # A figure of its own needs no display and leaves no state behind, as one of pyplot would.
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.6 * len(pairs), 5.4), layout="constrained")
    figure.suptitle(title, fontsize=10)
    colour_map, norm = ListedColormap(PALETTE), BoundaryNorm(np.arange(11) - 0.5, 10)
    axes = figure.subplots(2, len(pairs), squeeze=False)
    for column, pair in enumerate(pairs):
        for axis, grid, name in zip(axes[:, column], (pair.input, pair.output), ("input", "output"), strict=True):
            axis.set_xticks([])
            axis.set_yticks([])
            if grid is None:
                axis.set_title(f"{name} withheld", fontsize=8)
                continue
            height, width = grid.shape
            # pcolormesh draws the lines between cells with the cells themselves.
            axis.pcolormesh(grid, cmap=colour_map, norm=norm, edgecolors="#555555", linewidth=0.5)
            axis.invert_yaxis()
            axis.set_aspect("equal")
            axis.set_title(f"{name} {height} x {width}", fontsize=8)
    with output(path) as place:
        figure.savefig(place, dpi=120, format="png")
    return Path(path)
