"""Quads by straight lines: every four lines of a frame along whose sides an edge runs, and ends at the corners.

A network of the detector's size sees what looks like a picture; that its outline is four straight lines it learns slowly. Those lines
OpenCV finds exactly. They are many, and so are the quads they make; which one is a picture the reader is to say.
"""

import itertools

import cv2
import numpy as np

from stegastamp.detector.finding import geometry
from stegastamp.detector.finding.fit import Candidate

LONG_SIDE = 512
"""The frame is shrunk to it."""
SHORTEST = 0.03
"""Shortest segment that counts, in long sides."""
LINES = 30
"""Most lines that are combined, those with the longest segments."""
ANGLE, DISTANCE = np.radians(2.5), 2.5
"""Segments within this angle and, with both ends, this distance in pixels are of one line."""
SMALLEST, LARGEST = 0.05, 0.9
"""Areas of a quad that count, as shares of the frame."""
SLENDER = 0.3
"""Shortest side of a quad in longest sides: a picture of 2 : 3, tilted and in perspective."""
CROSSING = np.radians(35)
"""Least angle between two neighbouring sides."""
PLACES = 32
"""Places along a side where an edge is looked for."""
CONTRAST = 6.0
"""Change of lightness or colour in grey levels a pixel that makes half an edge."""
BEYOND = 0.3
"""What is lost by edges that run on behind the corners, as those of a part of a picture do."""
EXAMINED = 250
"""Quads whose overlaps are measured, those that score best."""
SAME, ALIKE = 0.75, 0.96
"""Overlaps from which two quads are of one picture, and are one quad."""
OTHERS, RIVAL = 3, 0.6
"""Most further quads of a picture, such as that of the paper it is on; each has that share of its score at least."""


def quads(frame: np.ndarray, most: int = 8) -> list[Candidate]:
    """Quads in a frame (H, W, 3) uint8 in its pixels, best first; the score is the share of the outline that is an edge, in [0, 1].

    A quad that overlaps a better one by more than SAME is one of its `others`, for the reader to choose.
    """
    height, width = frame.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    lines = _lines(lab)
    found = _combined(lines, size)
    if not len(found):
        return []
    score = _outlined(_gradients(lab), found)
    shares = np.float32([width / size[0], height / size[1]])
    candidates: list[Candidate] = []
    for index in np.argsort(-score, kind="stable")[:EXAMINED]:
        quad, value = found[index], float(score[index])
        overlaps = [_overlap(quad, (each.quad, *each.others)) for each in candidates]
        first = next((number for number, overlap in enumerate(overlaps) if overlap >= SAME), None)
        if first is None and len(candidates) < most:
            candidates.append(Candidate(quad, value))
        elif first is not None and overlaps[first] < ALIKE:
            best = candidates[first]
            if len(best.others) < OTHERS and value > RIVAL * best.score:
                candidates[first] = best._replace(others=(*best.others, quad))
    scaled = lambda quad: geometry.order(quad * shares)  # noqa: E731
    return [Candidate(scaled(each.quad), each.score, tuple(map(scaled, each.others))) for each in candidates]


def _overlap(quad, known):
    """Overlap of a quad with the likest of others, or 0 where sizes alone keep it below SAME: most quads differ by that."""
    area, sizes = geometry.area(quad), [geometry.area(other) for other in known]
    near = [other for other, size in zip(known, sizes, strict=True) if min(area, size) >= SAME * max(area, size)]
    return max((geometry.overlap(quad, other) for other in near), default=0.0)


def _lines(lab):
    """Lines (N, 2, 2) through the longest segments: a point and a direction each."""
    detector, segments = cv2.createLineSegmentDetector(), []
    # Lightness alone misses borders between colours.
    for channel in cv2.split(lab):
        found = detector.detect(channel)[0]
        if found is not None:
            segments.append(found.reshape(-1, 2, 2))
    if not segments:
        return np.zeros((0, 2, 2))
    segments = np.concatenate(segments).astype(np.float64) + 0.5
    length = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1)
    kept = np.argsort(-length)[: np.count_nonzero(length > SHORTEST * max(lab.shape))]
    segments, length = segments[kept], length[kept]
    lines, weights, free = [], [], np.ones(len(segments), bool)
    for index in range(len(segments)):
        if free[index]:
            own = free & _along(segments, segments[index])
            free &= ~own
            ends = segments[own].reshape(-1, 2)
            x, y, px, py = cv2.fitLine(ends.astype(np.float32), cv2.DIST_L2, 0, 0.01, 0.01).ravel()
            lines.append([(px, py), (x, y)])
            weights.append(length[own].sum())
    return np.array(lines).reshape(-1, 2, 2)[np.argsort(-np.array(weights))[:LINES]]


