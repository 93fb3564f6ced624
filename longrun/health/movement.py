"""Guards over what moves: gradients, weights, averages and units. They name the variable that stands still, or moves too far."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from longrun.health.guards import Finding

LARGEST_UPDATE = 0.1
"""Share of all weights' norm that one step may change them by."""
FAINT = 1e-4
"""Of the largest norm, under which a gradient may be too small to move a weight."""
UNDERFLOWN = 0.5
"""Share of gradient entries that are zero in half precision from which the precision is too coarse for them."""


class Movement:
    """Whether a gradient reaches every variable, the optimizer moves each, averages follow, and no step is too large.

    variables: the trainable ones, of all parts of the training. averages: of its ExponentialAverage. precision: in which gradients are
    computed. In the step call `note(gradients)` with one for each variable; before a step whose line is due, `copy()`; after it the
    line's check compares. patience: looks running before something that stands still is a finding.

    What it sees: a variable whose gradient is exactly zero in every step, one that has a gradient and does not move, averages that do
    not move while the weights do, a step of more than a tenth of the weights, half precision that rounds gradients to zero. What it
    cannot see: a gradient that is there and wrong. Cost: norms that clipping computes anyway; two passes over the weights at each line.
    """

    name = "movement"

    def __init__(self, variables: Sequence, averages: Sequence = (), *, precision: str = "float32", patience: int = 3):
        self._variables, self._averages, self._patience = list(variables), list(averages), patience
        self._half = precision == "float16"
        self._squares = tf.Variable(tf.zeros(len(self._variables)), trainable=False)
        self._zeros = tf.Variable(tf.zeros(2), trainable=False)
        self._before: list[tf.Tensor] = []
        self._averages_before: list[tf.Tensor] = []
        self._still, self._strikes = {}, {"update": 0, "precision": 0}

    def note(self, gradients: Sequence[tf.Tensor]) -> None:
        """In the step: keep the largest norm of each gradient since the last look."""
        # The op that the norm for clipping uses as well: the compiler makes one of the two.
        squares = tf.stack([tf.nn.l2_loss(tf.cast(gradient, tf.float32)) for gradient in gradients])
        self._squares.assign(tf.maximum(self._squares, squares))
        if self._half:
            zero = tf.add_n([tf.math.count_nonzero(gradient, dtype=tf.float32) for gradient in gradients])
            self._zeros.assign_add([sum(int(np.prod(gradient.shape)) for gradient in gradients) - zero, 1.0])

    def copy(self) -> None:
        """Before a step whose line is due: keep the weights."""
        self._before = [tf.identity(variable) for variable in self._variables]

    def check(self, step: int, values: Mapping[str, float]) -> Finding | None:
        """Compare with the last copy."""
        if not self._before:
            return None
        squares, (zeros, count) = self._squares.numpy(), self._zeros.numpy()
        self._squares.assign(tf.zeros_like(self._squares))
        self._zeros.assign(tf.zeros_like(self._zeros))
        moved, sizes = _moved(self._before, self._variables)
        self._before = []
        ratio = float(np.sqrt(moved.sum() / max(sizes.sum(), 1e-30)))
        return (
            (self._half and count > 0 and self._underflow(step, zeros / count / self._entries()))
            or self._too_far(step, ratio)
            or self._average(step, moved)
            or self._standing(step, squares, moved)
            or None
        )

    def _entries(self):
        return sum(int(np.prod(variable.shape)) for variable in self._variables)

    def _underflow(self, step, share):
        self._strikes["precision"] = self._strikes["precision"] + 1 if share > UNDERFLOWN else 0
        if self._strikes["precision"] < min(self._patience, 2):
            return None
        cause = f"{share:.0%} of the gradients' entries are zero in half precision: they lie under its floor; scale the loss"
        return Finding("gradients under the precision", step, "share of zero gradients", float(share), UNDERFLOWN, cause)

    def _too_far(self, step, ratio):
        self._strikes["update"] = self._strikes["update"] + 1 if ratio > LARGEST_UPDATE else 0
        if self._strikes["update"] < min(self._patience, 2):
            return None
        cause = f"one step changes the weights by {ratio:.0%} of their norm: the learning rate is too high"
        return Finding("updates too large", step, "update ratio", ratio, LARGEST_UPDATE, cause)

    def _average(self, step, moved):
        if not self._averages:
            return None
        now = [tf.identity(average) for average in self._averages]
        before, self._averages_before = self._averages_before, now
        if not before or not moved.sum() > 0:
            return None
        still = all(bool(tf.reduce_all(one == other)) for one, other in zip(before, now, strict=True))
        if self._counted("averages", still):
            return Finding("average not updated", step, "movement of the averages", 0.0, 0.0, "the weights move, their averages do not")
        return None

    def _standing(self, step, squares, moved):
        names = [getattr(variable, "path", variable.name) for variable in self._variables]
        graded, moves = squares > 0, moved > 0
        if not moves.any() and not graded.any():
            return None
        ungraded = [name for name, has in zip(names, graded, strict=True) if self._counted(f"gradient of {name}", not has)]
        if ungraded:
            cause = f"no gradient reaches {', '.join(ungraded)}"
            return Finding("no gradient", step, "variables without a gradient", len(ungraded), 0, cause)
        # A gradient that is next to none moves nothing, and nobody has left it out.
        strong = squares > FAINT**2 * squares.max()
        alone = strong & ~moves if moves.any() else np.zeros_like(graded)
        left = [name for name, is_left in zip(names, alone, strict=True) if self._counted(name, is_left)]
        if left:
            cause = f"{', '.join(left)} has a gradient and does not move: it is left out of the optimizer"
            return Finding("left out of the optimizer", step, "variables that stand still", len(left), 0, cause)
        return None

    def _counted(self, what, bad):
        """Whether something has been bad for `patience` looks running."""
        self._still[what] = self._still.get(what, 0) + 1 if bad else 0
        return self._still[what] >= self._patience

    def state(self) -> dict:
        """What stood still, and for how many looks."""
        still = {name: count for name, count in self._still.items() if count}
        return {"still": still, "counted": self._strikes, "strikes": max([*still.values(), *self._strikes.values()], default=0)}

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        self._still, self._strikes = dict(state["still"]), dict(state["counted"])
        self._before, self._averages_before = [], []
        self._squares.assign(tf.zeros_like(self._squares))
        self._zeros.assign(tf.zeros_like(self._zeros))


def _moved(before, variables):
    """Half the squared norms of the changes and of the weights, one for each variable."""
    changes = [tf.nn.l2_loss(tf.convert_to_tensor(variable) - old) for old, variable in zip(before, variables, strict=True)]
    return tf.stack(changes).numpy(), tf.stack([tf.nn.l2_loss(old) for old in before]).numpy()


def dead_units(activations: Sequence[tf.Tensor]) -> float:
    """Share of units that are zero or less for every row, in the layer where it is largest. activations: each (rows, ..., units)."""
    shares = []
    for layer in activations:
        flat = tf.reshape(layer, (-1, layer.shape[-1]))
        shares.append(float(tf.reduce_mean(tf.cast(tf.reduce_max(flat, axis=0) <= 0, tf.float32))))
    return max(shares, default=0.0)
