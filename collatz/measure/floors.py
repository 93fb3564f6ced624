"""Every V that needs no training of a network, at one lookahead, measured like a network."""

import json as json_format
from functools import cache

import numpy as np

from collatz.bounds import frontier
from collatz.functions import closed_forms
from collatz.functions.clock import clock
from collatz.measure import evaluate
from collatz.measure.evaluate import ValueFunction
from collatz.numbers.draws import random_numbers
from collatz.numbers.evalset import EvaluationSet
from collatz.numbers.features import FIRST_VALUATION, check_lookahead, feature_batch
from collatz.numbers.seeds import TEST_SEEDS

FIT_ROWS = 3000
LARGE_ROWS = 65_536
LARGE_EXPONENTS = (64, 127)
"""Large enough for the model of the lower bounds."""
ALL_EXPONENTS = (1, 127)
HEADINGS = ("violations", "violations_unleaked", "pass", "weighted_pass", "growth_pass", "growth_weighted_pass")


def functions(lookahead: int) -> dict[str, ValueFunction]:
    """Name -> V. What is fitted is fitted on fresh random numbers."""
    latest, early = max(1, lookahead - 1), max(1, round(0.6 * lookahead))
    return {
        "ln n": closed_forms.logarithm,
        "ln n + 0.35 drift": closed_forms.drift_anchor(0.35),
        "best linear": best_linear(lookahead),
        "window minimum": closed_forms.window_minimum,
        "window maximum": closed_forms.window_maximum,
        f"two levels, climb from {latest}": closed_forms.two_level(latest),
        f"two levels, climb from {early}, multiples of three": closed_forms.raise_multiples_of_three(closed_forms.two_level(early)),
        f"two levels, climb from {latest}, multiples of three": closed_forms.raise_multiples_of_three(closed_forms.two_level(latest)),
        "clock": clock(lookahead),
    }


def best_linear(lookahead: int, rows: int = FIT_ROWS, seed: int = 0) -> ValueFunction:
    """The linear function of the raw features with the least hinge loss at `rows` random steps, a linear programme."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    numbers = random_numbers(np.random.default_rng(seed), rows, ALL_EXPONENTS)
    here, following = feature_batch(numbers, lookahead, (0, 1)).features
    difference = csr_array(here.astype(np.float64) - following)
    columns = FIRST_VALUATION + lookahead
    # Minimise the slacks s >= 0 with w (f(n) - f(T n)) + s >= 1.
    solution = linprog(
        np.concatenate([np.zeros(columns), np.ones(rows)]),
        A_ub=-hstack([difference, eye_array(rows)]),
        b_ub=-np.ones(rows),
        bounds=[(None, None)] * columns + [(0, None)] * rows,
        method="highs",
    )
    weights = solution.x[:columns]
    return lambda features: features.astype(np.float64) @ weights


def floors(*, lookahead: int = 20, eval_csv: str = "", json: bool = False) -> None:
    """Print the scores of functions without training and the lower bounds: what every network is compared with.

    lookahead: Syracuse steps that the functions see ahead.
    eval_csv: Evaluation set; empty: the original run's own.
    json: Print one JSON object.

    Example:
        python -m collatz floors --lookahead 20
    """
    check_lookahead(lookahead)
    found, bounds = numbers(lookahead, evaluate.evaluation_set(eval_csv), TEST_SEEDS), frontier.bounds(lookahead)
    measured = at_large(lookahead)
    if json:
        report = {"closed_forms": found, "bounds": bounds, "measured": measured}
        print(json_format.dumps({"project": "collatz", "lookahead": lookahead, **report}))
    else:
        print(f"lookahead {lookahead}\n\n{table(found)}\n\n{bound_table(lookahead, bounds, measured)}")


def numbers(lookahead: int, rows: EvaluationSet, test_seeds: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Name -> headline numbers of each function."""
    return {name: evaluate.measure(value, lookahead, rows, test_seeds).numbers() for name, value in functions(lookahead).items()}


def table(found: dict[str, dict[str, float]]) -> str:
    """A Markdown table with a row for each V: counts, and shares in percent."""
    lines = ["| V | " + " | ".join(name.replace("_", " ") for name in HEADINGS) + " |", "|---" * (len(HEADINGS) + 1) + "|"]
    for name, values in found.items():
        cells = [f"{values[key]:.0f}" if key.startswith("violations") else f"{values[key]:.2%}" for key in HEADINGS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def bound_table(lookahead: int, bounds: dict[str, float], measured: dict[str, dict[str, float]]) -> str:
    """frontier.bounds as a Markdown table under a heading, beside what was measured (name of V -> frontier.measured) and how far off."""
    lines = [f"Lower bounds for any V of the same features, lookahead {lookahead}, large random n, beside V as it is:", ""]
    lines += [
        "| what | at least | " + " | ".join(f"{name}, over the bound" for name in measured) + " |",
        "|---" * (2 + len(measured)) + "|",
    ]
    for what, bound in bounds.items():
        cells = [f"{found[what]:.4%}, {found[what] - bound:+.4%}" if what in found else "-" for found in measured.values()]
        lines.append(f"| {what} | {_percent(bound)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _percent(share):
    return f"{share:.4%}" if share >= 1e-5 else f"{100 * share:.0e} %"


def large_numbers() -> np.ndarray:
    """LARGE_ROWS fresh numbers that the model of the lower bounds fits, (2, LARGE_ROWS)."""
    return random_numbers(np.random.default_rng(LARGE_ROWS), LARGE_ROWS, LARGE_EXPONENTS)


@cache
def at_large(lookahead: int) -> dict[str, dict[str, float]]:
    """frontier.measured of the clock, and of the window maximum, which never falls where ln n alone rises."""
    chosen = {"clock": clock(lookahead), "window maximum": closed_forms.window_maximum}
    return {name: frontier.measured(value, lookahead, large_numbers()) for name, value in chosen.items()}
