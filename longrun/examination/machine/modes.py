"""Training mode differs from evaluation where it should, and nowhere else."""

import keras
import numpy as np

from longrun.examination.state import differing, name_of
from longrun.examination.subject import Subject
from longrun.examination.verdict import Verdict, fine, judged

TOLERANCE = 1e-5
ADVICE = {
    "evaluation is not repeatable": "something is drawn in evaluation: call the model with training=False; own layers ask `training`",
    "evaluation changes": "evaluation must leave no trace: call the model with training=False there",
    "the modes differ": "no layer has a mode that is known; one of your own reads `training`, or the model depends on a global switch",
    "training does not use": "the step must call the model with training=True",
}


def modes(subject: Subject) -> Verdict:
    """Sick where evaluation draws or leaves a trace, where the modes differ without a layer that has one, or where a step trains none.

    A layer of the author's own that draws in training, or changes a variable there, has a mode. value: difference between two
    evaluations, or between the modes of a model that has none, as a share of the outputs' spread. It cannot see a dropout rate that is
    wrong.
    """
    batch = subject.first
    dropping, normalising = _with_modes(subject.examined.models)
    with subject.kept() as before:
        one, other = subject.outputs(batch), subject.outputs(batch)
        touched = [subject.state.variables()[index] for index in differing(before, subject.state.snapshot())]
    apart = _apart(one, other)
    if apart > TOLERANCE:
        return _sick("evaluation is not repeatable", f"two evaluations of one batch differ by {apart:.2g}", apart)
    if touched:
        return _sick("evaluation changes", f"evaluation changes {', '.join(name_of(each) for each in touched[:3])}", len(touched))
    if not dropping and not normalising and subject.examined.predict is not None:
        return fine("no layer has a mode; evaluation is repeatable", apart, limit=TOLERANCE)
    if not dropping and not normalising:
        with subject.kept() as before:
            trained, again, evaluated = (_arrays(subject.asked(batch, training)) for training in (True, True, False))
            own = _apart(trained, again) > TOLERANCE or differing(before, subject.state.snapshot())
        if own:
            return fine("layers of its own draw or keep statistics, in training alone; evaluation is repeatable", 0.0, limit=TOLERANCE)
        apart = _apart(trained, evaluated)
        if apart > TOLERANCE * 100:
            return _sick("the modes differ", f"training and evaluation differ by {apart:.2g}", apart)
        return fine("no layer has a mode, and both modes agree", apart, limit=TOLERANCE * 100)
    with subject.kept() as before:
        subject.step(batch)
        moved = {id(subject.state.variables()[index]) for index in differing(before, subject.state.snapshot())}
    still = [layer for layer, variables in {**dropping, **normalising}.items() if variables and not moved & {id(v) for v in variables}]
    if still:
        return _sick("training does not use", f"a step leaves {', '.join(still[:3])} in evaluation mode", len(still))
    said = f"{len(dropping)} layers draw and {len(normalising)} keep statistics, in training alone; evaluation is repeatable"
    return fine(said, apart, limit=TOLERANCE)


def _with_modes(models):
    """Path of a layer -> the variables that it changes in training mode: layers that draw, and layers that keep statistics."""
    dropping, normalising = {}, {}
    for layer in (layer for model in models for layer in model._flatten_layers(include_self=False)):
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable and layer.built:
            normalising[_name(layer)] = [layer.moving_mean, layer.moving_variance]
        elif getattr(layer, "rate", 0) or isinstance(layer, keras.layers.GaussianNoise):
            seeds = [v for v in layer.variables if "seed_generator" in v.path]
            if seeds:
                dropping[_name(layer)] = seeds
    return dropping, normalising


def _name(layer):
    return layer.path or layer.name


def _arrays(outputs):
    return [np.asarray(each) for each in keras.tree.flatten(outputs)]


def _apart(one, other):
    pairs = [(np.asarray(a, np.float64), np.asarray(b, np.float64)) for a, b in zip(one, other, strict=True)]
    return max(float(np.max(np.abs(a - b)) / (np.std(a) or 1.0)) for a, b in pairs)


def _sick(kind, said, value):
    return judged(False, said, value, floor=0.0, limit=TOLERANCE, advice=ADVICE[kind])
