"""A camera as a film without an end. OpenCV asks it, which knows the cameras of every system."""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2

from longrun.errors import UserError
from stegastamp.films import pyav as av
from stegastamp.films.upright import IDENTITY
from stegastamp.pictures.opening import quiet


class Camera:
    """A camera by its number. Has what `Container` has; there is no sound, and nothing else to copy. Raises UserError."""

    time_base = Fraction(1, 1000)
    rate = Fraction(25)
    count = 0
    copied: tuple = ()
    matrix = IDENTITY
    aspect: Fraction | None = None
    damage = ""

    def __init__(self, number: int):
        self.path = Path(f"camera {number}")
        self.metadata: dict[str, str] = {}
        self.chapters: list[Any] = []
        self.left_out: list[str] = []
        with quiet():
            self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise UserError(f"{self.path} cannot be opened")

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_: object) -> None:
        self._capture.release()

    def read(self, copied: tuple = ()) -> Iterator[av.VideoFrame]:
        """Its frames as they come, in the time that has passed since the first."""
        started = time.monotonic()
        while True:
            given, pixels = self._capture.read()
            if not given:
                return
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            frame.pts, frame.time_base = int(1000 * (time.monotonic() - started)), self.time_base
            yield frame
