"""A mark that does not flicker: what the network would add to each frame, averaged over time within a shot.

The mark stays fixed to the frame, whatever moves below it: a reader of the whole frame finds it where it expects it, and the eye does not
see it move. The network's residual follows the picture a little; followed frame by frame it would tremble.
"""

import numpy as np

from stegastamp.films.shots import Cuts
from stegastamp.network.stamp import Stamper

EVERY = 4
"""Of so many frames one is shown to the network."""
PACE = 1 / 16
"""Of the way to what the network would add now, what the mark goes in a frame."""
SUDDEN = 3.0
"""Where a frame differs so many times more than usual, a new shot begins, and with it a new mark."""


class SteadyMark:
    """The residuals of a film's frames, in order."""

    def __init__(self, stamper: Stamper, bits: np.ndarray, strength: float):
        self._stamper, self._bits, self._strength = stamper, bits.astype(np.float32), strength
        self._cuts, self._count = Cuts(SUDDEN), 0
        self._mark: np.ndarray | None = None
        self._moved, self._power = 0.0, 0.0

    def residuals(self, views: np.ndarray) -> list[np.ndarray]:
        """What to add to the next frames: (S, S, 3) float32 each, for what is seen of them at the network's size, (N, S, S, 3) uint8."""
        begins = [self._cuts.see(view) for view in views]
        asked = [number for number, begin in enumerate(begins) if begin or (self._count + number) % EVERY == 0]
        self._count += len(views)
        if asked:
            messages = np.repeat(self._bits[None], len(asked), axis=0)
            answers = dict(zip(asked, self._stamper.residuals(views[asked], messages, self._strength), strict=True))
        found = []
        for number, begin in enumerate(begins):
            if number in asked:
                self._target = answers[number]
            before = self._mark
            self._mark = self._target if begin else before + np.float32(PACE) * (self._target - before)
            if not begin:
                self._power += float(np.mean(np.square(self._mark)))
                self._moved += float(np.mean(np.square(self._mark - before)))
            found.append(self._mark)
        return found

    @property
    def change(self) -> float:
        """Of the mark from one frame to the next within a shot, root mean square, in those of the mark."""
        return float(np.sqrt(self._moved / self._power)) if self._power else 0.0
