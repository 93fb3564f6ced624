"""Judging a checkpoint: what `evaluate` and test_inference.py print."""

from hrm.classic.answers import check_line, outcome_of
from hrm.classic.config import ClassicConfig
from hrm.classic.data import Pairs
from hrm.classic.model import build_model
from hrm.measure import evaluate
from hrm.measure import looks as several
from hrm.network import reasoner
from hrm.puzzles.examples import Source
from hrm.puzzles.published import Published
from hrm.puzzles.sources import make_source
from longrun import restore_variables
from longrun.config import changed, config_of
from longrun.errors import UserError
from longrun.measure.judge import show
from longrun.release import models

LOOKS, LOOKED_AT = 8, 64
"""Looks at Sudokus, and at how many of them, where nothing is said."""


def judge(
    checkpoint: str,
    /,
    *,
    count: int = 0,
    segments: int = 0,
    halt: bool | None = None,
    looks: int = 0,
    path: str = "",
    json: bool = False,
) -> dict:
    """Print a checkpoint's scores on held-out puzzles, each beside its floor, and whether the input is read.

    checkpoint: A run folder, a checkpoint in it, or a folder of released weights.
    count: Puzzles; 0: as many as the training was configured for.
    segments: Segments each puzzle is given; 0: as many as in training.
    halt: Whether each answer counts at the segment where the reasoner holds it to be right, or after the last one; unsaid: as configured.
    looks: Looks at each Sudoku, under random symmetries: exact match by the first answer that keeps the rules, and by the answer that the
        reasoner is most sure of; 0: 8 looks at the first 64 Sudokus, 1: none but the first.
    path: Judge on the held-out part of other puzzles: a CSV of Sudokus, a published folder, ARC tasks; empty: as configured.
    json: Print the result as one JSON object on stdout and nothing else there.

    Example:
        python -m hrm evaluate checkpoints/released/hrm/mini --count 100 --no-halt

    Returns the result.
    """
    if count < 0 or segments < 0:
        raise UserError(f"count and segments must not be negative, not {count} and {segments}")
    if looks < 0:
        raise UserError(f"looks must not be negative, not {looks}")
    origin = models.find(checkpoint, "hrm", (reasoner.FILE,))
    if "independent_augmentation" in origin.config:
        if path:
            raise UserError("a network of the original run is judged on its own puzzles, not on those at a path")
        return _judge_classic(origin, json)
    found = reasoner.opened(origin)
    source = _elsewhere(found, path) if path else make_source(found.config, identifiers=found.identifiers)
    found.require_identifiers(source.identifiers)
    evaluation = evaluate.evaluate(found, source, count or found.config.evaluation.held_out, segments, halt)
    words = []
    if found.config.data.puzzle == "sudoku" or looks > 1:
        examples = evaluation.examples if looks else evaluation.examples.rows(slice(LOOKED_AT))
        if looks != 1:
            glances = several.look(found, examples, looks or LOOKS, segments, stop=False)
            evaluation.scores.update(several.table(glances, examples.labels))
            words.append(_of_looks(evaluation.scores, len(examples.tokens)))
        right = evaluate.exact(evaluation.thoughts.answer, evaluation.examples.labels)
        evaluation.scores.update(several.of_difficulty(evaluation.examples, right, found.config.data.side))
    outcome = evaluate.outcome(found, evaluation)
    heading = f"hrm {found.preset}, step {found.step}: {len(evaluation.examples.tokens)} held-out puzzles"
    show(outcome, json, heading, _in_words(outcome), *words)
    return outcome


def _of_looks(scores, count):
    looks = [int(name.rpartition("_")[2]) for name in scores if name.startswith("exact_looks_")]
    rows = [
        "| " + " | ".join([words, *(f"{scores[f'exact_{name}_{number}']:.4f}" for number in looks)]) + " |"
        for name, words in (("looks", "the first answer that keeps the rules"), ("confident", "the answer it is most sure of"))
    ]
    head = " | ".join(map(str, looks))
    return "\n".join([f"| exact match on {count} of them, looks | {head} |", "|---" * (1 + len(looks)) + "|", *rows])


def _elsewhere(found: reasoner.Reasoner, path: str) -> Source:
    """The puzzles at a path, of the kind that a reasoner was trained on."""
    data = found.config.data
    if data.puzzle == "arc":
        return make_source(changed(found.config, path=path), identifiers=found.identifiers)
    if data.puzzle == "mini-arc":
        raise UserError("the rules of mini-arc are made here: there is no path to others")
    return Published(path, data.side, data.vocabulary)


def _judge_classic(origin: models.Found, as_json: bool) -> dict:
    """The same for a network of the original run."""
    config = config_of(ClassicConfig, origin.config, origin.place)
    source = Pairs(config)
    model = build_model(config, len(source.identifiers))
    step = restore_variables(origin.checkpoints, {"model": model.variables}, origin.kind, origin.number)
    outcome = outcome_of(config, model, source, origin.preset, step)
    check = f"The original run's own check: {check_line(config, model)}\n{verdict(outcome['metrics'])}"
    show(outcome, as_json, f"hrm {origin.preset}, step {step}", check)
    return outcome


def _in_words(outcome):
    values, floors = outcome["metrics"], outcome["floors"]
    low, high = outcome["intervals"]["exact_match"]
    words = (
        f"exact match {values['exact_match']:.4f} (floor {floors['exact_match']:.4f}, 95 % interval {low:.4f}..{high:.4f}), "
        f"cell accuracy {values['cell_accuracy']:.4f} (majority {floors['cell_accuracy']:.4f}), G {values['input_sensitivity']:.4f}, "
        f"mean segments {values['segments_used']:.2f}: {verdict(values)}"
    )
    if "unseen_exact_match" in values:
        low, high = outcome["intervals"]["unseen_exact_match"]
        words += (
            f"\ntasks that training showed nothing of: exact match {values['unseen_exact_match']:.4f} "
            f"(floor {floors['unseen_exact_match']:.4f}, 95 % interval {low:.4f}..{high:.4f})"
        )
    return words


def verdict(values: dict[str, float]) -> str:
    """One clause on whether the input is read."""
    return "the input is used" if values["input_sensitivity"] >= 0.05 and values["above_majority"] >= 0.01 else "the input is NOT used"
