"""What a network is shown of a picture: the picture where it lies in the mark, or the picture without its blank margins."""

import cv2
import numpy as np

FINER = 2
"""Times the network's side at which a picture is put into place before it is averaged."""
LOOK = 512
"""Longer side at which margins are looked for."""
BLANK = 12
"""Levels of 255 that the pixels of a margin may be off its colour: what JPEG leaves beside an edge."""
CLEAN = 0.98
"""Share of the pixels in a line of a margin that have its colour."""
NOTHING = 0.02
"""Share of a side up to which a margin is none."""


def placed(pixels: np.ndarray, corners: np.ndarray, side: int) -> np.ndarray:
    """A picture (H, W, 1) or (H, W, 3) where it lies in a mark, (side, side, 3) uint8; what it does not show has its mean colour.

    corners: (4, 2), the picture's own from its top left clockwise, as (x, y) in the mark, which spans 0 to 1.
    """
    height, width = pixels.shape[:2]
    edges = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[0])
    size = [max(1, min(length, round(FINER * side * edge))) for length, edge in zip((width, height), edges, strict=True)]
    small = _eight_bits(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], -1))
    source = np.float32([[0, 0], [size[0], 0], [0, size[1]]]) - 0.5
    target = np.float32(corners[[0, 1, 3]] * FINER * side) - 0.5
    colour = small.mean((0, 1)).tolist()
    large = cv2.warpAffine(small, cv2.getAffineTransform(source, target), (FINER * side, FINER * side), borderValue=colour)
    seen = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA).reshape(side, side, -1)
    return seen if seen.shape[2] == 3 else np.repeat(seen, 3, -1)


def within_margins(pixels: np.ndarray) -> tuple[slice, slice] | None:
    """Rows and columns of a picture (H, W, 1) or (H, W, 3) inside margins of one colour each; None where it has none."""
    height, width = pixels.shape[:2]
    scale = min(1.0, LOOK / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.int16(_eight_bits(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], -1)))
    # Bars above and below first: beside them the picture's own rows tell the margins left and right.
    rows = _inside(small)
    if rows[0] >= rows[1]:
        return None
    columns = _inside(small[rows[0] : rows[1]].transpose(1, 0, 2))
    rows = _inside(small[:, columns[0] : columns[1]])
    margins = [rows[0] / size[1], 1 - rows[1] / size[1], columns[0] / size[0], 1 - columns[1] / size[0]]
    if max(margins) <= NOTHING:
        return None
    ends = (margins[0], 1 - margins[1]), (margins[2], 1 - margins[3])
    found = [slice(*(round(end * length) for end in pair)) for pair, length in zip(ends, (height, width), strict=True)]
    return found[0], found[1]


def _inside(lines):
    """(first, one after the last) of the lines (n, m, channels) that are no margin."""
    ends = []
    for one in (lines, lines[::-1]):
        colour = np.median(one[0], axis=0)
        # Most pictures have no margin: then their first line says so.
        if not _blank(one[:1], colour)[0]:
            ends.append(0)
            continue
        blank = _blank(one, colour)
        ends.append(len(blank) if blank.all() else int(np.argmin(blank)))
    return ends[0], max(ends[0], len(lines) - ends[1])


def _blank(lines, colour):
    """Which of the lines (n, m, channels) have that colour."""
    return (np.abs(lines - colour).max(-1) <= BLANK).mean(-1) >= CLEAN


def _eight_bits(pixels):
    return pixels if pixels.dtype == np.uint8 else np.uint8(np.rint(pixels / 257))
