"""What one small training of the zoo consists of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import keras
import numpy as np
import tensorflow as tf

Batch = dict[str, np.ndarray]


@dataclass
class Specimen:
    """A small training with its data and its answers. Batches are functions of (seed, step)."""

    models: dict[str, keras.Model]
    """Name -> model; the optimizer moves all of their weights."""
    rows: Callable[[int], Batch]
    """Step -> batch of the training."""
    held_out: Batch
    """Rows that are not trained on."""
    objective: Callable[[Mapping[str, tf.Tensor], Mapping[str, tf.Tensor]], tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]]
    """(batch, scalars) -> (losses by name of the model they move, "all" for all; further numbers of the step)."""
    answer: Callable[[Mapping[str, tf.Tensor]], tf.Tensor]
    """Rows -> logits, as the evaluation computes them."""
    cost: Callable[[np.ndarray, Batch], float]
    """(logits, rows) -> loss."""
    inputs: tuple[str, ...]
    """Names in a batch that the answers must depend on."""
    reading: Callable[[Batch], tuple[np.ndarray, np.ndarray]]
    """Batch -> what a reader is given: features (n, f), labels (n,) or (n, k)."""
    case: str = ""
    """Name of what makes a case its own, in a batch; the first input where empty."""
    labels: str = ""
    """Name of the labels in a batch, where they are classes."""
    classes: int = 0
    """Number of classes, where each has to have a loss."""
    loss: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None = None
    """(logits, labels) -> the loss that is trained, where labels are classes."""
    learning_rate: float = 1e-2
    """Of Adam."""
    scalars: Callable[[int], dict[str, float]] = lambda step: {}
    """Step -> scheduled numbers, beside the learning rate; "rate_factor" multiplies it."""
    context: str = ""
    """Input whose later positions an answer must not see."""
    cycles: Callable[[Mapping[str, tf.Tensor]], Sequence[tf.Tensor]] | None = None
    """Rows -> states of the cycles."""
    units: Callable[[Mapping[str, tf.Tensor]], Sequence[tf.Tensor]] | None = None
    """Rows -> outputs of the rectified layers."""
    raw: Callable[[], tuple[np.ndarray, np.ndarray]] | None = None
    """What a reader is given before augmentation."""
    left_out: Sequence[keras.Variable] = field(default_factory=list)
    """Weights that the optimizer is not given: a fault."""
    others: Sequence[keras.Variable] = ()
    """Weights that are evaluated and not trained: a fault."""
    single: bool = False
    """Whether no single feature may tell the label."""
    guards: Sequence = ()
    """Guards of this task alone."""

    @property
    def variables(self) -> list[keras.Variable]:
        """All trainable weights."""
        return [variable for model in self.models.values() for variable in model.trainable_variables]


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy in nats of logits (..., classes) against integer labels (...)."""
    logits = np.asarray(logits, np.float64)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    chosen = np.take_along_axis(shifted, np.asarray(labels)[..., None].astype(int), axis=-1)[..., 0]
    return float((np.log(np.exp(shifted).sum(axis=-1)) - chosen).mean())


def sparse_loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Cross-entropy of each position."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.cast(labels, tf.int32), logits=logits)


def one_hot(values: np.ndarray, count: int) -> np.ndarray:
    """Integers (...) as vectors (..., count)."""
    return np.eye(count, dtype=np.float32)[values]
