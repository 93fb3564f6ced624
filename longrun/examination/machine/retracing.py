"""The step is traced once."""

from longrun.examination.batches import parts
from longrun.examination.subject import Subject
from longrun.examination.verdict import Verdict, judged
from longrun.step.step import captured_numbers

COUNT = 4
ADVICE = "give every batch the same shapes and kinds (drop_remainder=True, padding), and pass numbers that change as tensors, in `scalars`"


def retracing(subject: Subject) -> Verdict:
    """Sick where the batches of some steps need more than one trace, or where the step closes over a Python number that a trace freezes.

    value: traces; limit: 1, and 2 where `model.fit` is given a short last batch, which it traces once for all epochs. Of an iterable that
    ends, the last batch is looked at as well. It cannot see a number that is an attribute of an object.
    """
    frozen = captured_numbers(subject.examined.train_step) if subject.examined.train_step is not None else {}
    batches, limit = [subject.batches(step) for step in range(COUNT)], 1
    if subject.batches.length is not None:
        batches.append(subject.batches(subject.batches.length - 1))
        whole = {_shapes(subject.batches(step)) for step in range(min(COUNT, subject.batches.length - 1))}
        limit += subject.examined.train_step is None and len(whole) == 1
    shapes = list(dict.fromkeys(_shapes(batch) for batch in batches))
    with subject.kept():
        for number, batch in enumerate(batches):
            subject.step(batch, number)
    said = f"{subject.traces} traces for {len(batches)} batches"
    if len(shapes) > 1:
        said += f"; shapes {shapes[0]} and {shapes[1]}"
        said += "; drop_remainder=True spares the second trace" if subject.traces == limit == 2 else ""
    if frozen:
        said = f"the trace freezes {', '.join(f'{name} = {value!r}' for name, value in frozen.items())}; {said}"
    return judged(subject.traces <= limit and not frozen, said, subject.traces, limit=limit, advice=ADVICE)


def _shapes(batch):
    return " ".join(f"{leaf.dtype}{list(leaf.shape)}" for leaf in parts(batch).values())
