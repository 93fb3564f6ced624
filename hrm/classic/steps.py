"""Model, optimizer and step of the report's training, and its answers as examples are judged."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from hrm.classic import losses
from hrm.classic.config import ClassicConfig
from hrm.classic.model import build_model
from hrm.measure import sensitivity
from hrm.measure.evaluate import exact
from hrm.puzzles.examples import Examples
from longrun import StepFunction, apply_gradients

CLIP_NORM = 1.0
CHUNK = 32


class Parts(NamedTuple):
    """What a training consists of."""

    model: keras.Model
    groups: dict[str, list]
    step: StepFunction
    answers: Callable[[dict], dict]
    """The model without dropout, compiled: for `answer` and what is built on it."""


def build(config: ClassicConfig, identifiers: int) -> Parts:
    """The step takes {"tokens", "labels" (B, N), "identifier" (B,)} int32 and {"learning_rate"}."""
    model = build_model(config, identifiers)
    variables = _trained(config, model)
    optimizer = keras.optimizers.AdamW(config.learning_rate, weight_decay=config.weight_decay, epsilon=1e-8)
    optimizer.build(variables)

    def train_step(batch, scalars):
        with tf.GradientTape() as tape:
            outputs = model(inputs_of(config, batch), training=True)
            answer = losses.answer_loss(config, outputs["logits"], batch["labels"])
            diversity = losses.diversity_penalty(config, outputs["logits"], batch["labels"])
            distribution = losses.distribution_penalty(outputs["logits"])
            halting = losses.halting_penalty(config, outputs, batch["labels"])
            loss = answer + diversity + distribution + halting
        gradients = tape.gradient(loss, variables)
        optimizer.learning_rate = scalars["learning_rate"]
        report = apply_gradients(optimizer, gradients, variables, clip_norm=CLIP_NORM)
        answers = tf.reshape(tf.argmax(outputs["logits"], axis=-1), (-1,))
        present = tf.reduce_max(tf.one_hot(answers, outputs["logits"].shape[-1]), axis=0)
        terms = {"answer_loss": answer, "diversity_loss": diversity, "distribution_loss": distribution, "halting_loss": halting}
        return {"loss": loss, **terms, "unique": tf.reduce_sum(present), "cycles": tf.reduce_mean(outputs["cycles"]), **report}

    groups = {"model": list(model.variables), "optimizer": list(optimizer.variables)}
    step = StepFunction(train_step, mode=config.mode, jit_compile=config.jit_compile)
    return Parts(model, groups, step, tf.function(lambda inputs: model(inputs, training=False), autograph=False))


def _trained(config, model):
    # No gradient reaches the halting head; PyTorch's optimizer passes such a weight over, decay included.
    return [v for v in model.trainable_variables if not (config.unlearnt_halting and "halting_head" in v.path)]


def inputs_of(config: ClassicConfig, batch) -> dict:
    """The model's inputs from a batch or from Examples as a dict."""
    names = ("tokens",) if config.no_task_identity else ("tokens", "identifier")
    return {name: batch[name] for name in names}


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
    found["held_out_exact"] = float(exact(logits.argmax(axis=2), examples.labels).mean())
    found["held_out_cycles"] = float(cycles.mean())
    return Judged(logits, found)


def old_check(config: ClassicConfig, answers: Callable) -> tuple[bool, float, float]:
    """(whether the report's check passes, A and total variation among its own five probes)."""
    seen: list[np.ndarray] = []

    def logits_of(tokens):
        seen.append(answer(config, answers, tokens, np.zeros(len(tokens), np.int32))[0])
        return seen[-1]

    passes = sensitivity.original_check(logits_of, config.side**2)
    return passes, *spread(seen[0])


def spread(logits: np.ndarray) -> tuple[float, float]:
    """(A, total variation) of the answers to several inputs against that to the first, means over cells; logits (B, N, V)."""
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    answers = logits.argmax(axis=2)
    variation = 0.5 * np.abs(weights[1:] - weights[:1]).sum(axis=2)
    return float((answers[1:] != answers[:1]).mean()), float(variation.mean())
