"""What others would say of the same curves: five rules, each in the words of its own documentation's defaults, done again in plain Python.

A record's curves: "loss", one number a step; "gradient_nan", one a step; "held_out", [step, loss] at each evaluation.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

KERAS_PATIENCE = 0
LIGHTNING_PATIENCE = 3
PART = 0.9
"""Of its first tenth's mean, under which the last tenth's mean of a loss counts as gone down."""


def terminate_on_nan(curves: Mapping) -> int | None:
    """Keras' TerminateOnNaN: stops at the first batch whose loss is not a number or infinite. The step, or None."""
    return next((step + 1 for step, loss in enumerate(curves["loss"]) if not math.isfinite(loss)), None)


def keras_early_stopping(curves: Mapping) -> int | None:
    """Keras' EarlyStopping on the held-out loss, its defaults: stops once it is no lower than the lowest before, patience 0."""
    return _stopped(curves["held_out"], max(KERAS_PATIENCE, 1))


def lightning_early_stopping(curves: Mapping) -> int | None:
    """Lightning's EarlyStopping on the held-out loss, its defaults: three checks without a new lowest, or one that is not finite."""
    return _stopped(curves["held_out"], LIGHTNING_PATIENCE, check_finite=True)


def detect_anomaly(curves: Mapping) -> int | None:
    """Lightning's detect_anomaly: stops at the first backward pass that gives a gradient which is not a number."""
    return next((step + 1 for step, sick in enumerate(curves["gradient_nan"]) if sick), None)


def loss_stayed(curves: Mapping) -> int | None:
    """ "The loss went down": sick only where, at the end, it did not go down by a tenth. The last step, or None."""
    losses = curves["loss"]
    tenth = max(len(losses) // 10, 1)
    first, last = (sum(part) / tenth for part in (losses[:tenth], losses[-tenth:]))
    return None if last < first - (1 - PART) * abs(first) else len(losses)


class Rule(NamedTuple):
    """What ends a training: curves -> the step, or None; and the curve that it looks at, which not every record has."""

    ends: Callable[[Mapping], int | None]
    curve: str


RULES: dict[str, Rule] = {
    "Keras TerminateOnNaN": Rule(terminate_on_nan, "loss"),
    "Keras EarlyStopping": Rule(keras_early_stopping, "held_out"),
    "Lightning EarlyStopping": Rule(lightning_early_stopping, "held_out"),
    "Lightning detect_anomaly": Rule(detect_anomaly, "gradient_nan"),
    "the loss went down": Rule(loss_stayed, "loss"),
}
"""By the name that the table shows."""


def _stopped(points, patience, check_finite=False):
    lowest, waited = math.inf, 0
    for step, loss in points:
        if check_finite and not math.isfinite(loss):
            return step
        lowest, waited = (loss, 0) if loss < lowest else (lowest, waited + 1)
        if waited >= patience:
            return step
    return None
