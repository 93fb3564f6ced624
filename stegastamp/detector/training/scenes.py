"""Composed frames: pictures pasted in perspective on a photo, among clutter, in uneven light, through a camera."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from stegastamp.detector.finding import geometry
from stegastamp.detector.training.camera import photograph
from stegastamp.detector.training.clutter import add_clutter, fill, paste
from stegastamp.pictures.crops import resize

STRIDE = 4
"""Pixels of the network's input to a cell of its maps."""
CORE = 0.6
"""Side of a picture's core as a fraction of the picture's: cores of pictures that touch do not."""
INNER = np.float32([[0, 0], [1, 0], [1, 1], [0, 1]])


@dataclass(frozen=True)
class Layout:
    """What may happen in a frame of `height` x `width` pixels. Coverage: shares of the frame; tilt in degrees; blur in pixels."""

    height: int
    width: int
    coverage: tuple[float, float]
    tilt: float
    blur: float = 1.2
    finer: int = 1
    """The frame is drawn that many times larger and averaged down, so that edges are as soft as a camera's."""


@dataclass(frozen=True)
class Scene:
    """A frame (H, W, 3) uint8 and the quads of its pictures (N, 4, 2) float32, each from its own top left corner on."""

    frame: np.ndarray
    quads: np.ndarray
    papers: np.ndarray
    """The same with the white border that a picture may have, (N, 4, 2)."""


def compose(
    background: np.ndarray,
    pictures: Sequence[np.ndarray],
    textures: Sequence[np.ndarray],
    layout: Layout,
    generator: np.random.Generator,
    close_up: bool = False,
) -> Scene:
    """A frame with as many of the pictures as find room, the first of them first; none overlaps another.

    pictures: (h, w, 3) uint8 of any aspect. textures: photos for the clutter, one thing from each, all of it behind the pictures.
    close_up: the first picture is laid out as in the detector's second look, nearly upright with a margin around it.
    """
    height, width = layout.height * layout.finer, layout.width * layout.finer
    frame = _backdrop(background, height, width, generator)
    for texture in textures:
        add_clutter(frame, texture, generator)
    quads, papers = [], []
    for number, picture in enumerate(pictures):
        border = generator.uniform(0.02, 0.15) if generator.random() < 0.4 else 0.0
        for _ in range(10):
            if close_up and number == 0:
                quad = _near_upright(height, generator)
            else:
                quad = _somewhere(picture.shape[1] / picture.shape[0], height, width, layout, generator)
            paper = geometry.transform(INNER + border * np.float32([[-1, -1], [1, -1], [1, 1], [-1, 1]]), INNER, quad)
            if not any(geometry.overlap(paper, other) > 0 for other in papers):
                break
        else:
            continue
        if border:
            fill(frame, paper, tuple(int(v) for v in generator.integers(215, 256, 3)))
        _hang(frame, picture, quad)
        quads.append(quad)
        papers.append(paper)
    if layout.finer > 1:
        frame = cv2.resize(frame, (layout.width, layout.height), interpolation=cv2.INTER_AREA)
    quads, papers = (np.float32(each).reshape(-1, 4, 2) / layout.finer for each in (quads, papers))
    return Scene(photograph(frame, generator, layout.blur), quads, papers)


def maps(scene: Scene) -> np.ndarray:
    """What the network is to answer, (H / 4, W / 4, 2) float32: the share of each cell that pictures cover, and that their cores do."""
    height, width = scene.frame.shape[:2]
    drawn = np.zeros((height, width, 2), np.uint8)
    for quad in scene.quads:
        core = geometry.transform(0.5 + CORE * (INNER - 0.5), INNER, quad)
        for channel, polygon in enumerate((quad, core)):
            layer = np.ascontiguousarray(drawn[..., channel])
            fill(layer, polygon, 255)
            drawn[..., channel] = layer
    return cv2.resize(drawn, (width // STRIDE, height // STRIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _backdrop(photo, height, width, generator):
    """A crop of a photo, enlarged to the frame and often out of focus; sometimes a plain wall."""
    if generator.random() < 0.1:
        colour = generator.integers(0, 256, 3).astype(np.float32)
        return np.clip(np.full((height, width, 3), colour, np.float32), 0, 255).astype(np.uint8)
    tall, wide = photo.shape[:2]
    scale = min(tall / height, wide / width) * generator.uniform(0.5, 1.0)
    rows, columns = max(1, int(height * scale)), max(1, int(width * scale))
    top, left = generator.integers(0, tall - rows + 1), generator.integers(0, wide - columns + 1)
    crop = resize(photo[top : top + rows, left : left + columns], (height, width))
    crop = crop[:, :: -1 if generator.random() < 0.5 else 1]
    if generator.random() < 0.4:
        crop = cv2.GaussianBlur(crop, (0, 0), generator.uniform(0.5, 0.01 * max(height, width) + 0.6))
    return np.ascontiguousarray(crop)


def _hang(frame, picture, quad):
    # Shrunk to about the size at which it will be seen: sampling alone would leave aliases.
    edge = float(np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1).max())
    scale = 1.2 * edge / max(picture.shape[:2])
    if scale < 1:
        picture = resize(picture, (max(2, round(picture.shape[0] * scale)), max(2, round(picture.shape[1] * scale))))
    height, width = picture.shape[:2]
    source = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    paste(frame, picture, geometry.resampling(source, quad), quad)


def _somewhere(aspect, height, width, layout, generator):
    low, high = layout.coverage
    shape = geometry.seen_by_camera(
        aspect, generator.uniform(0, 2 * np.pi), np.radians(generator.uniform(0, layout.tilt)),
        generator.uniform(0, 2 * np.pi), generator.uniform(1.5, 5),
    )  # fmt: skip
    shape -= (shape.min(axis=0) + shape.max(axis=0)) / 2
    unit = shape / np.sqrt(geometry.area(shape))
    # Larger than the frame in some direction: as large as fits instead.
    room = float((np.array([width, height]) / np.ptp(unit, axis=0)).min())
    side = min(np.sqrt(np.exp(generator.uniform(np.log(low), np.log(high))) * height * width), 0.98 * room)
    quad = unit * side
    slack = np.array([width, height]) - np.ptp(quad, axis=0)
    return np.float32(quad - quad.min(axis=0) + generator.uniform(0, 1, 2) * slack)


def _near_upright(side, generator):
    """A picture as a first look leaves it: any corner up to 7 % of the side off, and any side up."""
    upright = geometry.square(side, geometry.MARGIN)
    step = (upright[1, 0] - upright[0, 0]) * generator.uniform(0, 0.07)
    quad = upright + generator.uniform(-step, step, (4, 2))
    return np.float32(np.roll(quad, generator.integers(0, 4), axis=0))
