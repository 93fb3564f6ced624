"""Judging a V: what `evaluate` and test_inference.py print, and what a run leaves in its result.json."""

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
from longrun.measure.judge import show

LARGE = "large_number_violations"


@dataclass(frozen=True)
class Verdict:
    """All about one V. `outcome` is the result in the form of longrun.run.report.result, with "closed_forms", "bounds" and "measured"."""

    found: Evaluation
    outcome: dict


def verdict(value: Lyapunov, rows: EvaluationSet) -> Verdict:
    """Measure V on the trajectories, the evaluation set and large numbers, beside the functions without training and the lower bounds."""
    lookahead, tests = value.config.model.lookahead, value.config.evaluation.test_numbers
    found = evaluate.measure(value, lookahead, rows, tests)
    reference = evaluate.measure(evaluate.floor(lookahead), lookahead, rows, tests)
    outcome = evaluate.outcome(value.preset, value.step, found, reference, rows)
    outcome["closed_forms"] = floors.numbers(lookahead, rows, tests)
    outcome["bounds"] = dict(frontier.bounds(lookahead))
    measured = frontier.measured(value, lookahead, floors.large_numbers())
    outcome["measured"] = {value.preset: measured} | floors.at_large(lookahead)
    _add_large_numbers(outcome, measured[frontier.VIOLATIONS], outcome["measured"]["clock"][frontier.VIOLATIONS])
    if value.config.model.recipe == "clock":
        outcome["metrics"] |= _endgame(value, rows)
    return Verdict(found, outcome)


def _add_large_numbers(outcome: dict, share: float, floor: float) -> None:
    outcome["metrics"][LARGE], outcome["floors"][LARGE], outcome["counts"][LARGE] = share, floor, floors.LARGE_ROWS
    outcome["skill"][LARGE] = skill(1 - share, 1 - floor)
    outcome["intervals"][LARGE] = list(wilson_interval(share * floors.LARGE_ROWS, floors.LARGE_ROWS))


def _endgame(value: Lyapunov, rows: EvaluationSet) -> dict[str, float]:
    """How much the table of the endgame answers, and the scores without it."""
    lookahead, tests = value.config.model.lookahead, value.config.evaluation.test_numbers
    starts = from_integers(number for seed in tests for number in trajectory(seed)[:-1])
    counts = [int(in_endgame(feature_batch(n, lookahead, (0,)).features[0]).sum()) for n in (starts, rows.numbers)]
    without = evaluate.measure(value.without_endgame(), lookahead, rows, tests)
    return {
        "steps_in_endgame": counts[0],
        "rows_in_endgame": counts[1],
        "violations_without_endgame": without.trajectories.violations,
        "violations_unleaked_without_endgame": without.trajectories.unleaked_violations,
        "pass_without_endgame": without.population.pass_share,
    }


def judge(checkpoint: str, /, *, eval_csv: str = "", json: bool = False) -> dict:
    """Evaluate a V beside the functions without training and the lower bounds.

    Violations are counts on the test trajectories; shares are of the evaluation set. "bounds" and "measured" of the result are shares of
    all large odd n: see frontier.bounds and frontier.measured.

    checkpoint: A run folder, a checkpoint in it, or released weights.
    eval_csv: Evaluation set; empty: the training's own.
    json: Print the result as one JSON object.

    Example:
        python -m collatz evaluate checkpoints/released/collatz/quick
    """
    value = lyapunov.load(checkpoint)
    settings = value.config.model
    rows = evaluate.evaluation_set(eval_csv or value.config.evaluation.eval_csv)
    judged = verdict(value, rows)
    outcome = judged.outcome
    everything = {value.preset: judged.found.numbers()} | outcome["closed_forms"]
    paragraphs = [
        f"Beside functions without training:\n\n{floors.table(everything)}",
        floors.bound_table(settings.lookahead, outcome["bounds"], outcome["measured"])
        + f"\nmeasured on {floors.LARGE_ROWS:,} fresh numbers of 65 to 128 bits",
        *([endgame_line(outcome, len(rows))] if settings.recipe == "clock" else []),
    ]
    heading = evaluate.block(judged.found, f"collatz {value.preset}, lookahead {settings.lookahead}, epoch {value.step}")
    shown = {name: outcome["metrics"][name] for name in (*floors.HEADINGS, LARGE)}
    show(outcome, json, heading, *paragraphs, table=outcome | {"metrics": shown})
    return outcome


def endgame_line(outcome: dict, rows: int) -> str:
    """How many answers are looked up, in words."""
    numbers = outcome["metrics"]
    return (
        f"The endgame's table answers {numbers['steps_in_endgame']} of {outcome['counts']['violations']} test steps and "
        f"{numbers['rows_in_endgame']:,} of {rows:,} numbers. Without it: {numbers['violations_without_endgame']} violations "
        f"({numbers['violations_unleaked_without_endgame']} unleaked), pass {numbers['pass_without_endgame']:.2%}."
    )
