"""What predictors reach that are not worth a training: constant, majority, copy, previous, linear."""

import numpy as np

from longrun.examination.batches import parts
from longrun.examination.linear import linear_answers
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, fine, judged

BATCHES, MOST_ROWS = 32, 2048
ALIKE = 0.9999
"""Correlation from which a feature is a label, and share of right answers from which a copy is."""
FEW = 64
"""Rows below which a feature may go with the labels by chance."""
CONSTANT = "all labels are the same: there is nothing to learn; look at how they are read"
COPIED = "the label stands in the input: shift the targets by one, or leave that part out (reconstructs=True where it is meant)"


def baselines(subject: Subject) -> Verdict:
    """Sick where all labels are alike, or where one of the inputs is the label.

    value: the best simple predictor on the held-out rows, floor: the constant one, both as accuracy, or as an error in the unit of the
    loss. A trained model is worth something above them. In a sequence a copy of the input is the value before; of a window of numbers
    the last one is ("previous", shown where it beats the constant). Labels that nothing predicts, shuffled ones say, look like hard ones
    here.
    """
    if subject.examined.kind == "other":
        raise CannotCheck("nothing says what kind of labels there are")
    return _errors(subject) if subject.examined.kind == "regression" else _accuracies(subject)


def _accuracies(subject):
    train, held_out = _rows(subject, _classes), _classes(subject, subject.held_out)
    (inputs, labels, seen), (new_inputs, new_labels, counted) = train, held_out
    if not (seen.any() and counted.any()):
        raise CannotCheck("no label counts: all have the weight 0 or are ignored")
    counts = np.bincount(labels[seen])
    floor = float(np.mean(new_labels[counted] == counts.argmax()))
    if counts.max() == counts.sum():
        return judged(False, f"all {counts.sum()} labels are {counts.argmax()}", 1.0, floor=1.0, advice=CONSTANT)
    scores = {"majority": floor}
    for name, values in new_inputs.items():
        if values.shape == new_labels.shape and np.issubdtype(values.dtype, np.integer):
            scores[f"copy of {name}"] = float(np.mean(values[counted] == new_labels[counted]))
            if labels.ndim > 1:
                scores["table of the current value"] = _table(inputs[name][seen], labels[seen], values[counted], new_labels[counted])
    if labels.ndim == 1 and new_inputs:
        rows = {name: values[seen] for name, values in inputs.items()}
        found = _linear(rows, np.eye(labels.max() + 1)[labels[seen]], new_inputs)
        scores["linear"] = float(np.mean((found.argmax(axis=1) == new_labels)[counted]))
    return _judged(subject, scores, floor, max, "right answers", inputs, labels)


def _errors(subject):
    (inputs, labels, _), (new_inputs, new_labels, _) = _rows(subject, _numbers), _numbers(subject, subject.held_out)
    error = np.abs if subject.examined.measure == "absolute error" else np.square
    floor = float(np.mean(error(new_labels - labels.mean(axis=0))))
    if np.ptp(labels, axis=0).max() == 0:
        return judged(False, f"all {len(labels)} labels are alike", 0.0, floor=0.0, advice=CONSTANT)
    scores = {"constant": floor}
    for name, values in new_inputs.items():
        if values.shape == new_labels.shape:
            scores[f"copy of {name}"] = float(np.mean(error(new_labels - values)))
        elif (last := _last(values, new_labels)) is not None and (score := float(np.mean(error(new_labels - last)))) < floor:
            scores["previous"] = score
    flat = labels.reshape(len(labels), -1)
    if new_inputs and flat.shape[1] <= 64:
        found = _linear(inputs, flat, new_inputs).reshape(new_labels.shape)
        scores["linear"] = float(np.mean(error(new_labels - found)))
    return _judged(subject, scores, floor, min, "absolute error" if error is np.abs else "squared error", inputs, labels)


def _judged(subject, scores, floor, best, unit, inputs, labels):
    copies = {name: score for name, score in scores.items() if name.startswith("copy")}
    perfect = [name for name, score in copies.items() if (score >= ALIKE if best is max else score <= (1 - ALIKE) * floor)]
    shown = f"{unit} on held-out rows: " + ", ".join(f"{name} {score:.4g}" for name, score in scores.items())
    value = best(scores.values())
    # In a sequence every label is the input of the next position.
    standing = perfect or ([] if subject.examined.kind == "sequence" else _standing(inputs, labels))
    if standing and not subject.examined.reconstructs:
        return judged(False, f"{standing[0]} gives the label away; {shown}", value, floor=floor, limit=ALIKE, advice=COPIED)
    return fine(shown, value, floor=floor)


