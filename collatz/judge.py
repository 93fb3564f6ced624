"""Judging a checkpoint: what `evaluate` and test_inference.py print."""

import json

import numpy as np

from collatz import evaluate, floors, frontier, lyapunov
from collatz.sampler import random_numbers
from collatz.scores import margins
from longrun import wilson_interval

LARGE_ROWS = 65_536
LARGE_EXPONENTS = (64, 127)
"""Large enough for the model of the lower bounds."""


def judge(checkpoint: str, eval_csv: str = "", as_json: bool = False) -> dict:
    """Evaluate a run folder, a checkpoint in it or a released folder beside closed forms and lower bounds; print and return the result.

    "bounds" of the result are shares of all large odd n: see frontier.bounds.
    """
    value = lyapunov.load(checkpoint)
    config = value.config
    rows = evaluate.evaluation_set(eval_csv or config.eval_csv)
    found = evaluate.measure(value, config.lookahead, rows, config.test_numbers)
    reference = evaluate.measure(evaluate.floor(config.lookahead), config.lookahead, rows, config.test_numbers)
    outcome = evaluate.outcome(value.preset, value.step, found, reference, rows)
    bounds = outcome["bounds"] = frontier.bounds(config.lookahead)
    large = random_numbers(np.random.default_rng(LARGE_ROWS), LARGE_ROWS, LARGE_EXPONENTS)
    violations = int((margins(value, large, config.lookahead) <= 0).sum())
    outcome["metrics"]["large_number_violations"] = violations / LARGE_ROWS
    if as_json:
        print(json.dumps(outcome))
        return outcome
    print(evaluate.block(found, f"collatz {value.preset}, lookahead {config.lookahead}, epoch {value.step}"))
    closed = floors.numbers(config.lookahead, rows, config.test_numbers)
    print(f"\nBeside functions without training:\n\n{floors.table({value.preset: found.numbers()} | closed)}\n")
    low, high = wilson_interval(violations, LARGE_ROWS)
    print(floors.bound_table(config.lookahead, bounds))
    print(
        f"\n{value.preset}: {violations / LARGE_ROWS:.4%} violations (95 % interval {low:.4%}..{high:.4%}) on {LARGE_ROWS:,} fresh numbers "
        "of 65 to 128 bits\n"
    )
    for name in floors.HEADINGS:
        low, high = outcome["intervals"][name]
        print(
            f"{name} {outcome['metrics'][name]:.6g} (floor {outcome['floors'][name]:.6g}, skill {outcome['skill'][name]:+.3f}, "
            f"95 % interval {low:.6g}..{high:.6g}, n {outcome['counts'][name]})"
        )
    return outcome
