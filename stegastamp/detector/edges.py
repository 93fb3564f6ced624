"""Sides of a quad moved to the straight edges beside them, at the full resolution of the frame."""

import cv2
import numpy as np

from stegastamp.detector import geometry

SIDE = 224
"""Pixels of the upright view in which edges are looked for."""
MARGIN = 0.15
"""Of it around the picture, as a fraction of the picture's side."""
COLUMNS = 64
"""Places along a side."""
LOOKS = ((0.07, 1.0), (0.015, 0.25))
"""Reach to either side as a fraction of the picture's side, and step in pixels of the view: far and coarse, then near and fine."""
PRIOR = 0.25
"""What a line at full reach loses against one that stays, of a score that is at most 1."""


def snap(frame: np.ndarray, quad: np.ndarray) -> np.ndarray:
    """The quad (4, 2) whose sides lie on the straightest edges near the given one's, in a frame (H, W, 3) uint8.

    A network that sees a frame at a fraction of its size cannot say where a side lies to a pixel; the picture's own border can. For
    each side all lines within reach are compared, by how evenly an edge runs along the whole of them: one strong contrast across
    part of a side counts no more than a weak one.
    """
    for reach, step in LOOKS:
        quad = _look(frame, quad, reach, step)
    return quad


def _look(frame, quad, reach, step):
    view = geometry.rectify(frame, quad, SIDE, MARGIN)
    view = cv2.GaussianBlur(view, (0, 0), 0.8).astype(np.float32)
    upright = geometry.square(SIDE, MARGIN)
    inner = upright[1, 0] - upright[0, 0]
    vertical, horizontal = (np.abs(cv2.Sobel(view, cv2.CV_32F, *order, ksize=3)).max(axis=-1) for order in ((0, 1), (1, 0)))
    shifts = []
    for turn in range(4):  # The view turned so that this side is the upper one; changes along y are then those along x in turn.
        across, along = (np.ascontiguousarray(np.rot90(each, turn)) for each in (vertical, horizontal)[:: -1 if turn % 2 else 1])
        shifts.append(_best_line(across, along, upright[0, 1], inner, reach, step))
    lines = []
    for turn, (left, right) in enumerate(shifts):
        ends = np.float32([[upright[0, 0], upright[0, 1] + left], [upright[1, 0], upright[0, 1] + right]])
        lines.append(_turned_back(ends, turn))
    corners = np.float32([_meet(lines[number - 1], lines[number]) for number in range(4)])
    moved = geometry.transform(corners, upright, quad)
    return np.float32(moved) if np.isfinite(moved).all() and cv2.isContourConvex(moved.reshape(-1, 1, 2)) else quad


def _best_line(across, along, top, inner, reach, step):
    """Shifts down of the left and right end of the upper side, in pixels, from the changes of the view across and along that side."""
    shifts = np.arange(-reach * inner, reach * inner + step / 2, step)
    t = np.linspace(0.04, 0.96, COLUMNS)
    columns = (top + t * inner)[:, None] - 0.5 + np.zeros(len(shifts))
    rows = top + shifts[None, :] - 0.5 + np.zeros(COLUMNS)[:, None]
    place = columns.astype(np.float32), rows.astype(np.float32)
    across, along = (cv2.remap(each, *place, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for each in (across, along))
    # Between 0 and 1: half where an edge is as strong as what else is around here, and nothing for texture of any direction.
    strength = np.maximum(across - along, 0)
    strength = strength / (strength + 0.5 * across.mean() + 4.0)
    number = np.arange(len(shifts))
    ends = np.stack(np.meshgrid(number, number, indexing="ij"), axis=-1).reshape(-1, 2)
    at = ends[:, :1] * (1 - t) + ends[:, 1:] * t
    score = strength[np.arange(COLUMNS), np.round(at).astype(int)].mean(axis=1)
    score -= PRIOR * np.square(shifts[ends] / max(reach * inner, 1e-6)).mean(axis=1)
    left, right = ends[int(score.argmax())]
    return shifts[left], shifts[right]


def _turned_back(points, turn):
    """Points (N, 2) of the view after np.rot90 by `turn` quarters, in the view itself."""
    for _ in range(turn):
        points = np.stack([SIDE - points[:, 1], points[:, 0]], axis=1)
    return points


def _meet(first, second):
    p, d = first[0], first[1] - first[0]
    q, e = second[0], second[1] - second[0]
    cross = d[0] * e[1] - d[1] * e[0]
    r = q - p
    return p + d * (r[0] * e[1] - r[1] * e[0]) / cross if abs(cross) > 1e-6 else np.array([np.nan, np.nan])
