"""Training and held-out examples share nothing: fingerprints, and near duplicates."""

import hashlib
from collections.abc import Iterator

import numpy as np

from longrun.examination.subject import Subject
from longrun.examination.verdict import Verdict, judged

MOST_ROWS, BATCHES = 4096, 64
FEW = 16
"""Training examples below which nothing is known of the usual distance between them."""
NEAR = 0.1
"""Of the usual distance between neighbours among the training examples: what lies nearer is the same example, changed a little."""
WINDOW = 16
"""Tokens in a row that two texts have in common by copying."""
MOST_SHARED = 0.5
"""Of a held-out text's windows, that may stand in the training texts too."""
ADVICE = "split by origin before anything is cut, shifted or augmented, and draw the held-out examples from sources of their own"


def shared(subject: Subject) -> Verdict:
    """Sick where a held-out input is among the training inputs, or a near copy of one.

    value: share of held-out rows found again among the first training rows. Numbers: another row nearer than a tenth of the usual distance
    between neighbours. Sequences of integers: more than half of the windows of 16 known. It sees the rows that it is given and no others,
    and no copy that was turned or recoloured.
    """
    known = {_print(row): row for part in _train(subject) for row in part}
    train, held_out = np.array(list(known.values())), _flat(subject.inputs(subject.held_out))
    same = np.array([_print(row) in known for row in held_out])
    near = near_copies(train, held_out) & ~same
    share, rows = float(np.mean(same | near)), len(held_out)
    said = f"{same.sum()} of {rows} held-out rows stand among {len(train)} different training rows, {near.sum()} more are near copies"
    return judged(share == 0, said, share, floor=0.0, limit=0.0, advice=ADVICE)


def near_copies(train: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """For each held-out row (M, features) whether a training row (N, features) is nearly the same."""
    if np.issubdtype(train.dtype, np.integer) and train.shape[1] >= 2 * WINDOW:
        known = {_print(window) for row in train for window in _windows(row)}
        return np.array([np.mean([_print(window) in known for window in _windows(row)] or [0]) > MOST_SHARED for row in held_out])
    if np.issubdtype(train.dtype, np.integer):
        return np.zeros(len(held_out), bool)
    if len(train) < FEW:
        return np.zeros(len(held_out), bool)
    one, other = (_mixed(values) for values in (train, held_out))
    usual = float(np.median(_nearest(one, one, same=True)))
    return _nearest(other, one) < NEAR * usual


def _windows(row):
    """Those that say something: a run of blanks is common to all texts."""
    found = np.lib.stride_tricks.sliding_window_view(row, WINDOW)
    return [window for window in found if len(set(window.tolist())) > WINDOW // 4]


def _mixed(values, most=128):
    """Random mixtures keep distances (Johnson and Lindenstrauss 1984) and are quick to compare."""
    values = values.astype(np.float64)
    if values.shape[1] <= most:
        return values
    return values @ np.random.default_rng(0).normal(size=(values.shape[1], most)) / np.sqrt(most)


def _nearest(rows, others, same=False):
    found = []
    for start in range(0, len(rows), 256):
        part = rows[start : start + 256]
        squares = (part**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * part @ others.T
        if same:
            squares[np.arange(len(part)), np.arange(start, start + len(part))] = np.inf
        found.append(np.sqrt(np.maximum(squares.min(axis=1), 0)))
    return np.concatenate(found)


def _train(subject) -> Iterator[np.ndarray]:
    rows = 0
    for step in range(BATCHES):
        if rows >= MOST_ROWS or (subject.batches.length or BATCHES) <= step:
            break
        flat = _flat(subject.inputs(subject.batches(step)))
        rows += len(flat)
        yield flat


def _flat(inputs):
    """Rows of all inputs side by side; whole numbers stay so where all inputs are rows of them. Pictures of bytes are measured values."""
    told = all(values.ndim <= 2 and values.dtype.kind in "biu" for values in inputs.values())
    kind = np.int64 if told else np.float32
    return np.concatenate([values.reshape(len(values), -1).astype(kind) for values in inputs.values()], axis=1)


def _print(row):
    return hashlib.blake2b(np.ascontiguousarray(row).tobytes(), digest_size=12).digest()
