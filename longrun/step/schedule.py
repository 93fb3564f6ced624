"""Schedules: pure functions from a step to a number. Their values enter a step as tensors, in `scalars`.

Only `Plateau` has a memory; its state goes into the checkpoint with the run's.
"""

import bisect
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass


def piecewise(step: int, boundaries: Sequence[int], values: Sequence[float]) -> float:
    """values[i] from boundaries[i - 1] (inclusive) up to boundaries[i] (exclusive); one value more than boundaries."""
    if len(values) != len(boundaries) + 1:
        raise ValueError(f"{len(boundaries)} boundaries need {len(boundaries) + 1} values, not {len(values)}")
    return values[bisect.bisect_right(boundaries, step)]


def ramp(step: float, start: float, length: float, low: float = 0.0, high: float = 1.0) -> float:
    """`low` until `start`, then linear, `high` from `start + length` on. A length of 0 is a jump at `start`."""
    if length <= 0:
        return high if step >= start else low
    return low + (high - low) * min(max((step - start) / length, 0.0), 1.0)


def cosine(step: float, length: float, peak: float, final: float = 0.0) -> float:
    """Half a cosine from `peak` at 0 to `final` at `length`, and `final` beyond. A length of 0 is `final` at once."""
    if length <= 0:
        return final
    return final + (peak - final) * 0.5 * (1 + math.cos(math.pi * min(max(step / length, 0.0), 1.0)))


def warmup_cosine(step: int, warmup: int, length: int, peak: float, final: float = 0.0) -> float:
    """Linear from peak / warmup in the first step to `peak`, then a cosine that ends at step `length`."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return cosine(step - warmup, length - warmup, peak, final)


def warmup_hold_decay(step: int, warmup: int, hold_until: int, length: int, peak: float, final: float = 0.0) -> float:
    """Linear warm-up, constant `peak` until `hold_until`, then a cosine that ends at `length`."""
    if step < hold_until:
        return min(peak, warmup_cosine(step, warmup, length, peak, peak))
    return cosine(step - hold_until, length - hold_until, peak, final)


def warm_restarts(step: int, first_period: int, peak: float, final: float = 0.0, growth: float = 1.0) -> float:
    """Cosine with warm restarts (Loshchilov and Hutter 2017): period i is first_period * growth**i steps long; growth >= 1."""
    if first_period <= 0 or growth < 1:
        raise ValueError(f"warm restarts need a first period above 0 and a growth of at least 1, not {first_period} and {growth}")
    position, period = float(step), float(first_period)
    while position >= period:
        position -= period
        period *= growth
    return cosine(position, period, peak, final)


@dataclass
class Plateau:
    """Multiplies a rate by `factor` when a metric has not improved for `patience` observations (ReduceLROnPlateau, mode min).

    An observation improves when it is below the best by more than the fraction `threshold` of it; the rate falls with observation
    patience + 1 that does not, and never below `floor`. Feed it a smoothed or validation metric: on single noisy batches the best
    one is luck, and the rate falls every `patience` steps whatever the model does.
    """

    rate: float
    factor: float = 0.5
    patience: int = 10
    threshold: float = 1e-4
    floor: float = 0.0
    best: float = math.inf
    waited: int = 0

    def observe(self, metric: float) -> float:
        """Take one observation; returns the rate from now on."""
        margin = self.threshold * abs(self.best) if math.isfinite(self.best) else 0.0
        if metric < self.best - margin:
            self.best, self.waited = metric, 0
        else:
            self.waited += 1
            if self.waited > self.patience:
                self.rate, self.waited = max(self.rate * self.factor, self.floor), 0
        return self.rate

    def state(self) -> dict:
        """What a checkpoint must hold."""
        return asdict(self)

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        for name, value in state.items():
            setattr(self, name, value)
