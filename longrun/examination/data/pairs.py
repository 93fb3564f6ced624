"""Augmentation keeps an input and its label together."""

import numpy as np

from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, judged

LEAST = 0.7
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
    """A label that rises along a diagonal, with blobs, and an input that shows it: no turn and no shift leaves it as it is."""
    count, height, width = values.shape[:3]
    numbers = np.random.default_rng(seed)
    coarse = numbers.random((count, 4, 4))
    rows, columns = (np.arange(size) * 4 // size for size in (height, width))
    down, right = (np.arange(size) / max(size - 1, 1) - 0.5 for size in (height, width))
    signs = numbers.choice([-1.0, 1.0], (2, count, 1, 1))
    rising = (signs[0] * down[:, None] + signs[1] * right + 1) / 2
    plain = (rising + coarse[:, rows][:, :, columns]) / 2
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
        # The worst picture: where flips are drawn twice, half of them agree by chance.
        made, wanted = (each.reshape(each.shape[:3] + (-1,)).mean(axis=-1) for each in (made, wanted))
        other = np.mean([_correlation(*pair) for pair in zip(made, np.roll(wanted, 1, axis=0), strict=True)])
        return min(_correlation(*pair) for pair in zip(made, wanted, strict=True)), float(other)
    made, wanted = (each.reshape(len(each), -1).mean(axis=1) for each in (made, wanted))
    return _correlation(made, wanted), _correlation(made, np.roll(wanted, 1, axis=0))


def _correlation(one, other):
    one, other = one.ravel() - one.mean(), other.ravel() - other.mean()
    size = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / size) if size else 0.0
