"""Augmentation keeps an input and its label together."""

import numpy as np

from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, judged

LEAST = 0.5
"""Correlation between input and label that an augmentation must leave, where before it was 1."""
SEEDS = 4
ADVICE = "draw flips, crops and orders once and apply them to input and label alike; do not shuffle one without the other"


def pairs(subject: Subject) -> Verdict:
    """Sick where an augmented input no longer fits its label.

    The augmentation is given made-up pairs in which the input is the label: each pixel of the input its pixel of the label, where labels
    are pictures, else each row's mean its row's label. value: correlation afterwards, the least over seeds; floor: that of another row's.
    A change of colour costs correlation, an order or place drawn separately costs all of it.
    """
    augment = subject.examined.augment
    if augment is None:
        raise CannotCheck("no augmentation was given")
    inputs, label = subject.inputs(subject.first), subject.label(subject.first)
    if len(inputs) != 1 or not isinstance(subject.first, tuple):
        raise CannotCheck("an augmentation takes one input and one label")
    (values,) = inputs.values()
    pictures = label.ndim >= 3 and label.shape[:3] == values.shape[:3]
    made = _pictures if pictures else _rows
    found = [_together(augment, *made(values, label, seed), seed, pictures) for seed in range(SEEDS)]
    worst, floor = min(one for one, _ in found), float(np.mean([other for _, other in found]))
    said = f"correlation of input and label after {SEEDS} augmentations, {'pixel by pixel' if pictures else 'row by row'}"
    return judged(worst >= LEAST, said, worst, floor=floor, limit=LEAST, advice=ADVICE)


def _pictures(values, label, seed):
    """A label of smooth random blobs, and an input that shows it."""
    count, height, width = values.shape[:3]
    coarse = np.random.default_rng(seed).random((count, 3, 3))
    rows, columns = (np.arange(size) * 3 // size for size in (height, width))
    plain = coarse[:, rows][:, :, columns]
    shape = (count, height, width) + (1,) * (values.ndim - 3)
    as_label = plain.reshape((count, height, width) + (1,) * (label.ndim - 3))
    return _like(values, np.broadcast_to(plain.reshape(shape), values.shape)), _like(label, np.broadcast_to(as_label, label.shape))


def _rows(values, label, seed):
    """Rows of one value each, and labels in the same order."""
    level = np.random.default_rng(seed).permutation(len(values)) / max(len(values) - 1, 1)
    spread = level.reshape((-1,) + (1,) * (values.ndim - 1))
    labels = level.reshape((-1,) + (1,) * (label.ndim - 1))
    return _like(values, np.broadcast_to(spread, values.shape)), _like(label, np.broadcast_to(labels, label.shape))


def _like(array, unit):
    """Values of [0, 1] in the range and the kind of `array`; an integer range too narrow for it is widened."""
    low, high = float(array.min()), float(array.max())
    if np.issubdtype(array.dtype, np.integer) and high - low < 255:
        high = min(low + 255, float(np.iinfo(array.dtype).max))
    return (low + (high - low if high > low else 1.0) * unit).astype(array.dtype)


def _together(augment, values, label, seed, pictures):
    made, wanted = (np.asarray(each, np.float64) for each in augment(values, label, seed))
    if pictures:
        made = made.reshape(wanted.shape[:3] + (-1,)).mean(axis=-1)
        wanted = wanted.reshape(wanted.shape[:3] + (-1,)).mean(axis=-1)
    else:
        made, wanted = (each.reshape(len(each), -1).mean(axis=1) for each in (made, wanted))
    return _correlation(made, wanted), _correlation(made, np.roll(wanted, 1, axis=0))


def _correlation(one, other):
    one, other = one.ravel() - one.mean(), other.ravel() - other.mean()
    size = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / size) if size else 0.0
