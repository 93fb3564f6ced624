"""The loss at the start against that of an answer which knows nothing."""

import math

import numpy as np

from longrun.examination.batches import parts
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.targets import Targets
from longrun.examination.verdict import Verdict, judged

BATCHES = 4
TIMES = {"cross-entropy": 3.0, "squared error": 10.0, "absolute error": 4.0}
"""How far above an ignorant answer a loss may begin."""
SHARE = 0.5
"""Of the best constant answer's loss; what begins below knows the labels already."""
HIGH = (
    "the weights begin too large, the labels are not scaled (mean 0, spread 1), or the loss is given probabilities for logits: an "
    "untrained model begins near the loss of a constant answer"
)
LOW = "an untrained model cannot know the labels: look for labels in the input, rows that are left out, or a loss that is divided twice"


def first_loss(subject: Subject) -> Verdict:
    """Sick where an untrained model begins far above an ignorant answer, or far below the best constant one.

    value: mean loss of the first batches in nats or in units of the error; floor: the best constant answer's; limit: what it may be at
    most. It cannot see a fault that leaves the loss at the floor.
    """
    if not subject.examined.fresh:
        raise CannotCheck("the weights are trained already")
    measure = subject.examined.measure
    batches = [subject.batches(step) for step in range(BATCHES)]
    # A short last batch would ask for another trace.
    shape = [leaf.shape for leaf in parts(subject.first).values()]
    batches = [batch for batch in batches if [leaf.shape for leaf in parts(batch).values()] == shape]
    labels = _joined([subject.targets(batch) for batch in batches])
    loss = float(np.mean([subject.loss(batch) for batch in batches])) - _penalties(subject)
    floor = labels.constant(measure)
    ignorant = max(labels.uniform(), floor) if measure == "cross-entropy" else floor
    limit = TIMES[measure] * ignorant + (1.0 if measure == "cross-entropy" else 0.0)
    said = f"the loss begins at {loss:.4g}; knowing nothing costs {ignorant:.4g}, the best constant answer {floor:.4g}"
    if floor < 1e-6:
        raise CannotCheck(f"the labels of {len(batches)} batches are all alike")
    if not math.isfinite(loss) or loss > limit:
        return judged(False, said, loss, floor=floor, limit=limit, advice=HIGH)
    least = labels.least(measure) + SHARE * (floor - labels.least(measure))
    return judged(loss >= least, said, loss, floor=floor, limit=limit if loss >= least else least, advice=LOW)


def _joined(found):
    return Targets(found[0].form, found[0].classes, np.concatenate([each.values for each in found]))


def _penalties(subject):
    """What the model's own regularisation adds to a compiled loss."""
    compiled = subject.examined.train_step is None
    return float(sum(float(each) for each in subject.examined.model.losses)) if compiled else 0.0
