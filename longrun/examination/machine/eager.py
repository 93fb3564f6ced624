"""The compiled step does what its Python says."""

import numpy as np

from longrun.examination.state import Snapshot
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, judged

STEPS = 3
TOLERANCE = 1e-2
"""Relative, of a loss and of the updates' length: rounding stays far below, a number that a trace has frozen goes beyond."""
ADVICE = (
    "the compiled step has frozen something that Python changes: a schedule, a counter or a flag read while tracing; pass it in as a tensor"
)


def eager(subject: Subject) -> Verdict:
    """Sick where three compiled steps and the same three, run line by line, part.

    value: largest relative difference of a loss or of the length of an update; limit: 0.01. It cannot see what changes after three steps.
    """
    compiled, twice, plain = (_walk(subject, run) for run in (subject.step, subject.eager_step, subject.eager_step))
    drawn = _apart(twice, plain)
    if drawn > TOLERANCE:
        raise CannotCheck(f"two runs from the same state differ by {drawn:.2g}: the step draws numbers that are no part of its state")
    apart = _apart(compiled, plain)
    return judged(
        apart <= TOLERANCE, f"losses and updates of {STEPS} steps differ by at most this share", apart, limit=TOLERANCE, advice=ADVICE
    )


def _walk(subject, run):
    """(losses, lengths of the updates) of some steps on batches 0, 1, 2."""
    losses, lengths = [], []
    with subject.kept() as before:
        for number in range(STEPS):
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
    return max(float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-8))) for a, b in zip(one, other, strict=True))
