"""When a sample has thought enough: in training, with exploration, and in use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf


def wants_to_halt(halting, rule: str, confidence: float = 0.5):
    """Whether each sample would stop by its own logits, (..., 2) -> (...) bool; a tensor or an array.

    "correctness": the answer is held to be right (TRM), with a probability above `confidence`. "q_learning": stopping is worth more than
    going on (HRM).
    """
    return halting[..., 0] > (math.log(confidence / (1 - confidence)) if rule == "correctness" else halting[..., 1])


def halts(halting: tf.Tensor, rule: str, steps: tf.Tensor, least: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
    """Whether each sample of a training stops after this segment, (B,) bool.

    steps: segments done, this one included; least: segments that exploration demands; segments: the most there are.
    """
    return (steps >= segments) | (wants_to_halt(halting, rule) & (steps >= least))


def value_of_going_on(following: tf.Tensor, is_last: tf.Tensor) -> tf.Tensor:
    """Target of the second logit from the logits of the segment after this one, (B, 2) -> (B,) in [0, 1].

    The better of stopping and going on there; where `is_last` says that the sample ends here, stopping alone (Wang et al. 2025, sec. 2.4).
    """
    import tensorflow as tf

    return tf.sigmoid(tf.where(is_last, following[:, 0], tf.maximum(following[:, 0], following[:, 1])))
