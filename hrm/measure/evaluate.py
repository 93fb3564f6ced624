"""What a reasoner is worth on puzzles that it was not trained on: exact match first, each number beside what needs no understanding."""

from dataclasses import dataclass

import numpy as np

from hrm.measure import sensitivity
from hrm.network.halting import wants_to_halt
from hrm.network.reasoner import Reasoner, Thoughts
from hrm.puzzles.examples import IGNORED, Examples, Source
from longrun import Score, binomial_score, bootstrap_interval, result

CHECKED = 32
"""Puzzles of each task in the cheap check during a training."""


@dataclass(frozen=True)
class Evaluation:
    """A reasoner's answers and their scores."""

    examples: Examples
    thoughts: Thoughts
    scores: dict[str, Score | float]


def exact(answers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether every labelled cell is right; the last axis is cells."""
    return ((answers == labels) | (labels == IGNORED)).all(axis=-1)


def check(reasoner: Reasoner, examples: Examples, probes: Examples, unseen: Examples | None = None) -> dict[str, float]:
    """What the guards watch, on a few held-out puzzles and their probes; and exact match on unseen tasks where there are any."""
    thoughts = reasoner.consider(examples)
    probed = thoughts if probes is examples else reasoner.consider(probes)
    found = sensitivity.measure(probes, probed.answer, probed.logits).numbers()
    found["held_out_exact"] = float(exact(thoughts.answer, examples.labels).mean())
    found["held_out_segments"] = float(thoughts.used.mean() + 1)
    found["at_ceiling"] = at_ceiling(reasoner, thoughts)
    if unseen is not None:
        found["unseen_exact"] = float(exact(reasoner.consider(unseen).answer, unseen.labels).mean())
    return found


def at_ceiling(reasoner: Reasoner, thoughts: Thoughts) -> float:
    """Share of puzzles that never halted by themselves."""
    stops = wants_to_halt(thoughts.halting, reasoner.config.learning.halting, reasoner.config.evaluation.halting_confidence)
    return float((~stops.any(axis=0)).mean())


def evaluate(reasoner: Reasoner, source: Source, count: int, segments: int = 0, halt: bool | None = None) -> Evaluation:
    """Every score on `count` held-out puzzles, and where tasks are unseen on as many of theirs."""
    examples = source.held_out(count)
    probes = source.probes(examples)
    thoughts = reasoner.consider(examples, segments, halt)
    probed = thoughts if probes is examples else reasoner.consider(probes, segments, halt)
    answer, labels = thoughts.answer, examples.labels
    right, cells = exact(answer, labels), sensitivity.cell_accuracy(answer, labels)
    # The commonest label of a task's only puzzle would be its own.
    several = sensitivity.has_partner(examples.task)[:, None]
    majority = np.where(several, sensitivity.majority_answers(examples), examples.tokens)
    floor = float(sensitivity.cell_accuracy(majority, labels).mean())
    scores: dict[str, Score | float] = {
        "exact_match": binomial_score(int(right.sum()), len(right), float(exact(majority, labels).mean())),
        "cell_accuracy": Score(float(cells.mean()), floor, len(cells), *bootstrap_interval(cells)),
    }
    blank = (examples.tokens != labels) & (labels != IGNORED)
    scores["changed_cell_accuracy"] = float(((answer == labels) & blank).sum() / max(blank.sum(), 1))
    scores["copy_accuracy"] = float(sensitivity.cell_accuracy(examples.tokens, labels).mean())
    scores["exact_copy"] = float(exact(examples.tokens, labels).mean())
    scores |= sensitivity.measure(probes, probed.answer, probed.logits).numbers()
    scores["one_cell_flips"] = one_cell_flips(reasoner, examples, answer, segments, halt)
    scores["segments_used"] = float(thoughts.used.mean() + 1)
    scores["at_ceiling"] = at_ceiling(reasoner, thoughts)
    scores["halting_accuracy"] = float(((thoughts.halting[..., 0] > 0) == exact(thoughts.answers, labels)).mean())
    for index, answers in enumerate(thoughts.answers):
        scores[f"exact_segment_{index + 1}"] = float(exact(answers, labels).mean())
        scores[f"halted_at_{index + 1}"] = float((thoughts.used == index).mean())
    scores |= by_task(source, examples, right) | by_difficulty(examples, thoughts, right)
    scores |= identifier_ablation(reasoner, source, examples, segments, halt)
    scores |= demonstration_ablation(reasoner, examples, examples, segments, halt)
    if reasoner.config.data.unseen:
        found = on_unseen_tasks(reasoner, source, examples, count, segments, halt)
        scores |= {f"unseen_{name}": score for name, score in found.items()}
    return Evaluation(examples, thoughts, scores)


def on_unseen_tasks(
    reasoner: Reasoner, source: Source, held_out: Examples, count: int, segments: int, halt: bool | None
) -> dict[str, Score | float]:
    """Scores on `count` puzzles of tasks that training showed nothing of."""
    examples = source.unseen(count)
    answer = reasoner.consider(examples, segments, halt).answer
    return {
        **beside_floors(answer, examples),
        **by_task(source, examples, exact(answer, examples.labels)),
        **demonstration_ablation(reasoner, examples, held_out, segments, halt),
    }


def beside_floors(answer: np.ndarray, examples: Examples) -> dict[str, Score | float]:
    """Exact match and cell accuracy of answers (B, N). The floor is the better of copying and of the majority.

    The majority is of the other puzzles of a task: with a puzzle to each task, its own label would be a floor of 1.
    """
    labels = examples.labels
    right, cells = exact(answer, labels), sensitivity.cell_accuracy(answer, labels)
    known = {"copy": examples.tokens, "majority": sensitivity.majority_answers(examples, of_others=True)}
    exact_floors = {f"exact_{name}": float(exact(given, labels).mean()) for name, given in known.items()}
    cell_floors = {f"{name}_accuracy": float(sensitivity.cell_accuracy(given, labels).mean()) for name, given in known.items()}
    return {
        "exact_match": binomial_score(int(right.sum()), len(right), max(exact_floors.values())),
        "cell_accuracy": Score(float(cells.mean()), max(cell_floors.values()), len(cells), *bootstrap_interval(cells)),
        **exact_floors,
        **cell_floors,
    }


def by_task(source: Source, examples: Examples, right: np.ndarray) -> dict[str, float]:
    """Exact match of each task, where there are several but not hundreds."""
    asked = np.unique(examples.task)
    if not 1 < len(asked) <= 20:
        return {}
    names = {index: source.tasks[index].replace(" ", "_").replace("-", "_") for index in asked}
    return {f"exact_{names[index]}": float(right[examples.task == index].mean()) for index in asked}


def by_difficulty(examples: Examples, thoughts: Thoughts, right: np.ndarray) -> dict[str, float]:
    """Exact match and segments of the easier and the harder half, where difficulty differs within a single task."""
    middle = np.median(examples.difficulty)
    harder = examples.difficulty > middle
    if len(np.unique(examples.task)) > 1 or not harder.any() or harder.all():
        return {}
    halves = {"easier": ~harder, "harder": harder}
    scores = {f"exact_{name}": float(right[rows].mean()) for name, rows in halves.items()}
    return scores | {f"segments_{name}": float(thoughts.used[rows].mean() + 1) for name, rows in halves.items()}


def one_cell_flips(reasoner: Reasoner, examples: Examples, answer: np.ndarray, segments: int, halt: bool | None) -> float:
    """Share of puzzles whose answer changes when one random cell of the question takes the token of another puzzle's cell."""
    numbers = np.random.default_rng(1)
    tokens, rows = examples.tokens.copy(), np.arange(len(examples.tokens))
    cell = numbers.integers(0, tokens.shape[1], len(tokens))
    present = np.unique(tokens)
    place = np.searchsorted(present, tokens[rows, cell])
    tokens[rows, cell] = present[(place + numbers.integers(1, max(len(present), 2), len(tokens))) % len(present)]
    changed = reasoner.consider(examples._replace(tokens=tokens), segments, halt).answer
    return float((changed != answer).any(axis=1).mean())


def identifier_ablation(reasoner: Reasoner, source: Source, examples: Examples, segments: int, halt: bool | None) -> dict[str, float]:
    """Exact match when every puzzle is given the identifier of another one; only where there are several."""
    count = len(source.identifiers)
    if count < 2 or not reasoner.config.model.has_table:
        return {}
    answer = reasoner.consider(misidentified(examples, count), segments, halt).answer
    return {"exact_wrong_identifier": float(exact(answer, examples.labels).mean())}


def misidentified(examples: Examples, count: int) -> Examples:
    """Each with another one of `count` identifiers."""
    other = (examples.identifier + np.random.default_rng(2).integers(1, count, len(examples.identifier))) % count
    return examples._replace(identifier=other.astype(np.int32))


def demonstration_ablation(reasoner: Reasoner, examples: Examples, donors: Examples, segments: int, halt: bool | None) -> dict[str, float]:
    """Exact match when every puzzle is shown those of a donor of another task; only where they are shown, and tasks several."""
    if examples.demonstrations is None or len(np.union1d(examples.task, donors.task)) < 2:
        return {}
    numbers = np.random.default_rng(3)
    other = [numbers.choice(np.flatnonzero(donors.task != task)) for task in examples.task]
    answer = reasoner.consider(examples._replace(demonstrations=donors.demonstrations[other]), segments, halt).answer
    return {"exact_wrong_demonstrations": float(exact(answer, examples.labels).mean())}


def outcome(reasoner: Reasoner, evaluation: Evaluation) -> dict:
    """The result as every project gives it."""
    return result("hrm", reasoner.preset, reasoner.step, evaluation.scores)