def _standing(inputs, labels):
    """Features of an input that are a label, or say whether a row is of one class."""
    flat = labels.reshape(len(labels), -1)
    if len(flat) < FEW or flat.shape[1] > 64:
        return []
    wanted = np.eye(flat.max() + 1)[flat[:, 0]] if flat.shape[1] == 1 and np.issubdtype(flat.dtype, np.integer) else flat
    wanted = np.concatenate([wanted, flat], axis=1).astype(np.float64)
    wanted = wanted[:, np.minimum((wanted != 0).sum(axis=0), (wanted != wanted[:1]).sum(axis=0)) >= 3]
    for name, values in inputs.items():
        features = values.reshape(len(values), -1).astype(np.float64)
        for start in range(0, features.shape[1], 4096):
            alike = np.abs(_correlations(features[:, start : start + 4096], wanted)) >= ALIKE
            if alike.any():
                return [f"element {start + int(np.argwhere(alike.any(axis=1))[0, 0])} of {name}"]
    return []


def _correlations(features, wanted):
    one, other = (values - values.mean(axis=0) for values in (features, wanted))
    sizes = np.linalg.norm(one, axis=0)[:, None] * np.linalg.norm(other, axis=0)
    return np.where(sizes > 0, one.T @ other / np.maximum(sizes, 1e-300), 0.0)


def _last(values, labels):
    """The last position of each window (N, positions, ...), where a row has as much of it as of labels, or one number; else None."""
    last = values[:, -1].reshape(len(values), -1) if values.ndim > 1 and values.shape[1] > 1 else np.zeros((len(values), 0))
    flat = labels.reshape(len(labels), -1)
    return np.broadcast_to(last, flat.shape).reshape(labels.shape) if last.shape[1] in (1, flat.shape[1]) else None


def _table(values, labels, new_values, new_labels):
    """Right answers of: the commonest label after each value."""
    most = int(max(values.max(), new_values.max())) + 1
    if most * (int(labels.max()) + 1) > 10**7:
        return float("nan")
    counts = np.zeros((most, int(labels.max()) + 1), np.int64)
    np.add.at(counts, (values, labels), 1)
    return float(np.mean(counts.argmax(axis=1)[new_values] == new_labels))


def _linear(inputs, wanted, new_inputs):
    flat = lambda found: np.concatenate([v.reshape(len(v), -1).astype(np.float64) for v in found.values()], axis=1)  # noqa: E731
    return linear_answers(flat(inputs), wanted, flat(new_inputs))


def _rows(subject, read):
    """Inputs, labels and what counts of the first batches, joined."""
    found, rows = [], 0
    for step in range(BATCHES):
        found.append(read(subject, subject.batches(step)))
        rows += len(found[-1][1])
        if rows >= MOST_ROWS:
            break
    names = found[0][0]
    inputs = {name: np.concatenate([each[0][name] for each in found]) for name in names}
    return inputs, np.concatenate([each[1] for each in found]), np.concatenate([each[2] for each in found])


def _classes(subject, batch):
    labels = np.asarray(subject.label(batch))
    targets = subject.targets(subject.first, "cross-entropy")
    if targets.form == "distribution":
        labels = labels.argmax(axis=-1)
    elif labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    counted = np.ones(labels.shape, bool) if subject.examined.ignored is None else labels != subject.examined.ignored
    weights = parts(batch).get("weights") if isinstance(batch, tuple) else None
    if weights is not None and weights.shape == labels.shape[: weights.ndim]:
        counted = counted & (weights.reshape(weights.shape + (1,) * (labels.ndim - weights.ndim)) > 0)
    labels = np.where(counted, labels, 0)
    return _readable(subject, batch), np.rint(labels).astype(np.int64), counted


def _numbers(subject, batch):
    labels = np.asarray(subject.label(batch), np.float64)
    return _readable(subject, batch), labels, np.ones(labels.shape, bool)


def _readable(subject, batch):
    """Inputs that hold numbers."""
    try:
        found = subject.inputs(batch)
    except CannotCheck:
        return {}
    return {name: values for name, values in found.items() if np.issubdtype(values.dtype, np.number) and name in parts(batch)}
