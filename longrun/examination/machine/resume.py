"""Saved, killed and restored, the training goes on bit for bit."""

import tempfile
from pathlib import Path

from longrun.examination.machine.continued import STEPS, data_of, fingerprint, saving, walk
from longrun.examination.state import differing, name_of
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, fine, judged
from longrun.measure.bench import in_process

DATA = "make a batch a function of its step, or shuffle from a seed: a run that goes on would begin with other data"
ADVICE = (
    "put everything with a value that changes into the checkpoint: optimizer, averages, carried state, random state (Keras' seed "
    "generators are in model.variables and in no .weights.h5 or .keras file); draw random numbers from (seed, step); name further "
    "variables in `groups`"
)


def resume(subject: Subject) -> Verdict:
    """Sick where a run that goes on from its checkpoint leaves the path of the run that was not interrupted.

    Two steps, saved, two more; then restored and the two done again. value: variables whose bits differ; limit: nought. What the process
    itself remembers, and the checkpoint does not hold, has moved on meanwhile and shows. With --kill another process does it once more.
    It cannot see state that changes more rarely.
    """
    other = None
    with subject.kept(), tempfile.TemporaryDirectory() as folder:
        save, restore = saving(subject, Path(folder))
        walk(subject, 0)
        save(Path(folder))
        straight, losses = walk(subject, STEPS)
        restore(Path(folder))
        again, repeated = walk(subject, STEPS)
        if subject.factory:
            other = in_process("longrun.examination.machine.restored:go_on", subject.factory, folder)
        names = [name_of(v) for v in subject.state.variables()]
    apart = [index for index in differing(straight, again) if "metric" not in names[index]]
    if not apart and losses == repeated and other is not None:
        return _elsewhere(subject, straight, losses, names, other)
    if not apart and losses == repeated:
        return fine(f"{len(names)} variables are the same bit for bit, and so are the losses", 0, limit=0)
    if _unsteady(subject):
        raise CannotCheck("two runs from the same values differ in the last bits: other threads, or numbers drawn outside the state")
    which = ", ".join(names[index] for index in apart[:3]) or "no variable, but the losses"
    return judged(False, f"after the restore these differ: {which} ({len(apart)} in all)", max(len(apart), 1), limit=0, advice=ADVICE)


def _elsewhere(subject, straight, losses, names, other):
    """The verdict on what another process made of the checkpoint."""
    apart = [
        name
        for name, value, print_ in zip(names, straight.values, other["variables"], strict=False)
        if fingerprint(value) != print_ and "metric" not in name
    ]
    if other["data"] != data_of(subject):
        return judged(False, "the data of a step are others in another process", 1, limit=0, advice=DATA)
    if not apart:
        return fine(f"{len(names)} variables are the same bit for bit in another process", 0, limit=0)
    if all(abs(one - two) <= 1e-5 * max(abs(one), 1e-8) for one, two in zip(losses, other["losses"], strict=True)):
        raise CannotCheck(f"another process differs in the last bits of {len(apart)} variables: sums in another order, other threads")
    return judged(False, f"in another process these differ: {', '.join(apart[:3])} ({len(apart)})", len(apart), limit=0, advice=ADVICE)


def _unsteady(subject):
    """Whether the same steps from exactly the same values differ in their last bits: then no checkpoint is at fault."""
    found = []
    for _ in range(2):
        with subject.kept():
            found.append(walk(subject, 0))
    (one, losses), (other, repeated) = found
    close = all(abs(a - b) <= 1e-5 * max(abs(a), 1e-8) for a, b in zip(losses, repeated, strict=True))
    return bool(differing(one, other) or losses != repeated) and close
