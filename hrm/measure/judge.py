"""Judging a checkpoint: what `evaluate` and test_inference.py print."""

import json

from hrm.classic.config import ClassicConfig
from hrm.classic.data import Pairs
from hrm.classic.model import build_model
from hrm.classic.train import check_line, outcome_of
from hrm.measure import evaluate
from hrm.network import reasoner
from hrm.puzzles.sources import make_source
from longrun import restore_variables, result_table
from longrun.release import models as release


def judge(checkpoint: str, count: int = 0, segments: int = 0, halt: bool | None = None, as_json: bool = False) -> dict:
    """Evaluate a run folder, a checkpoint in it or a released folder on held-out puzzles; print and return the result.

    count: puzzles, 0 for as many as configured; segments and halt: see Reasoner.think.
    """
    if count < 0 or segments < 0:
        raise ValueError(f"count and segments must not be negative, not {count} and {segments}")
    origin = release.find(checkpoint, "hrm", (reasoner.FILE,))
    if "independent_augmentation" in origin.config:
        return judge_classic(origin, as_json)
    found = reasoner.load(checkpoint)
    source = make_source(found.config)
    evaluation = evaluate.evaluate(found, source, count or found.config.held_out, segments, halt)
    outcome = evaluate.outcome(found, evaluation)
    if as_json:
        print(json.dumps(outcome))
        return outcome
    print(f"hrm {found.preset}, step {found.step}: {len(evaluation.examples.tokens)} held-out puzzles\n")
    print(result_table(outcome))
    values, floors = outcome["metrics"], outcome["floors"]
    low, high = outcome["intervals"]["exact_match"]
    print(
        f"\nexact match {values['exact_match']:.4f} (floor {floors['exact_match']:.4f}, 95 % interval {low:.4f}..{high:.4f}), "
        f"cell accuracy {values['cell_accuracy']:.4f} (majority {floors['cell_accuracy']:.4f}), G {values['input_sensitivity']:.4f}, "
        f"mean segments {values['segments_used']:.2f}: {verdict(values)}"
    )
    if "unseen_exact_match" in values:
        low, high = outcome["intervals"]["unseen_exact_match"]
        print(
            f"tasks that training showed nothing of: exact match {values['unseen_exact_match']:.4f} "
            f"(floor {floors['unseen_exact_match']:.4f}, 95 % interval {low:.4f}..{high:.4f})"
        )
    return outcome


def judge_classic(origin: release.Found, as_json: bool) -> dict:
    """The same for a run of the report's network."""
    config = release.config_of(ClassicConfig, origin.config)
    source = Pairs(config)
    model = build_model(config, len(source.identifiers))
    step = restore_variables(origin.checkpoints, {"model": model.variables}, origin.kind, origin.number)
    outcome = outcome_of(config, model, source, origin.preset, step)
    if as_json:
        print(json.dumps(outcome))
    else:
        print(f"hrm {origin.preset}, step {step}\n\n{result_table(outcome)}\n\nThe report's own check: {check_line(config, model)}")
        print(verdict(outcome["metrics"]))
    return outcome


def verdict(values: dict[str, float]) -> str:
    """One clause on whether the input is read."""
    return "the input is used" if values["input_sensitivity"] >= 0.05 and values["above_majority"] >= 0.01 else "the input is NOT used"
