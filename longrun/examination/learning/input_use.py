"""The input is used: the loss rises when the inputs of a batch are exchanged."""

import math

import numpy as np

from longrun.examination.batches import changed, exchanged
from longrun.examination.fitting import fitted
from longrun.examination.learning.overfitting import AIM, bounds
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, judged

SHARE = 0.1
"""Of what was learnt, that must be lost with the inputs of other rows."""
LEAST_CHANGE = 0.01
"""Of the outputs' spread, by which predictions must change with other inputs."""
ADVICE = "the answer does not depend on the input: look at what the model is called with, at a part that is multiplied by nought, and at \
residual paths past it"


def input_use(subject: Subject) -> Verdict:
    """Sick where a model that has learnt a batch by heart answers as well with the inputs of other rows, or does not notice a part.

    value: rise of the loss with all inputs exchanged; floor: nought. Without labels: by how much predictions change then. A part that is
    the same in every row cannot be examined. It cannot see an input that is read and badly used.
    """
    inputs = {name: values for name, values in subject.inputs(subject.first).items() if (values != exchanged(values)).any()}
    if not inputs:
        raise CannotCheck("the inputs of all rows are the same")
    try:
        labels = subject.labels(subject.first)
    except CannotCheck as reason:
        with subject.kept():
            subject.state.restore(fitted(subject, -math.inf).state)
            return _by_outputs(subject, inputs, str(reason))
    if all((values == exchanged(values)).all() for values in labels.values()):
        raise CannotCheck("the labels of all rows are the same")
    constant, least = bounds(subject)
    fit = fitted(subject, -math.inf if constant is None else least + AIM * (constant - least))
    learnt = fit.start - fit.end
    if not math.isfinite(learnt) or learnt < 0.05 * abs(fit.start):
        raise CannotCheck(f"too little was learnt of one batch ({fit.start:.4g} to {fit.end:.4g}) for its use of the input to show")
    with subject.kept():
        subject.state.restore(fit.state)
        before = subject.loss(subject.first)
        alone = {name: subject.loss(changed(subject.first, {name: exchanged(values)})) for name, values in inputs.items()}
        together = subject.loss(changed(subject.first, {name: exchanged(values) for name, values in inputs.items()}))
        if before == together == subject.loss(changed(subject.first, {name: exchanged(values) for name, values in labels.items()})):
            return _by_outputs(subject, inputs, "the step carries samples over and does not read this batch")
    rise, limit = together - before, SHARE * learnt
    unread = [name for name, loss in alone.items() if loss == before]
    said = f"loss {before:.4g}, with the inputs of other rows {together:.4g}"
    if 0 != rise < limit and fit.undecided:
        raise CannotCheck(f"it is too early to tell after {len(fit.losses)} steps on one batch: {said}")
    if rise >= limit and unread:
        said = f"nothing changes with other {', '.join(unread)}"
        return judged(False, said, 0.0, floor=0.0, limit=np.nextafter(0, 1), advice=f"{ADVICE}; or leave {unread[0]} out")
    return judged(rise >= limit, said, rise, floor=0.0, limit=limit, advice=ADVICE)


def _by_outputs(subject, inputs, reason):
    """Where no loss can tell, since the step does not read this batch or there are no labels: whether a prediction reads its input."""
    other = changed(subject.first, {name: exchanged(values) for name, values in inputs.items()})
    pairs = zip(subject.outputs(subject.first), subject.outputs(other), strict=True)
    change = max(float(np.max(np.abs(one - after)) / (np.std(one) or 1.0)) for one, after in pairs)
    said = f"{reason}; predictions change with the inputs of other rows by this share"
    return judged(change > LEAST_CHANGE, said, change, floor=0.0, limit=LEAST_CHANGE, advice=ADVICE)
