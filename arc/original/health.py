"""What can be wrong with a training of the original run, told apart by name; it watched the loss and teacher-forced accuracies alone."""

from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from arc.original.config import OriginalConfig
from arc.original.steps import token_loss
from longrun import Answers, NonFinite, OutOfRange

LEAKS = ("answer in its context", "future visible")
"""Guards over what a decoder is shown: the cell that it is scored on, and what comes after it."""
WATCHED = 32
"""Held-out examples that are asked at each validation."""


def watched(predict: Callable[[dict], tf.Tensor], rows: Mapping[str, np.ndarray]) -> Answers:
    """What the answers to the first held-out examples depend on. predict: batch -> logits (B, cells, symbols), as in the validation."""

    def answer(batch):
        return tf.cast(predict({name: tf.constant(values) for name, values in batch.items()}), tf.float32)

    def cost(logits, batch):
        return float(token_loss(tf.constant(logits), tf.constant(batch["answer"])))

    few = {name: values[:WATCHED] for name, values in rows.items()}
    return Answers(answer, cost, few, ("query",), labels="answer", context="answer")


def guards(config: OriginalConfig, answers: Answers, floor: float) -> list:
    """The guards of a run. floor: cell accuracy of repeating the previous cell."""
    after = config.run.guard_after
    useless = "nothing is learnt: repeating the previous cell is as good"
    leaks = [guard for guard in answers.guards(after) if guard.name in LEAKS]
    return [NonFinite(), *leaks, OutOfRange("val_cell_accuracy", useless, low=floor, after=after)]
