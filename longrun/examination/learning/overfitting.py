"""One batch can be learnt by heart."""

import math

from longrun.examination.fitting import fitted
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, judged, not_applicable

SHARE = 0.5
"""Of the way from the best constant answer down to the least possible loss."""
AIM = 0.2
"""Where the fit may stop: below it nothing more is asked."""
ADVICE = (
    "look at the sign and the size of the learning rate, at labels that belong to other rows, at a loss that leaves the hard part out, "
    "and at an output that cannot take the values of the labels"
)


def bounds(subject: Subject) -> tuple[float | None, float]:
    """Loss of the best constant answer on the first batch, and the least possible one; (None, 0) where nothing is known of labels."""
    try:
        labels = subject.targets(subject.first)
    except CannotCheck:
        return None, 0.0
    measure = subject.examined.measure
    return labels.constant(measure), labels.least(measure)


def overfitting(subject: Subject) -> Verdict:
    """Sick where the loss on one batch, repeated, stays near that of the best constant answer; "not applicable" while it still
    falls.

    Where nothing is known of the labels, half of the loss at the start is asked for. It says nothing about other batches.
    """
    constant, least = bounds(subject)
    target = -math.inf if constant is None else least + AIM * (constant - least)
    fit = fitted(subject, target)
    floor = constant if constant is not None else fit.start
    limit = least + SHARE * (floor - least)
    steps = f"{len(fit.losses)} steps on one batch: loss {fit.start:.4g} to {fit.end:.4g}"
    if constant is not None and floor - least < 1e-6:
        raise CannotCheck(f"the labels of a batch are all alike, so that a constant answer is right ({steps})")
    if not math.isfinite(fit.end):
        return judged(False, f"{steps}, which is not finite", fit.end, floor=floor, limit=limit, advice=ADVICE)
    if fit.end > limit and fit.undecided:
        return not_applicable(f"it is too early to tell after {steps}; give it more --seconds", value=fit.end, floor=floor, limit=limit)
    if fit.end > limit and constant is None:
        return not_applicable(f"nothing is known of the least possible loss ({steps})", value=fit.end, floor=floor, limit=limit)
    return judged(fit.end <= limit, steps, fit.end, floor=floor, limit=limit, advice=ADVICE)
