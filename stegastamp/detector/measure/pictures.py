"""Pictures for people: frames with quads drawn in, and sheets of them."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from longrun.errors import UserError
from longrun.run.output import write_output


def draw(frame: np.ndarray, quads: Sequence[np.ndarray], colours: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """A copy of a frame (H, W, 3) uint8 with quads drawn on it, each in its RGB colour, its first corner marked."""
    drawn = np.ascontiguousarray(frame.copy())
    thick = max(1, round(max(frame.shape[:2]) / 400))
    for quad, colour in zip(quads, colours, strict=True):
        points = np.round(np.asarray(quad) * 16).astype(np.int32)
        cv2.polylines(drawn, [points], True, colour, thick, cv2.LINE_AA, 4)
        cv2.circle(drawn, [int(v) for v in points[0]], 16 * 2 * thick, colour, -1, cv2.LINE_AA, 4)
    return drawn


def write(path: Path | str, image: np.ndarray, *, overwrite: bool = True) -> None:
    """Write an image (H, W, 3) uint8 RGB, its folder too. Raises OSError or UserError with one line."""
    suffix = Path(path).suffix
    if not cv2.haveImageWriter(f"image{suffix}"):
        raise UserError(f"cannot write {path}: {suffix or 'without suffix it'} is no kind of picture")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_output(path, cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes(), overwrite=overwrite)


def write_sheet(path: Path | str, images: Sequence[np.ndarray], across: int) -> None:
    """Write images of one size as a sheet, `across` to a row; what is left of the last row stays white."""
    images = [*images, *[np.full_like(images[0], 255)] * (-len(images) % across)]
    write(path, np.vstack([np.hstack(images[first : first + across]) for first in range(0, len(images), across)]))
