"""Steps before and after a checkpoint, and fingerprints of what they leave."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from longrun.examination.batches import parts
from longrun.examination.state import Snapshot
from longrun.examination.subject import Subject
from longrun.run.checkpoint import Checkpointer

STEPS = 2


def saving(subject: Subject, folder: Path) -> tuple[Callable[[Path], object], Callable[[Path], object]]:
    """How the training is saved and restored: as its author does, or with longrun's checkpoint of all variables."""
    told = subject.examined
    if told.save is not None:
        return told.save, told.restore
    groups = {name: variables for name, variables in subject.state.groups().items() if variables}
    checkpoint = Checkpointer(folder / "checkpoints", groups, {})
    return lambda _: checkpoint.save(STEPS), lambda _: checkpoint.restore()


def walk(subject: Subject, start: int) -> tuple[Snapshot, list[float]]:
    """Two steps from a step on: the state after them, and their losses."""
    losses = [subject.step(subject.batches(number), number)[subject.examined.loss] for number in range(start, start + STEPS)]
    return subject.state.snapshot(), losses


def data_of(subject: Subject) -> str:
    """Fingerprint of the batch of the first step after the restore."""
    return "".join(fingerprint(leaf) for leaf in parts(subject.batches(STEPS)).values())


def fingerprint(array: np.ndarray) -> str:
    """Of an array's bits."""
    return hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=12).hexdigest()
