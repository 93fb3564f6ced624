"""From the network's maps to quads: a component for each core, a quad for each component, its sides fitted to the soft outline."""

from typing import NamedTuple

import cv2
import numpy as np

from stegastamp.detector.finding import geometry
from stegastamp.detector.training.clutter import fill
from stegastamp.detector.training.scenes import STRIDE

SMALLEST_CORE = 3
"""Cells of the smallest core that counts."""
SAMPLES = 25
"""Places along a side where the outline is looked for."""
REACH = 2.5
"""How many cells to either side of it the outline is looked for."""


class Candidate(NamedTuple):
    """A quad (4, 2) float32 in pixels of what was searched, and how well the map fits it, in [0, 1]."""

    quad: np.ndarray
    score: float
    others: tuple[np.ndarray, ...] = ()
    """Further quads that the picture may have; the reader is to choose."""


def quads(maps: np.ndarray, most: int = 8) -> list[Candidate]:
    """Quads in the network's maps (h, w, 2) of probabilities, best first, in pixels of its input."""
    picture, core = (np.ascontiguousarray(maps[..., channel], np.float32) for channel in range(2))
    count, labels, statistics, _ = cv2.connectedComponentsWithStats((core > 0.5).astype(np.uint8), connectivity=4)
    found = []
    for label in range(1, count):
        if statistics[label, cv2.CC_STAT_AREA] >= SMALLEST_CORE:
            candidate = _fit(picture, labels, label)
            if candidate is not None:
                found.append(candidate)
    return _distinct(sorted(found, key=lambda candidate: -candidate.score))[:most]


def _fit(picture, labels, label):
    """A quad around one core. Cells of a picture that lie nearer to another core are not its own."""
    own = cv2.distanceTransform((labels != label).astype(np.uint8), cv2.DIST_L2, 3)
    others = (labels > 0) & (labels != label)
    mine = picture
    if others.any():
        mine = np.where(own <= cv2.distanceTransform((~others).astype(np.uint8), cv2.DIST_L2, 3), picture, 0)
    # Padded, so that an outline at the edge of the frame is one too.
    fine = cv2.resize(np.pad(mine, 1), None, fx=STRIDE, fy=STRIDE, interpolation=cv2.INTER_LINEAR)
    contours, _ = cv2.findContours((fine > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    inside = np.pad(labels == label, 1).repeat(STRIDE, 0).repeat(STRIDE, 1)
    contours = [contour for contour in contours if _holds(contour, inside)]
    if not contours:
        return None
    contour = max(contours, key=cv2.contourArea)
    hull = cv2.convexHull(contour)
    if len(hull) < 4 or cv2.contourArea(hull) < (2 * STRIDE) ** 2:
        return None
    rough = cv2.approxPolyN(hull, 4, ensure_convex=True).reshape(-1, 2).astype(np.float32)
    if len(rough) != 4:
        return None
    quad = geometry.order(rough + 0.5 - STRIDE)
    for _ in range(2):
        quad = _sharpen(mine, quad)
    if not cv2.isContourConvex(quad.reshape(-1, 1, 2)) or geometry.area(quad) < (2 * STRIDE) ** 2:
        return None
    return Candidate(quad, _agreement(mine, quad))


def _holds(contour, inside):
    left, top, width, height = cv2.boundingRect(contour)
    return bool(inside[top : top + height, left : left + width].any())


def _sharpen(picture, quad):
    """The quad whose sides lie where the coverage crosses one half; a side where it does not stays."""
    lines = []
    for start, end in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        length = float(np.linalg.norm(end - start))
        along = (end - start) / max(length, 1e-6)
        outwards = np.array([along[1], -along[0]])
        places = start + np.linspace(0.08, 0.92, SAMPLES)[:, None] * (end - start)
        steps = np.linspace(-REACH, REACH, 21) * STRIDE
        points = places[:, None] + steps[None, :, None] * outwards
        cells = points.astype(np.float32) / STRIDE - 0.5
        profile = cv2.remap(picture, cells[..., 0], cells[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        crossing = _crossings(profile, steps)
        kept = np.isfinite(crossing)
        if kept.sum() < SAMPLES // 3:
            lines.append((start, along))
            continue
        points = (places + crossing[:, None] * outwards)[kept].astype(np.float32)
        x, y, px, py = (float(v) for v in cv2.fitLine(points, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()[[0, 1, 2, 3]])
        lines.append((np.array([px, py]), np.array([x, y])))
    corners = [_meet(lines[number - 1], lines[number]) for number in range(4)]
    sharpened = np.float32(corners)
    limit = 2 * REACH * STRIDE
    return sharpened if np.isfinite(sharpened).all() and np.abs(sharpened - quad).max() < limit else np.float32(quad)


def _crossings(profile, steps):
    """Where each row of coverage first falls through one half on its way out, NaN where it does not."""
    falls = (profile[:, :-1] >= 0.5) & (profile[:, 1:] < 0.5)
    at = falls.argmax(axis=1)
    rows = np.arange(len(profile))
    before, after = profile[rows, at], profile[rows, at + 1]
    share = (before - 0.5) / np.maximum(before - after, 1e-6)
    return np.where(falls.any(axis=1), steps[at] + share * (steps[1] - steps[0]), np.nan)


def _meet(first, second):
    (p, d), (q, e) = first, second
    cross = d[0] * e[1] - d[1] * e[0]
    if abs(cross) < 1e-3:
        return np.array([np.nan, np.nan])
    r = q - p
    return p + d * (r[0] * e[1] - r[1] * e[0]) / cross


def _agreement(picture, quad):
    """Soft intersection over union of a quad and the coverage around it."""
    drawn = np.zeros(picture.shape, np.uint8)
    fill(drawn, quad / STRIDE, 255)
    shape = drawn.astype(np.float32) / 255
    near = cv2.dilate(drawn, np.ones((5, 5), np.uint8)) > 0
    union = float(np.maximum(shape, picture * near).sum())
    return float(np.minimum(shape, picture).sum()) / union if union > 0 else 0.0


def _distinct(candidates):
    kept = []
    for candidate in candidates:
        if all(geometry.overlap(candidate.quad, other.quad) < 0.3 for other in kept):
            kept.append(candidate)
    return kept
