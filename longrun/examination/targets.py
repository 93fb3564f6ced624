"""Labels, and what is reached without looking at an input: in the unit of the loss, and as a score."""

import math
from dataclasses import dataclass

import numpy as np

from longrun.health.floors import constant_floor, label_entropy


@dataclass(frozen=True)
class Targets:
    """Labels of some rows, without those that do not count.

    form: "classes" (integers below `classes`), "distribution" (rows that sum to 1), "bits" (each in [0, 1]) or "numbers".
    values: (N,) classes, (N, classes) distributions, (rows, ...) bits and numbers.
    """

    form: str
    classes: int
    values: np.ndarray

    def constant(self, measure: str) -> float:
        """Loss of the best constant answer, which reads no input."""
        if measure == "cross-entropy" and self.form == "classes":
            shares = np.bincount(self.values, minlength=1) / len(self.values)
            return _entropy(shares)
        if measure == "cross-entropy" and self.form == "distribution":
            return _entropy(self.values.mean(axis=0))
        if measure == "cross-entropy":
            return constant_floor(self.values)
        if measure == "squared error":
            return float(np.mean(np.var(self.values, axis=0)))
        return float(np.mean(np.abs(self.values - np.median(self.values, axis=0))))

    def least(self, measure: str) -> float:
        """The least loss that any predictor can reach: the entropy of the labels themselves, nought for hard ones."""
        if measure != "cross-entropy" or self.form == "classes":
            return 0.0
        if self.form == "distribution":
            return float(np.mean([_entropy(row) for row in self.values]))
        return label_entropy(self.values)

    def uniform(self) -> float:
        """Cross-entropy in nats of an answer that holds all classes for equally likely."""
        return math.log(2) if self.form == "bits" else math.log(max(self.classes, 2))


def targets(
    labels: np.ndarray, weights: np.ndarray | None, output_shape: tuple[int, ...], measure: str, ignored: float | None = None
) -> Targets:
    """Read labels (B, ...) by the shape of the outputs that are to match them.

    weights: 0 and 1 of the same leading shape; only what has 1 counts.
    """
    if measure != "cross-entropy":
        return Targets("numbers", 0, np.asarray(labels, np.float64))
    labels = np.asarray(labels)
    if labels.ndim == len(output_shape) and labels.shape[-1] == 1 and output_shape[-1] > 1:
        labels = labels[..., 0]
    if labels.shape == tuple(output_shape) or output_shape[-1] == 1:
        flat = np.asarray(labels, np.float64).reshape(len(labels), -1)
        if labels.ndim > 1 and labels.shape[-1] > 1 and np.allclose(labels.sum(axis=-1), 1, atol=1e-4):
            return Targets("distribution", labels.shape[-1], np.asarray(labels, np.float64).reshape(-1, labels.shape[-1]))
        return Targets("bits", 2, flat)
    counted = np.ones(labels.shape, bool) if weights is None else np.broadcast_to(weights, labels.shape) > 0
    if ignored is not None:
        counted = counted & (labels != ignored)
    return Targets("classes", int(output_shape[-1]), labels[counted].astype(np.int64))


def _entropy(shares):
    shares = np.asarray(shares, np.float64)
    return float(-np.sum(np.where(shares > 0, shares * np.log(np.maximum(shares, 1e-300)), 0.0)))
