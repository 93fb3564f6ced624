"""Judging a checkpoint: what `evaluate` and test_inference.py print."""

import time

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

UNSTOPPED, LOOKED_AT = 8, 64
"""Looks that do not stop, which a choice without rules needs, and at how many Sudokus."""


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
    halt: Take each answer at the segment where the halting head predicts it to be right, not after the last; left out: as configured.
    looks: Looks at each Sudoku, under random symmetries and from random starts: exact match by the first answer that keeps the rules, with
        a digit assumed at each further look and without, and after up to 8 looks at the first 64 Sudokus by the answer that the reasoner
        is most sure of; 0: 32 looks, 1: none but the first.
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
        if looks != 1:
            words.append(_looked(found, evaluation, looks or several.MOST, segments))
        right = evaluate.exact(evaluation.thoughts.answer, evaluation.examples.labels)
        evaluation.scores.update(several.of_difficulty(evaluation.examples, right, found.config.data.side))
    outcome = evaluate.outcome(found, evaluation)
    heading = f"hrm {found.preset}, step {found.step}: {len(evaluation.examples.tokens)} held-out puzzles"
    show(outcome, json, heading, _in_words(outcome), *words)
    return outcome


def _looked(found, evaluation, looks, segments):
    """Adds the scores of several looks to an evaluation's, and says them."""
    examples, some = evaluation.examples, evaluation.examples.rows(slice(LOOKED_AT))
    tables, seconds = [], []
    for name, words, assume in (("assumed", "that keeps the rules, a digit assumed", True), ("looks", "that keeps the rules", False)):
        started = time.process_time()
        looked = several.look(found, examples, looks, segments, assume=assume, first=evaluation.thoughts)
        seconds.append((time.process_time() - started) / len(examples.tokens))
        tables.append((f"the first answer of {len(examples.tokens)} {words}", several.exact_by_rules(looked, examples.labels, name)))
    unstopped = several.look(found, some, min(looks, UNSTOPPED), segments, stop=False)
    tables.append((f"the answer of {len(some.tokens)} that it is most sure of", several.exact_by_itself(unstopped, some.labels)))
    evaluation.scores.update({name: score for _, scores in tables for name, score in scores.items()})
    effort = "The further looks took {:.2f} processor seconds a Sudoku with digits assumed, {:.2f} without.".format(*seconds)
    return "\n".join([*(_of_looks(words, scores) for words, scores in tables), effort])


def _of_looks(words, scores):
    numbers = " | ".join(name.rpartition("_")[2] for name in scores)
    values = " | ".join(f"{score:.4f}" for score in scores.values())
    return f"| exact match, looks | {numbers} |\n{'|---' * (1 + len(scores))}|\n| {words} | {values} |\n"


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
