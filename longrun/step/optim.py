"""What happens to gradients and weights outside the optimizer: clipping in the step, skipped updates, averages, decay groups."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import keras
import tensorflow as tf


def apply_gradients(
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[tf.Tensor],
    variables: Sequence[keras.Variable],
    clip_norm: tf.Tensor | float | None = None,
) -> dict[str, tf.Tensor]:
    """Average over replicas, clip to a global norm, apply; an update with a non-finite gradient is left out.

    Call it inside a step. Keras clips each replica's gradient before the replicas are summed, so that many devices give other
    numbers than one; here the mean over replicas is clipped. `gradients` are of the mean loss over the replica's rows.
    Returns {"gradient_norm": before clipping, "skipped": 1.0 where the update was left out}, float32 scalars. On one device a
    skipped update leaves weights and optimizer untouched; among replicas its gradients are zero (the optimizer cannot be called
    inside a condition there). Raises ValueError with the names of the variables that no gradient reaches.
    """
    missing = [variable.path for gradient, variable in zip(gradients, variables, strict=True) if gradient is None]
    if missing:
        raise ValueError(f"no gradient reaches {', '.join(missing)}")
    # Dense: the norm of an embedding's gradient would count repeated rows apart, and differently on every number of replicas.
    gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync if context is not None else 1
    if replicas > 1:
        gradients = [g / replicas for g in context.all_reduce(tf.distribute.ReduceOp.SUM, gradients)]
    norm = tf.linalg.global_norm(gradients)
    finite = tf.math.is_finite(norm)
    if clip_norm is not None:
        gradients, _ = tf.clip_by_global_norm(gradients, clip_norm, use_norm=norm)
    if replicas > 1:
        # The optimizer sums over replicas once more, hence the division.
        gradients = [tf.where(finite, g / replicas, tf.zeros_like(g)) for g in gradients]
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
    else:
        tf.cond(finite, lambda: _apply(optimizer, gradients, variables), lambda: tf.constant(False))
    return {"gradient_norm": norm, "skipped": 1.0 - tf.cast(finite, tf.float32)}


def _apply(optimizer, gradients, variables):
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
    return tf.constant(True)


class ExponentialAverage:
    """Exponential moving average of variables, as variables of its own (they belong into the checkpoint: `.variables`).

    The average starts from the weights as they are now; update t (from 1) has decay min(decay, (1 + t) / (10 + t)), which forgets
    the untrained weights fast. Decay 0 is no average: nothing is kept, and nothing is exchanged. Mirrored where the variables are
    mirrored.
    """

    def __init__(self, variables: Iterable[keras.Variable], decay: float):
        variables = list(variables)
        self._sources = variables if decay > 0 else []
        self._decay = decay
        # Made outside their strategy's scope, one copy would be updated once by every replica.
        strategy = getattr(variables[0].value, "distribute_strategy", None) or tf.distribute.get_strategy()
        with strategy.scope():
            self._count = tf.Variable(0.0, trainable=False, name="average_count")
            self._averages = [tf.Variable(tf.convert_to_tensor(v), trainable=False, name="average") for v in self._sources]

    @property
    def variables(self) -> list[tf.Variable]:
        """The averages and their counter."""
        return [self._count, *self._averages]

    def update(self) -> None:
        """One update; call it inside the step, after the optimizer."""
        self._count.assign_add(1.0)
        rate = 1.0 - tf.minimum(self._decay, (1.0 + self._count) / (10.0 + self._count))
        for average, source in zip(self._averages, self._sources, strict=True):
            average.assign_add(rate * (tf.cast(source, average.dtype) - average))

    def swap(self) -> None:
        """Exchange weights and averages. Call it again to go back."""
        for average, source in zip(self._averages, self._sources, strict=True):
            weights = tf.identity(source)
            source.assign(average)
            average.assign(weights)

    @contextmanager
    def used(self) -> Iterator[None]:
        """The averages stand in for the weights while a `with` block runs, e.g. an evaluation."""
        self.swap()
        try:
            yield
        finally:
            self.swap()


def exclude_from_decay(optimizer: keras.optimizers.Optimizer, variables: Iterable[keras.Variable]) -> list[str]:
    """Keep weight decay off biases, normalisation gains and all other vectors and scalars. Returns the paths left out.

    Call before the optimizer is built.
    """
    vectors = [variable for variable in variables if len(variable.shape) < 2]
    optimizer.exclude_from_weight_decay(var_list=vectors)
    return [variable.path for variable in vectors]
