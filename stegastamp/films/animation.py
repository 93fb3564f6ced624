"""Pictures that move and that FFmpeg does not read, as Pillow does: animated WebP and AVIF."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stegastamp.films import pyav as av
from stegastamp.films.upright import IDENTITY
from stegastamp.pictures.opening import Unreadable, pillow

MOVING = ("WEBP", "AVIF")
"""Names that Pillow has for what may move."""
USUAL = 100
"""Milliseconds that a frame is shown which does not say how long."""


class Animation:
    """A picture of several frames. Has what `Container` has; there is no sound, and nothing else to copy."""

    time_base = Fraction(1, 1000)
    copied: tuple = ()
    matrix = IDENTITY
    aspect: Fraction | None = None

    def __init__(self, path: Path, file: Image.Image):
        self.path, self._file = path, file
        self.count, self.rate = file.n_frames, Fraction(10)
        self.damage = ""
        self.metadata: dict[str, str] = {}
        self.chapters: list[Any] = []
        self.left_out: list[str] = []

    def read(self, copied: tuple = ()) -> Iterator[av.VideoFrame]:
        """Its frames, as `Container.read` gives them."""
        time = 0
        for number in range(self.count):
            try:
                with pillow(self.path, "is damaged"):
                    self._file.seek(number)
                    pixels = np.asarray(self._file.convert("RGBA"))
                    shown = int(self._file.info.get("duration") or USUAL)
            except Unreadable:
                self.damage = f"{self.path} is damaged: {number} frames could be read"
                return
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgba")
            frame.pts, frame.time_base, frame.duration = time, self.time_base, shown
            time += shown
            yield frame
