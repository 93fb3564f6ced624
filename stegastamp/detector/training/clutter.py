"""Things in a scene that are no pictures: blank sheets, printed pages, discs and triangles cut from photos, bars."""

import cv2
import numpy as np

SHIFT = 4
"""Fractional bits of the coordinates given to OpenCV's drawing functions."""


OUTLINE = 0.68
"""Pixels by which OpenCV's anti-aliased outline makes a filled polygon too large on every side, measured."""


def fill(image: np.ndarray, polygon: np.ndarray, colour) -> None:
    """Fill a convex polygon (N, 2) of an image in place, its outline anti-aliased to a sixteenth of a pixel."""
    points = np.round((inset(polygon, OUTLINE) - 0.5) * 2**SHIFT).astype(np.int32)
    cv2.fillConvexPoly(image, points, colour, cv2.LINE_AA, SHIFT)


def inset(polygon: np.ndarray, amount: float) -> np.ndarray:
    """A convex polygon (N, 2) with every side moved inwards by `amount` pixels; one too thin for that stays as it is."""
    points = np.asarray(polygon, np.float64)
    side = np.roll(points, -1, axis=0) - points
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    before = np.roll(side, 1, axis=0)
    cross = before[:, 0] * side[:, 1] - before[:, 1] * side[:, 0]
    if np.abs(cross).min() < 1e-3:
        return points
    # Along both sides that meet in a corner, so that its distance to either is `amount`.
    moved = points + amount / np.abs(cross)[:, None] * (side - before)
    shrunk, whole = cv2.contourArea(np.float32(moved), True), cv2.contourArea(np.float32(points), True)
    return moved if shrunk * whole > 0 and abs(shrunk) < abs(whole) else points


def paste(frame: np.ndarray, picture: np.ndarray, matrix: np.ndarray, polygon: np.ndarray) -> None:
    """Draw a picture through the warpPerspective matrix into a polygon of the frame, in place."""
    height, width = frame.shape[:2]
    left, top = np.clip(np.floor(polygon.min(axis=0)).astype(int) - 1, 0, (width, height))
    right, bottom = np.clip(np.ceil(polygon.max(axis=0)).astype(int) + 1, 0, (width, height))
    if right <= left or bottom <= top:
        return
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float64)
    size = (int(right - left), int(bottom - top))
    warped = cv2.warpPerspective(picture, shift @ matrix, size, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros(size[::-1], np.uint8)
    fill(mask, polygon - (left, top), 255)
    region = frame[top:bottom, left:right]
    share = mask.astype(np.float32) / 255
    region[:] = cv2.blendLinear(warped, np.ascontiguousarray(region), share, 1 - share)


def add_clutter(frame: np.ndarray, texture: np.ndarray, generator: np.random.Generator) -> None:
    """Draw one thing that is no picture into a frame, in place. texture: a photo, for those that are cut from one."""
    height, width = frame.shape[:2]
    centre = generator.uniform(0, 1, 2) * (width, height)
    radius = np.sqrt(height * width) * generator.uniform(0.06, 0.3)
    kind = generator.integers(0, 5)
    colour = tuple(int(value) for value in generator.integers(0, 256, 3))
    turn = generator.uniform(0, 2 * np.pi)
    if kind == 0:  # A blank sheet, a book, a table edge.
        fill(frame, _rectangle(centre, radius, generator.uniform(0.3, 1), turn), colour)
    elif kind == 1:
        _page(frame, centre, radius, turn, generator)
    elif kind == 2:  # A disc out of a photo.
        angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        _cut_out(frame, texture, centre + radius * np.stack([np.cos(angles), np.sin(angles) * generator.uniform(0.5, 1)], 1))
    elif kind == 3:  # A triangle out of a photo.
        angles = turn + np.sort(generator.uniform(0, 2 * np.pi / 3, 3) + np.arange(3) * 2 * np.pi / 3)
        _cut_out(frame, texture, centre + radius * np.stack([np.cos(angles), np.sin(angles)], 1))
    else:  # A pen, a bar, the edge of a window.
        fill(frame, _rectangle(centre, 2 * radius, generator.uniform(0.02, 0.12), turn), colour)


def _rectangle(centre, half, ratio, turn):
    corners = np.array([[-1, -ratio], [1, -ratio], [1, ratio], [-1, ratio]]) * half
    cosine, sine = np.cos(turn), np.sin(turn)
    return centre + corners @ np.array([[cosine, sine], [-sine, cosine]])


def _page(frame, centre, radius, turn, generator):
    paper, ink = int(generator.integers(200, 256)), int(generator.integers(0, 90))
    fill(frame, _rectangle(centre, radius, 1.3, turn), (paper,) * 3)
    cosine, sine = np.cos(turn), np.sin(turn)
    rotation = np.array([[cosine, sine], [-sine, cosine]])
    for line in np.linspace(-1.1, 1.1, int(generator.integers(5, 14))):
        middle = centre + radius * np.array([generator.uniform(-0.15, 0), line]) @ rotation
        fill(frame, _rectangle(middle, radius * generator.uniform(0.5, 0.75), 0.03, turn), (ink,) * 3)


def _cut_out(frame, texture, polygon):
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    box = np.float32([low, (high[0], low[1]), high, (low[0], high[1])])
    height, width = texture.shape[:2]
    source = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    paste(frame, texture, cv2.getPerspectiveTransform(source - 0.5, box - 0.5), polygon)
