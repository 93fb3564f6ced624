"""Quads: four corners (x, y), clockwise on the screen, in pixels with the image spanning [0, width] x [0, height]."""

import cv2
import numpy as np

FINEST = 1.5
"""Pixels of a frame for one of an upright view of it that are enough."""
MARGIN = 0.25
"""Width of what a second look sees around a picture, as a fraction of the picture's side."""


def square(side: float, margin: float = 0.0) -> np.ndarray:
    """An upright square, (4, 2) float32: top left, top right, bottom right, bottom left; inside an image of `side` pixels with a
    margin of that fraction of the square's own side around it."""
    low = side * margin / (1 + 2 * margin)
    high = side - low
    return np.float32([[low, low], [high, low], [high, high], [low, high]])


def resampling(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The (3, 3) matrix with which cv2.warpPerspective takes a source quad to a target quad: OpenCV's pixel centres are whole numbers."""
    return cv2.getPerspectiveTransform(np.float32(source) - 0.5, np.float32(target) - 0.5)


def transform(points: np.ndarray, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Points (N, 2) moved by the homography that takes the source quad to the target quad."""
    matrix = cv2.getPerspectiveTransform(np.float32(source), np.float32(target))
    return cv2.perspectiveTransform(np.float32(points)[None], matrix)[0]


def rectify(frame: np.ndarray, quad: np.ndarray, side: int, margin: float = 0.0) -> np.ndarray:
    """What lies in a quad (and a margin around it) as an upright square, (side, side, 3) uint8; averages where it shrinks."""
    edge = float(np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1).max()) * (1 + 2 * margin)
    finer = int(np.clip(round(edge / side), 1, 6))
    matrix = resampling(quad, square(side * finer, margin))
    flat = cv2.warpPerspective(frame, matrix, (side * finer, side * finer), borderMode=cv2.BORDER_REPLICATE)
    return cv2.resize(flat, (side, side), interpolation=cv2.INTER_AREA) if finer > 1 else flat


class Halves:
    """A frame (H, W, 3) or (H, W), uint8, half of it, half of that and so on, each made when it is first asked for."""

    def __init__(self, frame: np.ndarray):
        self._frames = [frame]

    def for_quad(self, quad: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
        """The smallest of them in which the quad's longest edge has `FINEST` times `side` pixels, else the frame, and its scales (2,)."""
        edge = float(np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1).max())
        halvings = max(0, int(np.log2(max(edge, 1.0) / (FINEST * side))))
        while len(self._frames) <= halvings:
            self._frames.append(cv2.resize(self._frames[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        chosen = self._frames[halvings]
        return chosen, np.float32(chosen.shape[1::-1]) / np.float32(self._frames[0].shape[1::-1])

    def rectify(self, quad: np.ndarray, side: int) -> np.ndarray:
        """What lies in a quad as an upright square of `side` pixels: as `rectify`, in time that does not grow with the picture."""
        frame, scale = self.for_quad(quad, side)
        return rectify(frame, quad * scale, side)


def order(corners: np.ndarray) -> np.ndarray:
    """Four corners of a convex quad in any order -> clockwise, beginning with the one nearest the top left; (4, 2) float32."""
    corners = np.float32(corners)
    centre = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0])
    corners = corners[np.argsort(angles)]
    return np.roll(corners, -int(np.argmin(corners.sum(axis=1))), axis=0)


def area(quad: np.ndarray) -> float:
    """Area of a polygon in square pixels."""
    return float(cv2.contourArea(np.float32(quad)))


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two convex quads."""
    shared = max(0.0, cv2.intersectConvexConvex(np.float32(a), np.float32(b))[0])
    union = area(a) + area(b) - shared
    return shared / union if union > 0 else 0.0


def corner_error(found: np.ndarray, true: np.ndarray) -> float:
    """Mean distance of corresponding corners over the root of the true area, for the best of the four ways to number them."""
    distances = [np.linalg.norm(np.roll(found, turn, axis=0) - true, axis=1).mean() for turn in range(4)]
    return float(min(distances) / np.sqrt(area(true)))


def seen_by_camera(aspect: float, turn: float, tilt: float, axis: float, distance: float) -> np.ndarray:
    """Outline of a flat picture of area 1 before a pinhole camera, (4, 2) about the origin, clockwise from the picture's top left.

    aspect: width over height. turn: rotation in its plane, then it is tilted by `tilt` about an axis in the image plane at angle
    `axis`; radians. distance: of the camera, in roots of the picture's area; the nearer, the stronger the perspective.
    """
    width, height = np.sqrt(aspect), 1 / np.sqrt(aspect)
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    cosine, sine = np.cos(turn), np.sin(turn)
    corners = corners @ np.array([[cosine, sine], [-sine, cosine]])
    direction = np.array([np.cos(axis), np.sin(axis)])
    normal = np.array([-direction[1], direction[0]])
    along, across = corners @ direction, corners @ normal
    depth = across * np.sin(tilt) / distance + 1
    flat = np.outer(along, direction) + np.outer(across * np.cos(tilt), normal)
    return flat / depth[:, None]
