"""What the rows of a published ARC table are called: a task, or a variant of it with its symmetry and colours, behind "<blank>".

identifiers.json lists them by row: "<blank>", "0934a4d8", "0934a4d8|||t3|||0291387456", ... (HRM at first had "_" for "|||").
"""

import re
from collections.abc import Sequence

import numpy as np

from arc.grids.augmentation import Augmentation
from arc.grids.symmetries import SYMMETRIES, dihedral

BLANK = "<blank>"
_VARIANT = re.compile(r"(.+?)(?:\|\|\||_)t([0-7])(?:\|\|\||_)(\d{10})")
_CORNERS = np.arange(4).reshape(2, 2)
_THEIRS = (
    *(np.rot90(_CORNERS, turns) for turns in range(4)),
    *(np.fliplr(_CORNERS), np.flipud(_CORNERS), _CORNERS.T, np.fliplr(np.rot90(_CORNERS))),
)
"""What their symmetries 0 to 7 make of four corners."""
_OURS = tuple(next(ours for ours in range(SYMMETRIES) if (dihedral(_CORNERS, ours) == theirs).all()) for theirs in _THEIRS)
"""Their number of a symmetry -> the one that it has here."""


def are_published(names: Sequence[str]) -> bool:
    """Whether a list of names is one of a published table, and not of a run that was trained here."""
    return bool(names) and (names[0] == BLANK or any(map(_VARIANT.fullmatch, names)))


def rows_by_task(names: Sequence[str]) -> dict[str, list[tuple[int, Augmentation]]]:
    """Task -> (row, augmentation) of each of its variants, the task itself first. A task without a row of its own is left out."""
    found: dict[str, list[tuple[int, Augmentation]]] = {}
    for row, name in enumerate(names):
        match = _VARIANT.fullmatch(name)
        if match and len(set(match[3])) == 10:
            found.setdefault(match[1], []).append((row, Augmentation(_OURS[int(match[2])], tuple(map(int, match[3])))))
        elif name != BLANK:
            found.setdefault(name, []).insert(0, (row, Augmentation()))
    return {task: rows for task, rows in found.items() if rows[0][1] == Augmentation()}
