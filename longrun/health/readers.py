"""Readers that are not the model: what labels say, and whether anything at all can be read from the input. Plain NumPy."""

import numpy as np

HIDDEN = 96
RIDGE = 1.0


def as_classes(labels: np.ndarray) -> np.ndarray:
    """Labels of any kind as classes 0, 1, ...: (n,) integers as they come, real numbers by quarters of their range. (n,) int."""
    labels = np.asarray(labels).reshape(-1)
    values, classes = np.unique(labels, return_inverse=True)
    if len(values) <= 32 or labels.dtype.kind in "iub":
        return classes
    return np.searchsorted(np.quantile(labels, (0.25, 0.5, 0.75)), labels)


def read(features: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Accuracy of a reader that was fitted on one half of the rows and asked on the other, and that of the commonest class.

    features: (n, f). labels: (n,), see `as_classes`. The reader is ridge regression on the features and 96 random rectified ones, so
    it finds what is linear, and part of what is not.
    """
    features = np.asarray(features, np.float64).reshape(len(features), -1)
    classes = as_classes(labels)
    deviation = features.std(axis=0)
    features = (features - features.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    chance = np.random.default_rng(0)
    width = features.shape[1]
    directions = chance.normal(size=(width, HIDDEN)) / np.sqrt(width)
    bent = np.maximum(features @ directions + chance.normal(size=HIDDEN), 0.0)
    rows = np.concatenate([features, bent, np.ones((len(features), 1))], axis=1)
    wanted = np.eye(int(classes.max()) + 1)[classes]
    half = len(rows) // 2
    known, asked = slice(0, half), slice(half, None)
    gram = rows[known].T @ rows[known] + RIDGE * np.eye(rows.shape[1])
    answers = rows[asked] @ np.linalg.solve(gram, rows[known].T @ wanted[known])
    commonest = np.argmax(wanted[known].sum(axis=0))
    return float((answers.argmax(axis=1) == classes[asked]).mean()), float((classes[asked] == commonest).mean())


def telling_feature(features: np.ndarray, labels: np.ndarray, bins: int = 16) -> tuple[int, float]:
    """The one feature that tells the most of the label, and with which accuracy: the commonest class of each of its `bins` ranges."""
    features = np.asarray(features, np.float64).reshape(len(features), -1)
    classes = as_classes(labels)
    best = (0, 0.0)
    for index, column in enumerate(features.T):
        values = np.unique(column)
        edges = np.quantile(column, np.linspace(0, 1, bins + 1)[1:-1]) if len(values) > bins else values[1:]
        cells = np.searchsorted(edges, column, side="right")
        counts = np.zeros((bins + 1, int(classes.max()) + 1))
        np.add.at(counts, (cells, classes), 1)
        accuracy = float(counts.max(axis=1).sum() / len(classes))
        best = max(best, (index, accuracy), key=lambda one: one[1])
    return best
