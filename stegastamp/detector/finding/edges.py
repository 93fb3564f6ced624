"""Sides of a quad moved to the straight edges beside them, at the full resolution of the frame."""

import functools
import itertools

import cv2
import numpy as np

from stegastamp.detector.finding import geometry

SIDE = 224
"""Pixels of the upright view in which edges are looked for."""
MARGIN = 0.15
"""Of it around the picture, as a fraction of the picture's side."""
COLUMNS = 64
"""Places along a side."""
ALONG = np.linspace(0.04, 0.96, COLUMNS)
FAR_REACH, FAR_STEP = 0.07, 1.0
"""Reach to either side as a fraction of the picture's side, and step in pixels of the view, of the first look."""
NEAR_REACH, NEAR_STEP = 0.012, 0.25
"""The same of the second, from where the first ended."""
APART = 0.015
"""How far from the best line another one lies at least, as a fraction of the picture's side."""
RIVAL = 0.5
"""Share of the best line's score from which another one may be the side."""
PRIOR = 0.25
"""What a line at full reach loses against one that stays, of a score that is at most 1."""


def snap(frame: np.ndarray, quad: np.ndarray) -> list[np.ndarray]:
    """Quads (4, 2) whose sides lie on straight edges near the given one's, in a frame (H, W, 3) uint8; the likeliest first.

    A network that sees a frame at a fraction of its size cannot say where a side lies to a pixel; the picture's own border can. For
    each side all lines within reach are compared, by how evenly an edge runs along the whole of them: one strong contrast across
    part of a side counts no more than a weak one. A picture on paper has two edges on every side, its own and the paper's: where a
    side has a second line, all ways to choose follow, 16 at most.
    """
    likely, other = _look(frame, quad, FAR_REACH, FAR_STEP)
    likely, _ = _look(frame, likely, NEAR_REACH, NEAR_STEP)
    if other is None:
        return [likely]
    other, _ = _look(frame, other, NEAR_REACH, NEAR_STEP)
    sides = [(_side(likely, number), _side(other, number)) for number in range(4)]
    found = []
    for choice in itertools.product((0, 1), repeat=4):
        lines = [sides[number][choice[number]] for number in range(4)]
        corners = np.float32([_meet(lines[number - 1], lines[number]) for number in range(4)])
        if _is_quad(corners) and all(np.abs(corners - before).max() > 1 for before in found):
            found.append(corners)
    return found or [likely]


def _look(frame, quad, reach, step):
    """The quad of the best lines, and the one of the second best (of the best where a side has no other), or None."""
    view = geometry.rectify(frame, quad, SIDE, MARGIN)
    view = cv2.GaussianBlur(view, (0, 0), 0.8).astype(np.float32)
    upright = geometry.square(SIDE, MARGIN)
    inner = upright[1, 0] - upright[0, 0]
    vertical, horizontal = (_strongest(cv2.Sobel(view, cv2.CV_32F, *order, ksize=3)) for order in ((0, 1), (1, 0)))
    best, second, differs = [], [], False
    for turn in range(4):  # The view turned so that this side is the upper one; changes along y are then those along x in turn.
        across, along = (np.ascontiguousarray(np.rot90(each, turn)) for each in (vertical, horizontal)[:: -1 if turn % 2 else 1])
        shifts = _best_lines(across, along, upright[0, 1], inner, reach, step)
        lines = [_turned_back(upright[:2] + np.float32([[0, left], [0, right]]), turn) for left, right in shifts]
        best.append(lines[0])
        second.append(lines[-1])
        differs |= len(lines) > 1
    quads = []
    for lines in (best, second):
        corners = np.float32([_meet(lines[number - 1], lines[number]) for number in range(4)])
        moved = np.float32(geometry.transform(corners, upright, quad)) if np.isfinite(corners).all() else quad
        quads.append(moved if _is_quad(moved) else quad)
    return quads[0], quads[1] if differs else None


def _best_lines(across, along, top, inner, reach, step):
    """Shifts down of the left and right end of the upper side in pixels: of the best line and, where there is one, of another.

    across, along: changes of the view across and along that side.
    """
    shifts = np.arange(-reach * inner, reach * inner + step / 2, step)
    columns = (top + ALONG * inner)[:, None] - 0.5 + np.zeros(len(shifts))
    rows = top + shifts[None, :] - 0.5 + np.zeros(COLUMNS)[:, None]
    place = columns.astype(np.float32), rows.astype(np.float32)
    across, along = (cv2.remap(each, *place, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for each in (across, along))
    # Between 0 and 1: half where an edge is as strong as what else is around here, and nothing for texture of any direction.
    strength = np.maximum(across - along, 0)
    strength = strength / (strength + 0.5 * across.mean() + 4.0)
    ends, places = _all_lines(len(shifts))
    score = strength.ravel()[places].mean(axis=1)
    score -= PRIOR * np.square(shifts[ends] / max(reach * inner, 1e-6)).mean(axis=1)
    best = int(score.argmax())
    # Another line crosses the best one nowhere and lies off it at both ends.
    away = shifts[ends] - shifts[ends[best]]
    apart = (np.abs(away).min(axis=1) > APART * inner) & (away[:, 0] * away[:, 1] > 0)
    chosen = [best]
    if apart.any():
        second = int(np.where(apart, score, -np.inf).argmax())
        if score[second] > RIVAL * score[best]:
            chosen.append(second)
    return [tuple(shifts[ends[line]]) for line in chosen]


@functools.cache
def _all_lines(count):
    """All lines from one of `count` shifts to one: their ends (count * count, 2), and where they run in (COLUMNS, count), raveled."""
    number = np.arange(count)
    ends = np.stack(np.meshgrid(number, number, indexing="ij"), axis=-1).reshape(-1, 2)
    rows = np.round(ends[:, :1] * (1 - ALONG) + ends[:, 1:] * ALONG).astype(int)
    return ends, rows + np.arange(COLUMNS) * count


def _strongest(changes):
    """The largest change of the three channels, (H, W)."""
    first, second, third = cv2.split(np.abs(changes))
    return cv2.max(cv2.max(first, second), third)


def _side(quad, number):
    return quad[[number, (number + 1) % 4]].astype(np.float64)


def _is_quad(corners):
    return bool(np.isfinite(corners).all()) and cv2.isContourConvex(np.float32(corners).reshape(-1, 1, 2))


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
