"""Floors: what a predictor scores that ignores the thing to be learnt. No score is shown without one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Score:
    """A measured fraction beside its floor.

    value, floor: in [0, 1]; a constant or ignorant predictor reaches `floor`.
    count: number of independent trials behind `value` (bits, messages, grids).
    low, high: 95 % confidence interval of `value`.
    """

    value: float
    floor: float
    count: int
    low: float
    high: float

    @property
    def skill(self) -> float:
        """(score - floor) / (1 - floor): 0 is the floor, 1 is perfect, below 0 is worse than the floor."""
        return skill(self.value, self.floor)

    @property
    def above_floor(self) -> bool:
        """Whether the whole interval lies above the floor."""
        return self.low > self.floor

    def __str__(self) -> str:
        interval = f"95 % interval {self.low:.4f}..{self.high:.4f}"
        return f"{self.value:.4f} (floor {self.floor:.4f}, skill {self.skill:+.4f}, {interval}, n {self.count})"


def skill(value: float, floor: float) -> float:
    """Skill of a score in [0, 1] above its floor; ours of (score - floor) / (1 - floor)."""
    return (value - floor) / (1.0 - floor) if floor < 1.0 else 0.0


def binomial_score(successes: int, count: int, floor: float) -> Score:
    """Score of `successes` out of `count` independent trials, with the Wilson interval (Wilson 1927)."""
    if count <= 0:
        raise ValueError("a score needs at least one trial")
    if not 0 <= successes <= count:
        raise ValueError(f"{successes} successes out of {count} trials")
    low, high = wilson_interval(successes, count)
    return Score(successes / count, floor, count, low, high)


def wilson_interval(successes: float, count: int, z: float = 1.959964) -> tuple[float, float]:
    """95 % interval of a binomial proportion (Wilson 1927); stays inside [0, 1] and is sound at 0 and at `count`."""
    p = successes / count
    centre = p + z * z / (2 * count)
    spread = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def bootstrap_interval(values: Sequence[float], seed: int = 0, draws: int = 2000) -> tuple[float, float]:
    """95 % percentile interval of the mean over units that are whole tasks, images or seeds, not correlated cells."""
    values = np.asarray(values, np.float64)
    rows = np.random.default_rng(seed).integers(0, len(values), (draws, len(values)))
    low, high = np.quantile(values[rows].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def grouped_score(successes: Sequence[float], trials: int, floor: float) -> Score:
    """Score of trials that come in groups which fail together: the bits of an image, the cells of a grid.

    successes: of each group, out of `trials`. The interval is the wider, at each end, of the bootstrap over groups and of Wilson's
    over all trials: the first alone would say 1 to 1 where nothing failed, the second alone takes bits of an image for independent.
    `count` is the number of groups. Raises ValueError for fewer than two groups, which say nothing of the next one.
    """
    successes = np.asarray(successes, np.float64)
    if len(successes) < 2:
        raise ValueError(f"an interval over groups needs at least two, not {len(successes)}")
    if trials < 1 or successes.min() < 0 or successes.max() > trials:
        raise ValueError(f"{successes.min():g} to {successes.max():g} successes in groups of {trials} trials")
    bounds = bootstrap_interval(successes / trials), wilson_interval(float(successes.sum()), trials * len(successes))
    low, high = min(bound[0] for bound in bounds), max(bound[1] for bound in bounds)
    return Score(float(successes.mean() / trials), floor, len(successes), low, high)


def label_entropy(labels) -> float:
    """Mean binary entropy in nats of labels in [0, 1]: the least mean cross-entropy that any predictor can reach.

    0 for hard bits. For soft labels c it is H(c): a loss that equals it says the labels are known, not that a message is carried.
    """
    p = np.clip(np.asarray(labels, np.float64), 1e-12, 1 - 1e-12)
    return float(np.mean(-p * np.log(p) - (1 - p) * np.log1p(-p)))


def constant_floor(labels) -> float:
    """Mean cross-entropy in nats of the best predictor that answers one constant per position and reads no input.

    labels: (samples, positions) in [0, 1]. ln 2 for fair bits; the entropy of the label for constant ones.
    """
    return label_entropy(np.mean(np.asarray(labels, np.float64), axis=0))


def majority_floor(labels) -> float:
    """Accuracy of always answering the commonest class of integer labels."""
    _, counts = np.unique(np.asarray(labels), return_counts=True)
    return float(counts.max() / counts.sum())
