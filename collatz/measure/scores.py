"""The two measures of a Lyapunov function: violations on the test trajectories and the share of evaluation rows that
pass.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from collatz.numbers import limbs as limb_arrays
from collatz.numbers.evalset import EvaluationSet
from collatz.numbers.features import feature_batch
from collatz.numbers.seeds import TEST_SEEDS, leaked_numbers
from collatz.numbers.syracuse import trajectory

_CHUNK = 16_384


@dataclass(frozen=True)
class SeedScore:
    """One test trajectory. A step violates if V does not fall; `worst` is the most negative violating margin, None
    without one, and `worst_relative` the same in mean steps of V (see TrajectoryScore).

    `leaked` counts the violations at numbers that also lie on a training seed's trajectory. `values` is V along the
    trajectory.
    """

    seed: int
    steps: int
    violations: int
    leaked: int
    worst: float | None
    worst_relative: float | None
    values: np.ndarray


@dataclass(frozen=True)
class TrajectoryScore:
    """All test trajectories; steps shared by several of them count repeatedly, as in the original run, except in the `distinct`
    fields.

    `worst_relative` is the worst violating margin over V's mean step, the mean |V(n) - V(T(n))| of all steps but those from multiples
    of three: V may be scaled at will, this may not. `smallest_relative` is the same of the smallest margin, violating or not, and
    `median_relative` of the median.
    """

    seeds: tuple[SeedScore, ...]
    steps: int
    violations: int
    leaked_steps: int
    leaked_violations: int
    unleaked_steps: int
    unleaked_violations: int
    distinct_steps: int
    distinct_violations: int
    worst_relative: float | None
    smallest_relative: float
    median_relative: float


@dataclass(frozen=True)
class PopulationScore:
    """Shares in [0, 1] of passing rows, V(n) > V(T(n)), plain, weighted by w_expansion, and both on growth steps alone;
    and the margins.

    Margins are in units of V; the `relative` ones are divided by V's mean step, as in TrajectoryScore.
    """

    rows: int
    pass_share: float
    weighted_pass: float
    growth_pass: float
    growth_weighted_pass: float
    margin_mean: float
    margin_median: float
    margin_smallest: float
    margin_percentile_5: float
    growth_margin_mean: float
    growth_margin_smallest: float
    relative_median: float
    relative_smallest: float


def score_trajectories(
    value: Callable[[np.ndarray], np.ndarray], lookahead: int, test_seeds: tuple[int, ...] = TEST_SEEDS
) -> TrajectoryScore:
    """Violations of `value`, which maps features (B, 6 + lookahead) to (B,), on the trajectories of odd `test_seeds`."""
    paths = [trajectory(seed) for seed in test_seeds]
    numbers = [number for path in paths for number in path]
    leaked = leaked_numbers(test_seeds)
    values = np.asarray(value(feature_batch(limb_arrays.from_integers(numbers), lookahead, (0,)).features[0]))
    ends = np.cumsum([len(path) for path in paths])
    along_all = np.split(values, ends[:-1])
    of_three = np.array([number % 3 == 0 for path in paths for number in path[:-1]], bool)
    scale = _mean_step(np.concatenate([along[:-1] - along[1:] for along in along_all]), of_three)
    seeds, margins, violated, is_leaked, starts = [], [], [], [], []
    for seed, path, along in zip(test_seeds, paths, along_all, strict=True):
        margin = along[:-1] - along[1:]
        violates = ~(margin > 0)
        from_training = np.array([number in leaked for number in path[:-1]], bool)
        worst = float(margin[violates].min()) if violates.any() else None
        relative = None if worst is None else worst / scale
        seeds.append(SeedScore(seed, len(path) - 1, int(violates.sum()), int((violates & from_training).sum()), worst, relative, along))
        margins.append(margin)
        violated.append(violates)
        is_leaked.append(from_training)
        starts += path[:-1]
    margin, violates, from_training = np.concatenate(margins), np.concatenate(violated), np.concatenate(is_leaked)
    worst = min((score.worst for score in seeds if score.worst is not None), default=None)
    return TrajectoryScore(
        seeds=tuple(seeds),
        steps=len(margin),
        violations=int(violates.sum()),
        leaked_steps=int(from_training.sum()),
        leaked_violations=int((violates & from_training).sum()),
        unleaked_steps=int((~from_training).sum()),
        unleaked_violations=int((violates & ~from_training).sum()),
        distinct_steps=len(set(starts)),
        distinct_violations=len({number for number, bad in zip(starts, violates, strict=True) if bad}),
        worst_relative=None if worst is None else worst / scale,
        smallest_relative=float(margin.min()) / scale,
        median_relative=float(np.median(margin)) / scale,
    )


def margins(value: Callable[[np.ndarray], np.ndarray], numbers: np.ndarray, lookahead: int) -> np.ndarray:
    """V(n) - V(T(n)), (B,), for odd numbers as (2, B) limbs, in chunks of bounded memory."""
    parts = []
    for begin in range(0, numbers.shape[1], _CHUNK):
        here, following = feature_batch(numbers[:, begin : begin + _CHUNK], lookahead, (0, 1)).features
        parts.append(np.asarray(value(here)) - np.asarray(value(following)))
    return np.concatenate(parts)


def score_population(value: Callable[[np.ndarray], np.ndarray], lookahead: int, evaluation_set: EvaluationSet) -> PopulationScore:
    """Pass shares and margins of `value` on the evaluation set."""
    margin = margins(value, evaluation_set.numbers, lookahead)
    passes, growth, weight = margin > 0, evaluation_set.growth, evaluation_set.weight.astype(np.float64)
    scale = _mean_step(margin, limb_arrays.remainder(evaluation_set.numbers, 3) == 0)
    return PopulationScore(
        rows=len(margin),
        pass_share=float(passes.mean()),
        weighted_pass=float(weight @ passes / weight.sum()),
        growth_pass=_share(passes[growth]),
        growth_weighted_pass=_share(passes[growth], weight[growth]),
        margin_mean=float(margin.mean()),
        margin_median=float(np.median(margin)),
        margin_smallest=float(margin.min()),
        margin_percentile_5=float(np.percentile(margin, 5)),
        growth_margin_mean=float(margin[growth].mean()) if growth.any() else float("nan"),
        growth_margin_smallest=float(margin[growth].min()) if growth.any() else float("nan"),
        relative_median=float(np.median(margin)) / scale,
        relative_smallest=float(margin.min()) / scale,
    )


def _share(passes: np.ndarray, weight: np.ndarray | None = None) -> float:
    return float(np.average(passes, weights=weight)) if len(passes) else float("nan")


def _mean_step(margin: np.ndarray, of_three: np.ndarray) -> float:
    """The mean absolute margin; one for a V that is level everywhere.

    Not the median, which is the tie-break of a closed form that mostly waits for its maximum to pass. Without the steps from multiples
    of three, from which V may fall as far as it likes.
    """
    chosen = margin[~of_three] if not of_three.all() else margin
    return float(np.abs(chosen).mean()) or 1.0
