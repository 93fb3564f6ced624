"""A gradient in every variable."""

import numpy as np

from longrun.examination.fitting import fitted
from longrun.examination.state import name_of
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, fine, judged

ADVICE = (
    "give every trainable variable a path to the loss and to the optimizer: look for a head that is not used, stop_gradient, argmax or "
    "rounding on the way, dead units, a layer made after the optimizer; what is frozen on purpose has trainable = False"
)


def gradients(subject: Subject) -> Verdict:
    """Sick where a trainable variable gets no gradient, one that is nought throughout, or one that is not finite.

    Nought is no finding unless it is nought still once a batch has been learnt: a residual branch may begin at nought. It cannot see a
    gradient that is wrong, nor one that is nought for one unit among many.
    """
    found, idle = subject.gradients, tuple(subject.examined.idle)
    variables = [v for v in subject.examined.trainable_variables if not (idle and v.path.endswith(idle))]
    if not found.of:
        raise CannotCheck("the step hands no gradients to a Keras optimizer that is known")
    unfit = [v for v in variables if id(v) in found.of and not found.of[id(v)].finite]
    silent = [v for v in variables if not found.norm(v)]
    if silent and not unfit and all(found.norm(v) == 0 for v in silent):
        later = _after_fitting(subject)
        silent = [v for v in silent if not later.norm(v)]
    sick = unfit or silent
    reached = len(variables) - len(sick)
    if not sick:
        smallest = min((found.norm(v) for v in variables if found.norm(v)), default=0.0)
        return fine(f"all {reached} variables have one, the smallest of norm {smallest:.1e}", reached, limit=reached)
    names = ", ".join(name_of(v) for v in sick[:4]) + (f" and {len(sick) - 4} more" if len(sick) > 4 else "")
    kind = "a gradient that is not finite" if unfit else "no gradient"
    return judged(False, f"{kind} in {names}", reached, limit=len(variables), advice=ADVICE)


def _after_fitting(subject):
    with subject.kept():
        subject.state.restore(fitted(subject, -np.inf).state)
        return subject.recorded()
