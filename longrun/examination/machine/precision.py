"""The numbers can be held by the chosen precision."""

import keras
import numpy as np
import tensorflow as tf

from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, fine, judged

DIGITS = {"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}
"""Bits of a mantissa."""
MOST_BELOW = 0.5
"""Of a float16 gradient's elements, that may lie where digits are lost."""
INTEGERS = "identifiers belong into integer inputs (an Embedding); as {kind} they fall together"
SMALL = "scale the loss (keras.optimizers.LossScaleOptimizer), or compute in bfloat16 or float32"
INFINITE = "look for a division, a logarithm or a root of nought, and for values beyond the precision's range"
WEIGHTS = "keep the weights in float32 and compute in the lower precision: mixed_{kind} in place of {kind}"


def precision(subject: Subject) -> Verdict:
    """Sick where a first step is not finite, inputs fall together, gradients fall under the floor, or weights hold too few digits.

    value: share of what is lost; limit: what may be. Gradients are looked at on one batch at the start of the training only.
    """
    models = subject.examined.models
    kinds = {layer.compute_dtype for model in models for layer in model._flatten_layers() if layer.weights}
    kind = min(kinds, key=_digits)
    values = subject.gradients.values
    if not np.isfinite(values[subject.examined.loss]):
        return judged(False, f"the first loss is {values[subject.examined.loss]}", 1.0, limit=0.0, advice=INFINITE)
    beyond = max((_lost(each, kind) for each in _inputs(subject)), default=0.0)
    if beyond > 0:
        return judged(False, f"whole numbers in the input fall together as {kind}", beyond, limit=0.0, advice=INTEGERS.format(kind=kind))
    below = max((found.below for found in subject.gradients.of.values() if found.norm), default=0.0) if kind == "float16" else 0.0
    if below > MOST_BELOW:
        return judged(False, "gradients lie where float16 loses digits", below, limit=MOST_BELOW, advice=SMALL)
    short = [v for v in subject.examined.trainable_variables if _digits(keras.backend.standardize_dtype(v.dtype)) < 20]
    if short:
        least = 2.0 ** -_digits(short[0].dtype)
        said = f"{len(short)} variables are held in {short[0].dtype}: an update below {least:.1e} of a weight is lost"
        return judged(False, said, 1.0, limit=0.0, advice=WEIGHTS.format(kind=short[0].dtype))
    return fine(f"finite, whole numbers kept apart, gradients held, computed in {kind}", below, limit=MOST_BELOW)


def _digits(kind):
    return DIGITS.get(str(kind), 64)


def _inputs(subject):
    try:
        found = subject.inputs(subject.first)
    except CannotCheck:
        return []
    return [values for values in found.values() if np.issubdtype(values.dtype, np.floating)]


def _lost(values, kind):
    """Share of the distinct whole numbers among the values that the kind does not hold apart; nought where not all are whole."""
    if values.size == 0 or not np.isfinite(values).all() or not (values == np.rint(values)).all():
        return 0.0
    distinct = np.unique(values)
    with np.errstate(over="ignore"):
        held = np.unique(distinct.astype(tf.as_dtype(kind).as_numpy_dtype).astype(np.float64))
    return 1.0 - len(held) / len(distinct)
