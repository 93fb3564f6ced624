"""What a picture shows beside corners of one colour, as a picture has that was turned: where it ends, and at what angle.

Angles are in radians, from x towards y, in [0, pi/2): a rectangle looks the same after a quarter turn.
"""

import cv2
import numpy as np

SAME = 6.0
"""Levels of 255 by which a corner's brightness may be off: what JPEG leaves beside an edge."""
SMALLEST = 0.003
"""Share of the picture below which what begins in a corner is none."""
ROUGH = 1.5
"""Pixels by which a straight edge may be off a line."""
SHORT = 0.08
"""Of the picture's longer side: shorter edges are none."""
ALIKE = np.radians(3.0)
"""Angle within which two edges have one direction."""


def shown(brightness: np.ndarray) -> np.ndarray:
    """(H, W) uint8, 1 where a picture of that brightness, (H, W) float32, is no part of a corner of one colour; 1 where it has none."""
    height, width = brightness.shape
    mask = np.ones((height, width), np.uint8)
    for row, column in ((0, 0), (0, width - 1), (height - 1, width - 1), (height - 1, 0)):
        filled = np.zeros((height + 2, width + 2), np.uint8)
        how = 4 | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY
        cv2.floodFill(brightness, filled, (column, row), 0, SAME, SAME, how)
        if filled[1:-1, 1:-1].mean() > SMALLEST:
            mask[filled[1:-1, 1:-1] > 0] = 0
    if mask.all():
        return mask
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, parts, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if count < 2:
        return np.ones_like(mask)
    return np.uint8(labels == 1 + parts[1:, cv2.CC_STAT_AREA].argmax())


def edges(mask: np.ndarray, most: int) -> list[float]:
    """Angles of the straight edges between what is `shown` and the corners, longest first, at most `most`."""
    last = np.array(mask.shape[::-1]) - 1
    outline = cv2.approxPolyDP(_hull(mask), ROUGH, True)[:, 0].astype(float)
    found: list[tuple[float, float]] = []
    for one, other in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        along = other - one
        length = float(np.hypot(*along))
        on_side = (np.maximum(one, other) <= 1) | (np.minimum(one, other) >= last - 1)
        if length > SHORT * max(mask.shape) and not on_side.any():
            found.append((length, float(np.arctan2(along[1], along[0]))))
    angles: list[float] = []
    # Those of one direction are averaged by their lengths; four times an angle knows no quarter turns.
    while found and len(angles) < most:
        longest = max(found)[1]
        near = [pair for pair in found if alike(pair[1], longest)]
        found = [pair for pair in found if pair not in near]
        total = sum(length * np.exp(4j * angle) for length, angle in near)
        angles.append(float(np.angle(total) / 4 % (np.pi / 2)))
    return angles


def rectangle(mask: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Centre and sides, (2,) each in pixels about the mask's centre, of the smallest rectangle at an angle around what is shown.

    Both along the angle and along the angle and a quarter turn.
    """
    height, width = mask.shape
    points = _hull(mask)[:, 0] - np.array([(width - 1) / 2, (height - 1) / 2])
    along = points @ axes(angle).T
    low, high = along.min(0) - 0.5, along.max(0) + 0.5
    return (low + high) / 2, high - low


def axes(angle: float) -> np.ndarray:
    """Unit vectors along an angle and a quarter turn further, a row each."""
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def apart(one: np.ndarray | float, other: np.ndarray | float) -> np.ndarray | float:
    """Angle between two directions up to quarter turns, at most pi/4."""
    return np.abs((one - other + np.pi / 4) % (np.pi / 2) - np.pi / 4)


def alike(one: float, other: float) -> bool:
    """Whether two angles are one direction, up to quarter turns."""
    return bool(apart(one, other) < ALIKE)


def _hull(mask):
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return cv2.convexHull(np.concatenate(outlines))
