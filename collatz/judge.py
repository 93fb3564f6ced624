"""Judging a checkpoint: what `evaluate` and test_inference.py print."""

import json

from collatz import evaluate, floors, lyapunov


def judge(checkpoint: str, eval_csv: str = "", as_json: bool = False) -> dict:
    """Evaluate a run folder, a checkpoint in it or a released folder beside the closed forms; print and return the result."""
    value = lyapunov.load(checkpoint)
    config = value.config
    rows = evaluate.evaluation_set(eval_csv or config.eval_csv)
    found = evaluate.measure(value, config.lookahead, rows, config.test_numbers)
    reference = evaluate.measure(evaluate.floor(config.lookahead), config.lookahead, rows, config.test_numbers)
    outcome = evaluate.outcome(value.preset, value.step, found, reference, rows)
    if as_json:
        print(json.dumps(outcome))
        return outcome
    print(evaluate.block(found, f"collatz {value.preset}, lookahead {config.lookahead}, epoch {value.step}"))
    closed = floors.numbers(config.lookahead, rows, config.test_numbers)
    print(f"\nBeside functions without training:\n\n{floors.table({value.preset: found.numbers()} | closed)}\n")
    for name in ("violations", *floors.HEADINGS[2:]):
        low, high = outcome["intervals"][name]
        print(
            f"{name} {outcome['metrics'][name]:.6g} (floor {outcome['floors'][name]:.6g}, skill {outcome['skill'][name]:+.3f}, "
            f"95 % interval {low:.6g}..{high:.6g}, n {outcome['n'][name]})"
        )
    return outcome
