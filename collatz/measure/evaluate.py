"""How often V rises, on the test trajectories and on the evaluation set, beside a closed form that needs no training."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from collatz.functions.clock import clock
from collatz.measure.scores import PopulationScore, TrajectoryScore, margins, score_population, score_trajectories
from collatz.numbers.draws import random_numbers
from collatz.numbers.evalset import EvaluationSet, evaluation_text, parse_evaluation_set, read_evaluation_set
from collatz.numbers.limbs import from_integers
from collatz.numbers.syracuse import trajectory
from longrun import Score, result, skill, wilson_interval, write_atomically

STANDARD_SET = Path("checkpoints/collatz/collatz_eval_50k.csv")
QUICK_SEED = 27
QUICK_ROWS = 1000

ValueFunction = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Evaluation:
    """Both measures of one V."""

    trajectories: TrajectoryScore
    population: PopulationScore

    def numbers(self) -> dict[str, float]:
        """The headline numbers: violations are counts, shares are in [0, 1], relative margins in mean steps of V."""
        return {
            "violations": self.trajectories.violations,
            "violations_unleaked": self.trajectories.unleaked_violations,
            "violations_distinct": self.trajectories.distinct_violations,
            "pass": self.population.pass_share,
            "weighted_pass": self.population.weighted_pass,
            "growth_pass": self.population.growth_pass,
            "growth_weighted_pass": self.population.growth_weighted_pass,
            "smallest_relative_margin": self.trajectories.smallest_relative,
            "smallest_relative_margin_population": self.population.relative_smallest,
        }

    def details(self) -> dict[str, float]:
        """What has no floor: margins are in units of V, relative ones in its mean steps."""
        rows = self.population
        return {
            "violations_leaked": self.trajectories.leaked_violations,
            "margin_mean": rows.margin_mean,
            "margin_median": rows.margin_median,
            "margin_percentile_5": rows.margin_percentile_5,
            "margin_smallest": rows.margin_smallest,
            "growth_margin_mean": rows.growth_margin_mean,
            "growth_margin_smallest": rows.growth_margin_smallest,
            "median_relative_margin_population": rows.relative_median,
        }


def evaluation_set(path: str, keep: bool = False) -> EvaluationSet:
    """The set in `path`, or the original run's own, which is made anew (some seconds) where it does not lie beside the runs.

    keep: lay it there, for a training; who only reads leaves no file behind.
    """
    if path or STANDARD_SET.exists():
        return read_evaluation_set(path or STANDARD_SET)
    text = evaluation_text()
    if keep:
        STANDARD_SET.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(STANDARD_SET, text)
    return parse_evaluation_set(text, "the evaluation set")


def measure(value: ValueFunction, lookahead: int, rows: EvaluationSet, test_seeds: tuple[int, ...]) -> Evaluation:
    """Both measures of `value`."""
    return Evaluation(score_trajectories(value, lookahead, test_seeds), score_population(value, lookahead, rows))


def floor(lookahead: int) -> ValueFunction:
    """The closed form every network is held against: the clock, the best there is without training."""
    return clock(lookahead)


def outcome(preset: str, step: int, found: Evaluation, reference: Evaluation, rows: EvaluationSet) -> dict:
    """Result in the form of longrun.run.report.result; the floor of each number is that of `reference`.

    Intervals of weighted shares are those of as many even rows as have the same variance; violations have skill
    1 - violations / floor.
    """
    weights = {"pass": None, "weighted_pass": rows.weight, "growth_pass": None, "growth_weighted_pass": rows.weight}
    values, floors = found.numbers(), reference.numbers()
    # A V that is not finite has no margins.
    scores = {name: float(value) for name, value in (values | found.details()).items() if np.isfinite(value)}
    for name, weight in weights.items():
        chosen = rows.growth if name.startswith("growth") else np.ones(len(rows), bool)
        count = float(chosen.sum() if weight is None else weight[chosen].sum() ** 2 / np.square(weight[chosen]).sum())
        low, high = wilson_interval(values[name] * count, count)
        scores[name] = Score(values[name], floors[name], int(count), low, high)
    report = result("collatz", preset, step, scores)
    steps = {"violations": found.trajectories.steps, "violations_unleaked": found.trajectories.unleaked_steps}
    steps["violations_distinct"] = found.trajectories.distinct_steps
    for name, count in steps.items():
        report["floors"][name] = float(floors[name])
        report["skill"][name] = skill(1 - values[name] / count, 1 - floors[name] / count) if count else 0.0
        low, high = wilson_interval(values[name], count) if count else (0.0, 1.0)
        report["intervals"][name] = [low * count, high * count]
        report["counts"][name] = count
    return report


def block(found: Evaluation, title: str) -> str:
    """The original program's evaluation block: a line a seed, the total, the population, the margins."""
    score, rows = found.trajectories, found.population
    lines = [f"{'=' * 70}", title, f"{'=' * 70}", "Trajectories:"]
    for seed in score.seeds:
        worst = "" if seed.worst is None else f", worst margin {seed.worst:.4f} ({seed.worst_relative:.2f} mean steps of V)"
        lines.append(f"  {'✗' if seed.violations else '✓'} {seed.seed}: {seed.violations} violations / {seed.steps} steps{worst}")
    share = score.violations / max(1, score.steps)
    lines.append(f"  Total: {score.violations}/{score.steps} ({share:.1%}), of them")
    lines.append(f"    {score.leaked_violations}/{score.leaked_steps} at numbers on training trajectories")
    lines.append(f"    {score.unleaked_violations}/{score.unleaked_steps} at numbers on none")
    lines.append(f"    {score.distinct_violations}/{score.distinct_steps} at distinct numbers")
    lines.append(f"Population ({rows.rows:,} numbers):")
    lines.append(f"  Pass {rows.pass_share:.2%}   weighted {rows.weighted_pass:.2%}")
    lines.append(f"  Growth steps: pass {rows.growth_pass:.2%}   weighted {rows.growth_weighted_pass:.2%}")
    lines.append(f"Margins: mean {rows.margin_mean:.4f}, median {rows.margin_median:.4f}, smallest {rows.margin_smallest:.4f},")
    lines.append(f"  5th percentile {rows.margin_percentile_5:.4f}; growth mean {rows.growth_margin_mean:.4f},")
    lines.append(f"  smallest {rows.growth_margin_smallest:.4f};")
    lines.append(f"  in mean steps of V: median {rows.relative_median:.2f}, smallest {rows.relative_smallest:.2f}")
    return "\n".join(lines)


def quick(value: ValueFunction, lookahead: int, exponents: tuple[int, int], seed: int, epoch: int) -> tuple[int, float]:
    """(violations on the trajectory of 27, share of 1000 fresh random numbers that pass)."""
    path = from_integers(trajectory(QUICK_SEED)[:-1])
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(epoch, 2))))
    numbers = random_numbers(generator, QUICK_ROWS, exponents)
    passes = margins(value, np.concatenate([path, numbers], axis=1), lookahead) > 0
    return int((~passes[: path.shape[1]]).sum()), float(passes[path.shape[1] :].mean())
