"""What a network of the original run answers, whether it reads its input, and what the original run's own check says of it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from hrm.classic.attempts import two_likeliest
from hrm.classic.config import ClassicConfig
from hrm.classic.data import Pairs
from hrm.classic.steps import inputs_of
from hrm.measure import evaluate, sensitivity
from hrm.puzzles.examples import Examples
from longrun import binomial_score, result

CHUNK = 32


def answer(config: ClassicConfig, answers: Callable, tokens: np.ndarray, identifier: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(logits (B, N, 12), cycles executed (B,)) of Parts.answers, in chunks."""
    logits, cycles = [], []
    for first in range(0, len(tokens), CHUNK):
        part = {"tokens": tokens[first : first + CHUNK], "identifier": identifier[first : first + CHUNK]}
        outputs = answers({name: tf.constant(value) for name, value in inputs_of(config, part).items()})
        logits.append(outputs["logits"].numpy())
        cycles.append(outputs["cycles"].numpy())
    return np.concatenate(logits), np.concatenate(cycles)


class Judged(NamedTuple):
    """Answers to held-out pairs, and the numbers that the guards watch."""

    logits: np.ndarray
    """(B, N, 12) on the held-out pairs."""
    numbers: dict[str, float]
    """Exact match and cycles on them, and every measure of input sensitivity on their probes."""


def judge(config: ClassicConfig, answers: Callable, examples: Examples, probes: Examples) -> Judged:
    """Of held-out `examples` and their `probes` (see Source.probes)."""
    logits, cycles = answer(config, answers, examples.tokens, examples.identifier)
    probed = logits if probes is examples else answer(config, answers, probes.tokens, probes.identifier)[0]
    found = sensitivity.measure(probes, probed.argmax(axis=2), probed).numbers()
    found["held_out_exact"] = float(evaluate.exact(logits.argmax(axis=2), examples.labels).mean())
    found["held_out_cycles"] = float(cycles.mean())
    return Judged(logits, found)


def old_check(config: ClassicConfig, answers: Callable) -> tuple[bool, float, float]:
    """(whether the original run's check passes, A and total variation among its own five probes)."""
    seen: list[np.ndarray] = []

    def logits_of(tokens):
        seen.append(answer(config, answers, tokens, np.zeros(len(tokens), np.int32))[0])
        return seen[-1]

    passes = sensitivity.original_check(logits_of, config.model.side**2)
    return passes, *spread(seen[0])


def spread(logits: np.ndarray) -> tuple[float, float]:
    """(A, total variation) of the answers to several inputs against that to the first, means over cells; logits (B, N, V)."""
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    answers = logits.argmax(axis=2)
    variation = 0.5 * np.abs(weights[1:] - weights[:1]).sum(axis=2)
    return float((answers[1:] != answers[:1]).mean()), float(variation.mean())


def outcome_of(config: ClassicConfig, answers, source: Pairs, preset: str, step: int) -> dict:
    """The result as every project gives it: what is right at the first of two attempts and at either, and whether it is understood.

    A network that has memorised its pairs is right on those of the training alone; one that reads the grid and not the task is no worse
    with another task's identifier.
    """
    examples = source.held_out(config.data.held_out)
    judged = judge(config, answers, examples, source.probes(examples))
    attempts = two_likeliest(judged.logits)
    right = evaluate.exact(attempts, examples.labels)
    scores = evaluate.beside_floors(attempts[0], examples)
    del scores["exact_match"]  # It is pass_1, whose floor is copying alone.
    passes = {"pass_1": right[0], "pass_2": right.any(axis=0)}
    passes = {name: binomial_score(int(rows.sum()), len(rows), scores["exact_copy"]) for name, rows in passes.items()}

    def exact(asked):
        logits, _ = answer(config, answers, asked.tokens, asked.identifier)
        return float(evaluate.exact(logits.argmax(axis=2), asked.labels).mean())

    controls = {"exact_training": exact(source.training(config.data.held_out))}
    if not config.faults.no_task_identity and len(source.identifiers) > 1:
        controls["exact_wrong_identifier"] = exact(evaluate.misidentified(examples, len(source.identifiers)))
    return result("hrm", preset, step, {**passes, **scores, **controls, **judged.numbers})


def check_line(config: ClassicConfig, answers) -> str:
    """What the original run printed, with what it did not measure."""
    passes, differing, variation = old_check(config, answers)
    return f"{'PASSED' if passes else 'FAILED'} (answers of its five probes differ in {differing:.4f} of the cells, TV {variation:.6f})"
