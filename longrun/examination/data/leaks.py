"""Nothing leaks: what must not matter does not change a prediction."""

from collections.abc import Mapping

import numpy as np

from longrun.examination.batches import changed, exchanged, parts, rows_of
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, judged

TOLERANCE = 1e-3
"""Of the spread of the outputs: below it lies rounding."""
ADVICE = (
    "a prediction reads what it must not: look at the mask (which side of the diagonal), at normalisation over positions or rows, at "
    "padding that is not masked, and at labels that are fed to the model"
)


def leaks(subject: Subject) -> Verdict:
    """Sick where a prediction changes with what it must not read.

    Changed in turn: the part named in `irrelevant`; the other rows of the batch; labels that stand in the batch, from their own position
    on; and for a causal sequence all that comes after a position. value: largest change, as a share of the outputs' spread.
    It cannot see what enters through the training step alone, nor a part that nobody named.
    """
    tried = dict(_trials(subject))
    if not tried:
        raise CannotCheck("no part was named that must not matter, and rows may see each other")
    before = subject.outputs(subject.first)
    shares = {}
    for name, (batch, mask) in tried.items():
        after = subject.outputs(batch)
        shares[name] = max(_change(one, other, mask) for one, other in zip(before, after, strict=True))
    worst = max(shares, key=shares.get)
    said = "changed: " + ", ".join(f"{name} {share:.1g}" for name, share in shares.items())
    return judged(shares[worst] <= TOLERANCE, said, shares[worst], floor=0.0, limit=TOLERANCE, advice=f"{worst} matters; {ADVICE}")


def _trials(subject):
    """Name of what is changed -> (batch with it changed, index of the outputs that must stay)."""
    batch, numbers = subject.first, np.random.default_rng(0)
    told = subject.examined.irrelevant
    for name in told:
        other = (
            told[name](batch, numbers) if isinstance(told, Mapping) else changed(batch, {name: other_values(parts(batch)[name], numbers)})
        )
        yield name, (other, np.s_[:])
    rows = rows_of(batch)
    if subject.examined.rows_apart and rows > 1:
        keep = rows // 2
        mixed = {name: np.concatenate([v[:keep], other_values(v[keep:], numbers)]) for name, v in _readable(subject, batch).items()}
        if mixed:
            yield "other rows", (changed(batch, mixed), np.s_[:keep])
    if subject.examined.kind == "sequence":
        yield from _later(subject, batch, numbers)
    yield from _own_labels(subject, batch, numbers)


def _later(subject, batch, numbers):
    """Inputs after a position: the outputs up to it must stay."""
    length = subject.label(batch).shape[1]
    inputs = {name: values for name, values in subject.inputs(batch).items() if values.ndim > 1 and values.shape[1] == length}
    for position in sorted({0, length // 2, length - 2} - {-1, length - 1}):
        later = {name: _from(values, position + 1, numbers) for name, values in inputs.items()}
        yield f"positions after {position}", (changed(batch, later), np.s_[:, : position + 1])


def _own_labels(subject, batch, numbers):
    """Labels that a batch of named parts holds: predictions must not read them."""
    if isinstance(batch, tuple) or not subject.examined.labels or subject.examined.kind == "sequence":
        return
    fed = set(subject.examined.inputs) & set(subject.examined.labels)
    for name, values in subject.labels(batch).items():
        if name in fed and values.ndim > 1:
            middle = values.shape[1] // 2
            yield f"{name} from {middle} on", (changed(batch, {name: _from(values, middle, numbers)}), np.s_[:, : middle + 1])
        elif name not in fed:
            yield name, (changed(batch, {name: other_values(values, numbers)}), np.s_[:])


def other_values(values: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    """Values of the same kind, of other rows and places; numbers that are all alike are moved by 1."""
    if values.size and (values == values.flat[0]).all():
        return values + np.ones((), values.dtype) if np.issubdtype(values.dtype, np.number) else exchanged(values)
    return numbers.permuted(values.reshape(-1)).reshape(values.shape)


def _from(values, position, numbers):
    return np.concatenate([values[:, :position], other_values(values[:, position:], numbers)], axis=1)


def _readable(subject, batch):
    try:
        return subject.inputs(batch)
    except CannotCheck:
        return {}


def _change(one, other, mask):
    spread = float(np.std(np.asarray(one, np.float64))) or 1.0
    return float(np.max(np.abs(np.asarray(one, np.float64)[mask] - np.asarray(other, np.float64)[mask]), initial=0.0)) / spread
