"""The input pipeline keeps up with the step."""

import statistics

from longrun.examination.subject import Subject
from longrun.examination.verdict import Verdict, judged

COUNT = 8
SLOW = 1.0
NOTICEABLE = 0.02
"""Seconds of a batch below which nobody waits for it."""
ADVICE = "prepare batches in parallel and ahead (tf.data map with num_parallel_calls, prefetch), keep what is drawn anew small, or cache"


def pipeline(subject: Subject) -> Verdict:
    """Sick where a batch takes longer than a step, so that the step waits even when batches are prepared beside it.

    value: seconds of a batch divided by seconds of a step, medians of 8; limit: 1. A batch under 20 ms passes. Both are measured alone;
    in a training they share the processors. Of an iterable that has ended the last batches count, as they were read for other checks.
    """
    batches = subject.batches
    for step in range(COUNT):
        batches(batches.known + step if batches.by_step else batches.known)
    with subject.kept():
        subject.step(subject.first)
        steps = [_seconds(subject.clock, lambda: subject.step(subject.first)) for _ in range(COUNT)]
    # The first batch of an iterable fills what is to be shuffled.
    batch, step = statistics.median((batches.seconds[1:] or batches.seconds)[-COUNT:]), statistics.median(steps)
    ratio = batch / step
    said = f"a batch takes {1e3 * batch:.1f} ms, a step {1e3 * step:.1f} ms"
    return judged(ratio <= SLOW or batch < NOTICEABLE, said, ratio, limit=SLOW, advice=ADVICE)


def _seconds(clock, work):
    began = clock()
    work()
    return clock() - began
