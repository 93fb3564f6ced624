"""The compiled step does what its Python says."""

import numpy as np

from longrun.examination.state import Snapshot
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, judged

TOLERANCES = (0.01, 0.1)
"""Of the first step and of the second, relative, of the loss and of the update's length. Rounding grows from step to step, and stays
far below; a number that a trace has frozen goes beyond."""
ADVICE = (
    "the compiled step has frozen something that Python changes: a schedule, a counter or a flag read while tracing; pass it in as a tensor"
)


def eager(subject: Subject) -> Verdict:
    """Sick where two compiled steps and the same two, run line by line, part.

    value: largest relative difference of a loss or of the length of an update, in units of what it may be: 0.01 in the first step, 0.1 in
    the second; limit: 1. It cannot see what changes later.
    """
    compiled, plain = _walk(subject, subject.step), _walk(subject, subject.eager_step)
    apart = _apart(compiled, plain)
    # What a trace has frozen is the same every time.
    if apart > 1 and (drawn := _apart(_walk(subject, subject.step), compiled)) > 1:
        raise CannotCheck(f"two compiled runs from the same state are {drawn:.2g} apart: the step draws numbers outside its state")
    said = f"losses and updates of {len(TOLERANCES)} steps are apart by this part of what rounding may do"
    return judged(apart <= 1, said, apart, limit=1, advice=ADVICE)


def _walk(subject, run):
    """(losses, lengths of the updates) of the first steps."""
    losses, lengths = [], []
    with subject.kept() as before:
        for number in range(len(TOLERANCES)):
            losses.append(run(subject.batches(number), number)[subject.examined.loss])
            after = subject.state.snapshot()
            lengths.append(_length(before, after))
            before = after
    return np.array(losses), np.array(lengths)


def _length(before: Snapshot, after: Snapshot):
    pairs = zip(before.values, after.values, strict=False)
    floats = [(np.asarray(a, np.float64), np.asarray(b, np.float64)) for a, b in pairs if np.issubdtype(np.asarray(a).dtype, np.floating)]
    return float(np.sqrt(sum(np.sum((b - a) ** 2) for a, b in floats)))


def _apart(one, other):
    return max(float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-8) / TOLERANCES)) for a, b in zip(one, other, strict=True))
