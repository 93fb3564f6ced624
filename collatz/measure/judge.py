"""Judging a V: what `evaluate` and test_inference.py print, and what a run leaves in its result.json."""

import json
from dataclasses import dataclass

from collatz.bounds import frontier
from collatz.functions import lyapunov
from collatz.functions.clock import in_endgame
from collatz.functions.lyapunov import Lyapunov
from collatz.measure import evaluate, floors
from collatz.measure.evaluate import Evaluation
from collatz.numbers.evalset import EvaluationSet
from collatz.numbers.features import feature_batch
from collatz.numbers.limbs import from_integers
from collatz.numbers.syracuse import trajectory
from longrun import skill, wilson_interval


@dataclass(frozen=True)
class Verdict:
    """All about one V. `outcome` is the result in the form of longrun.run.report.result, with "closed_forms", "bounds" and "measured"."""

    found: Evaluation
    outcome: dict


def verdict(value: Lyapunov, rows: EvaluationSet) -> Verdict:
    """Measure V on the trajectories, the evaluation set and large numbers, beside the functions without training and the lower bounds."""
    config = value.config
    found = evaluate.measure(value, config.lookahead, rows, config.test_numbers)
    reference = evaluate.measure(evaluate.floor(config.lookahead), config.lookahead, rows, config.test_numbers)
    outcome = evaluate.outcome(value.preset, value.step, found, reference, rows)
    outcome["closed_forms"] = floors.numbers(config.lookahead, rows, config.test_numbers)
    outcome["bounds"] = dict(frontier.bounds(config.lookahead))
    measured = frontier.measured(value, config.lookahead, floors.large_numbers())
    outcome["measured"] = {value.preset: measured} | floors.at_large(config.lookahead)
    _add_large_numbers(outcome, measured[frontier.VIOLATIONS], outcome["measured"]["clock"][frontier.VIOLATIONS])
    if config.recipe == "clock":
        outcome["metrics"] |= _endgame(value, rows)
    return Verdict(found, outcome)


def _add_large_numbers(outcome: dict, share: float, floor: float) -> None:
    name = "large_number_violations"
    outcome["metrics"][name], outcome["floors"][name], outcome["counts"][name] = share, floor, floors.LARGE_ROWS
    outcome["skill"][name] = skill(1 - share, 1 - floor)
    outcome["intervals"][name] = list(wilson_interval(share * floors.LARGE_ROWS, floors.LARGE_ROWS))


def _endgame(value: Lyapunov, rows: EvaluationSet) -> dict[str, float]:
    """How much the table of the endgame answers, and the scores without it."""
    config = value.config
    starts = from_integers(number for seed in config.test_numbers for number in trajectory(seed)[:-1])
    counts = [int(in_endgame(feature_batch(n, config.lookahead, (0,)).features[0]).sum()) for n in (starts, rows.numbers)]
    without = evaluate.measure(value.without_endgame(), config.lookahead, rows, config.test_numbers)
    return {
        "steps_in_endgame": counts[0],
        "rows_in_endgame": counts[1],
        "violations_without_endgame": without.trajectories.violations,
        "violations_unleaked_without_endgame": without.trajectories.unleaked_violations,
        "pass_without_endgame": without.population.pass_share,
    }


def judge(checkpoint: str, eval_csv: str = "", as_json: bool = False) -> dict:
    """Evaluate a run folder, a checkpoint in it or a released folder beside closed forms and lower bounds; print and return the result.

    "bounds" and "measured" of the result are shares of all large odd n: see frontier.bounds and frontier.measured.
    """
    value = lyapunov.load(checkpoint)
    config = value.config
    rows = evaluate.evaluation_set(eval_csv or config.eval_csv)
    judged = verdict(value, rows)
    outcome = judged.outcome
    if as_json:
        print(json.dumps(outcome))
        return outcome
    print(evaluate.block(judged.found, f"collatz {value.preset}, lookahead {config.lookahead}, epoch {value.step}"))
    everything = {value.preset: judged.found.numbers()} | outcome["closed_forms"]
    print(f"\nBeside functions without training:\n\n{floors.table(everything)}\n")
    print(floors.bound_table(config.lookahead, outcome["bounds"], outcome["measured"]))
    print(f"measured on {floors.LARGE_ROWS:,} fresh numbers of 65 to 128 bits\n")
    if config.recipe == "clock":
        print(endgame_line(outcome, len(rows)))
    for name in (*floors.HEADINGS, "large_number_violations"):
        low, high = outcome["intervals"][name]
        print(
            f"{name} {outcome['metrics'][name]:.6g} (floor {outcome['floors'][name]:.6g}, skill {outcome['skill'][name]:+.3f}, "
            f"95 % interval {low:.6g}..{high:.6g}, n {outcome['counts'][name]})"
        )
    return outcome


def endgame_line(outcome: dict, rows: int) -> str:
    """How many answers are looked up, in words."""
    numbers = outcome["metrics"]
    return (
        f"The endgame's table answers {numbers['steps_in_endgame']} of {outcome['counts']['violations']} test steps and "
        f"{numbers['rows_in_endgame']:,} of {rows:,} numbers. Without it: {numbers['violations_without_endgame']} violations "
        f"({numbers['violations_unleaked_without_endgame']} unleaked), pass {numbers['pass_without_endgame']:.2%}.\n"
    )