def _along(segments, line):
    """Which segments (N, 2, 2) lie on the line through one of them."""
    direction = (line[1] - line[0]) / np.linalg.norm(line[1] - line[0])
    normal = np.array([-direction[1], direction[0]])
    own = segments[:, 1] - segments[:, 0]
    turned = np.abs(own @ normal) < np.sin(ANGLE) * np.linalg.norm(own, axis=1)
    return turned & (np.abs((segments - line[0]) @ normal).max(axis=1) < DISTANCE)


def _combined(lines, size):
    """Convex quads (M, 4, 2) float32 with their sides on four of the lines, inside the frame and of sensible shape."""
    count = len(lines)
    if count < 4:
        return np.zeros((0, 4, 2), np.float32)
    point, direction = lines[:, 0], lines[:, 1]
    cross = direction[:, None, 0] * direction[None, :, 1] - direction[:, None, 1] * direction[None, :, 0]
    gap = point[None, :] - point[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        along = (gap[..., 0] * direction[None, :, 1] - gap[..., 1] * direction[None, :, 0]) / cross
    meeting = point[:, None] + along[..., None] * direction[:, None]
    slack = 0.01 * max(size)
    inside = ((meeting > -slack) & (meeting < np.array(size) + slack)).all(axis=-1) & (np.abs(cross) > np.sin(CROSSING))
    pairs = np.array(list(itertools.combinations(range(count), 2)))
    # Each pair of opposite sides with each other pair: four corners, all of them inside.
    first, second = (index.ravel() for index in np.triu_indices(len(pairs), 1))
    (a, c), (b, d) = pairs[first].T, pairs[second].T
    kept = inside[a, b] & inside[b, c] & inside[c, d] & inside[d, a]
    a, b, c, d = (index[kept] for index in (a, b, c, d))
    found = np.stack([meeting[d, a], meeting[a, b], meeting[b, c], meeting[c, d]], axis=1)
    side = np.roll(found, -1, axis=1) - found
    turn = side[..., 0] * np.roll(side[..., 1], -1, axis=1) - side[..., 1] * np.roll(side[..., 0], -1, axis=1)
    length = np.linalg.norm(side, axis=2)
    x, y = found[..., 0], found[..., 1]
    area = np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2
    whole = size[0] * size[1]
    kept = (np.abs(np.sign(turn).sum(axis=1)) == 4) & (length.min(axis=1) > SLENDER * length.max(axis=1))
    return np.float32(found[kept & (area > SMALLEST * whole) & (area < LARGEST * whole)])


def _gradients(lab):
    """Changes along x and y of lightness and colours, (2, H, W, 3) float32, in levels a pixel."""
    blurred = cv2.GaussianBlur(lab, (0, 0), 0.8).astype(np.float32)
    return np.stack([cv2.Sobel(blurred, cv2.CV_32F, *order, ksize=3, scale=1 / 8) for order in ((1, 0), (0, 1))])


def _outlined(gradients, found):
    """Scores (M,) of quads: how much of each side is an edge, the worst side again, less what runs on beyond the corners."""
    start, end = found, np.roll(found, -1, axis=1)
    inner = _edge(gradients, start, end, np.linspace(0.04, 0.96, PLACES))
    outer = _edge(gradients, start, end, np.array([-0.18, -0.14, -0.1, -0.06, 1.06, 1.1, 1.14, 1.18]))
    side = inner.mean(axis=2)
    return np.maximum(0.5 * (side.mean(axis=1) + side.min(axis=1)) - BEYOND * outer.mean(axis=(1, 2)), 0.0)


def _edge(gradients, start, end, places):
    """Between 0 and 1, how much of an edge runs along the sides (M, 4) at `places`: (M, 4, places)."""
    side = end - start
    direction = side / np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-6)
    points = np.float32(start[:, :, None] + places[:, None] * side[:, :, None] - 0.5).reshape(len(start), -1, 2)
    dx, dy = (np.repeat(direction[..., axis], len(places), axis=1)[..., None] for axis in (0, 1))
    gx, gy = (cv2.remap(each, points[..., 0], points[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT) for each in gradients)
    across, along = np.abs(gy * dx - gx * dy), np.abs(gx * dx + gy * dy)
    strength = np.maximum(across - along, 0).max(axis=-1)
    return (strength / (strength + CONTRAST)).reshape(len(start), 4, len(places))
