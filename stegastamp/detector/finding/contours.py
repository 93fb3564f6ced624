"""Quads by OpenCV alone: level sets and edges with four corners. What a network is to be better than, and a second opinion."""

import cv2
import numpy as np

from stegastamp.detector.finding import geometry
from stegastamp.detector.finding.fit import Candidate

LONG_SIDE = 512
"""The frame is shrunk to it."""
LEVELS = np.linspace(20, 235, 12)
"""Thresholds of each channel."""
SMALLEST, LARGEST = 0.03, 0.9
"""Areas of a quad that count, as shares of the frame."""
FILLED = 0.85
"""Share of its convex hull that a contour fills at least."""
SAME = 0.75
"""Overlap from which two quads are one."""


def quads(frame: np.ndarray, most: int = 8) -> list[Candidate]:
    """Quads in a frame (H, W, 3) uint8 in its pixels, those that are seen at the most thresholds first, and at two at least.

    Its score is n / (n + 4) for a quad that n thresholds of lightness and colour and strengths of edges agree on.
    """
    height, width = frame.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    small = cv2.GaussianBlur(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), (0, 0), 1.0)
    found = [quad for mask in _masks(small) for quad in _four_cornered(mask)]
    groups: list[list[np.ndarray]] = []
    for quad in found:
        group = next((group for group in groups if geometry.overlap(group[0], quad) > SAME), None)
        if group is None:
            groups.append([quad])
        else:
            group.append(quad)
    groups = sorted((group for group in groups if len(group) > 1), key=len, reverse=True)
    shares = np.float32([width / size[0], height / size[1]])
    return [Candidate(np.float32(np.median(group, axis=0) * shares), len(group) / (len(group) + 4)) for group in groups[:most]]


def _masks(image):
    """Binary images (H, W) uint8 whose contours may be those of pictures."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    for channel in cv2.split(lab):
        # Colour spans a few values only; every channel is stretched to all of them.
        stretched = cv2.normalize(channel, None, 0, 255, cv2.NORM_MINMAX)
        for level in LEVELS:
            yield (stretched > level).astype(np.uint8)
            yield (stretched <= level).astype(np.uint8)
    for low in (15, 40, 90):
        edges = np.maximum.reduce([cv2.Canny(np.ascontiguousarray(channel), low, 2.5 * low) for channel in cv2.split(image)])
        yield 1 - cv2.dilate(edges, np.ones((2, 2), np.uint8)) // 255


def _four_cornered(mask):
    area = mask.size
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        if len(contour) < 4 or not SMALLEST * area < cv2.contourArea(contour) < LARGEST * area:
            continue
        hull = cv2.convexHull(contour)
        if cv2.contourArea(contour) < FILLED * cv2.contourArea(hull):
            continue
        corners = cv2.approxPolyN(hull, 4, ensure_convex=True).reshape(-1, 2)
        # A hull that is no quad has one around it that is much larger.
        if len(corners) == 4 and cv2.contourArea(hull) > 0.92 * cv2.contourArea(np.float32(corners)):
            yield geometry.order(corners + 0.5)
