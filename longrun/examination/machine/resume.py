"""Saved, killed and restored, the training goes on bit for bit."""

import tempfile
from pathlib import Path

from longrun.examination.state import differing, name_of
from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, fine, judged
from longrun.run.checkpoint import Checkpointer

STEPS = 2
ADVICE = (
    "put everything with a value that changes into the checkpoint: optimizer, averages, carried state, random state (Keras' seed "
    "generators are in model.variables and in no .weights.h5 or .keras file); draw random numbers from (seed, step); name further "
    "variables in `groups`"
)


def resume(subject: Subject) -> Verdict:
    """Sick where a run that goes on from its checkpoint leaves the path of the run that was not interrupted.

    Two steps, saved, two more; then restored and the two done again. value: variables whose bits differ; limit: nought. What the process
    itself remembers, and the checkpoint does not hold, has moved on meanwhile and shows. It cannot see state that changes more rarely.
    """
    with subject.kept(), tempfile.TemporaryDirectory() as folder:
        save, restore = _saving(subject, Path(folder))
        _walk(subject, 0)
        save(Path(folder))
        straight, losses = _walk(subject, STEPS)
        restore(Path(folder))
        again, repeated = _walk(subject, STEPS)
        names = [name_of(v) for v in subject.state.variables()]
    apart = [index for index in differing(straight, again) if "metric" not in names[index]]
    if not apart and losses == repeated:
        return fine(f"{len(names)} variables are the same bit for bit, and so are the losses", 0, limit=0)
    if _unsteady(subject):
        raise CannotCheck("two runs from the same values differ in the last bits: other threads, or numbers drawn outside the state")
    which = ", ".join(names[index] for index in apart[:3]) or "no variable, but the losses"
    return judged(False, f"after the restore these differ: {which} ({len(apart)} in all)", max(len(apart), 1), limit=0, advice=ADVICE)


def _saving(subject, folder):
    told = subject.examined
    if told.save is not None:
        return told.save, told.restore
    groups = {name: variables for name, variables in subject.state.groups().items() if variables}
    checkpoint = Checkpointer(folder / "checkpoints", groups, {})
    return lambda _: checkpoint.save(STEPS), lambda _: checkpoint.restore()


def _walk(subject, start):
    losses = [subject.step(subject.batches(number), number)[subject.examined.loss] for number in range(start, start + STEPS)]
    return subject.state.snapshot(), losses


def _unsteady(subject):
    """Whether the same steps from exactly the same values differ in their last bits: then no checkpoint is at fault."""
    found = []
    for _ in range(2):
        with subject.kept():
            found.append(_walk(subject, 0))
    (one, losses), (other, repeated) = found
    close = all(abs(a - b) <= 1e-5 * max(abs(a), 1e-8) for a, b in zip(losses, repeated, strict=True))
    return bool(differing(one, other) or losses != repeated) and close
