"""Shots of a film: where one ends and the next begins, and which frames of them are worth reading as a photo would be."""

from typing import Generic, TypeVar

import cv2
import numpy as np

from stegastamp.message.acceptance import FALSE_ACCEPT

Frame = TypeVar("Frame")

GRID = 16
"""Frames are compared on GRID x GRID cells."""
CUT = 12.0
"""Mean difference of two frames' cells, of 255 levels, from which they belong to two shots."""
WINDOW = 25
"""Frames of which the sharpest is read, as long as nothing else says anything."""
FREE = 32
"""First frames of shots that are read whenever they come; after those there are WINDOW frames between two."""


class Cuts:
    """Tells the first frame of each shot.

    sudden: where above 0, a change has to be so many times the usual one as well: what moves fast is no cut then, and neither are
    pictures shown one after the other.
    """

    def __init__(self, sudden: float = 0.0):
        self._sudden, self._usual = sudden, 0.0
        self._before: np.ndarray | None = None

    def see(self, view: np.ndarray) -> bool:
        """Whether the next frame, seen as (h, w, 3) uint8 of any size, begins a shot."""
        cells = cv2.resize(view, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
        before, self._before = self._before, cells
        if before is None:
            return True
        change = float(np.abs(cells - before).mean())
        cut = change > max(CUT, self._sudden * self._usual)
        self._usual += (change - self._usual) / 4
        return cut


class Looks(Generic[Frame]):
    """Chooses frames of a film to be read as photos: the first of each shot, then the sharpest of each window of WINDOW frames.

    So a film is read at least as well as its frames, at a cost that is bounded: FREE frames and one in WINDOW.
    """

    def __init__(self) -> None:
        self._count, self._since = 0, 0
        self._best: tuple[float, Frame] | None = None

    def choose(self, frame: Frame, view: np.ndarray, begins: bool, said: bool) -> Frame | None:
        """The frame to be read now, if any. view: (h, w, 3) uint8, small. begins: a shot. said: something is being read already."""
        if begins and (self._count < FREE or self._since >= WINDOW):
            return self._chosen(frame)
        self._since += 1
        sharp = float(cv2.Laplacian(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var())
        if self._best is None or sharp > self._best[0]:
            self._best = sharp, frame
        if self._since < WINDOW:
            return None
        return self.last(said)

    def last(self, said: bool) -> Frame | None:
        """The sharpest frame since the last one that was read, unless something is being read."""
        if self._best is None or said:
            self._best, self._since = None, 0
            return None
        return self._chosen(self._best[1])

    def _chosen(self, frame):
        self._count, self._since, self._best = self._count + 1, 0, None
        return frame

    def paid(self, probability: float) -> float | None:
        """The false-accept probability of what the last chosen frame said, all frames of the film together; None where it is too high.

        probability: as a photo. Half of the film's risk goes to its frames, of that 1/2 to the first, then 1/6, 1/12, ..., whose sum
        is 1 however long the film is.
        """
        whole = probability * 2 * self._count * (self._count + 1)
        return whole if whole <= FALSE_ACCEPT else None
