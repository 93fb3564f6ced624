"""One batch learnt by heart: what several checks need, done once."""

from typing import NamedTuple

import numpy as np

from longrun.examination.state import Snapshot
from longrun.examination.subject import Subject

FEW, MOST_STEPS = 20, 300
LAST = 5
"""Steps whose mean is the loss at the end: dropout and drawn noise make one step's uneven."""


class Fitted(NamedTuple):
    """Losses of the steps in order, and the state after them."""

    losses: np.ndarray
    state: Snapshot

    @property
    def start(self) -> float:
        """Loss before the first update."""
        return float(self.losses[0])

    @property
    def end(self) -> float:
        """Mean of the last steps, or the loss that is not finite."""
        return float(np.mean(self.losses[-LAST:]))

    @property
    def undecided(self) -> bool:
        """Whether there are few steps, or the last quarter lies clearly below the one before it: more steps would tell."""
        if len(self.losses) < FEW:
            return True
        quarter = max(len(self.losses) // 4, 1)
        before, last = (float(np.mean(part)) for part in (self.losses[-2 * quarter : -quarter], self.losses[-quarter:]))
        return before - last > 0.005 * abs(self.start)


def fitted(subject: Subject, target: float) -> Fitted:
    """Steps on the first batch until the loss is at `target`, the time is up, or MOST_STEPS are done. The subject stays as it was."""
    if subject.fit is None:
        losses, began = [], subject.clock()
        with subject.kept():
            while len(losses) < MOST_STEPS and (len(losses) < 2 or subject.clock() - began < subject.seconds):
                losses.append(subject.step(subject.first, len(losses))[subject.examined.loss])
                if not np.isfinite(losses[-1]) or (len(losses) > LAST and np.mean(losses[-LAST:]) < target):
                    break
            subject.fit = Fitted(np.array(losses), subject.state.snapshot())
    return subject.fit
