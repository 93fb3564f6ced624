"""Frames as they are seen: turned as the film's display matrix says, in RGB, on white where they are transparent; and back again."""

from __future__ import annotations

import numpy as np

from stegastamp.films import pyav as av

IDENTITY = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
"""The display matrix of a film that is shown as it is coded."""


def matrix_of(frame: av.VideoFrame) -> tuple[int, ...]:
    """The display matrix that a frame carries, to be asked of a film's first alone: a frame that was asked stays in memory for a while.

    Nine numbers, (a, b, u, c, d, v, x, y, w), x' = a x + c y, y' = b x + d y.
    """
    found = frame.side_data.get(av.sidedata.sidedata.Type.DISPLAYMATRIX)
    return IDENTITY if found is None else tuple(int(value) for value in np.frombuffer(found, np.int32, 9))


def turned(array: np.ndarray, matrix: tuple[int, ...]) -> np.ndarray:
    """A coded image (H, W, ...) as it is shown: a view, turned by quarters and mirrored. Other angles become the nearest quarter."""
    swapped, down, right = _steps(matrix)
    return (array.swapaxes(0, 1) if swapped else array)[::down, ::right]


def coded(array: np.ndarray, matrix: tuple[int, ...]) -> np.ndarray:
    """A shown image (H, W, ...) as it is to be coded; undoes `turned`."""
    swapped, down, right = _steps(matrix)
    array = array[::down, ::right]
    return array.swapaxes(0, 1) if swapped else array


def pixels(frame: av.VideoFrame) -> np.ndarray:
    """What is seen of a frame as it is coded, (H, W, 3) uint8 RGB, in colours as its tags say. Transparent frames are put on white."""
    if not has_alpha(frame):
        return frame.to_ndarray(format="rgb24")
    array = frame.to_ndarray(format="rgba")
    alpha = array[..., 3:].astype(np.uint16)
    if alpha.min() == 255:
        return np.ascontiguousarray(array[..., :3])
    return ((array[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def has_alpha(frame: av.VideoFrame) -> bool:
    """Whether the frame's format has transparency, used or not."""
    return frame.format.has_palette or any(component.is_alpha for component in frame.format.components)


def shown(frame: av.VideoFrame, matrix: tuple[int, ...] | None = None) -> np.ndarray:
    """As `pixels`, the right way up by the film's display matrix; None: the frame's own."""
    return np.ascontiguousarray(turned(pixels(frame), matrix_of(frame) if matrix is None else matrix))


def _steps(matrix):
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    swapped = abs(b) + abs(c) > abs(a) + abs(d)
    right, down = (c, b) if swapped else (a, d)
    return swapped, -1 if down < 0 else 1, -1 if right < 0 else 1
