"""What a process that was only just started makes of a checkpoint."""

from pathlib import Path
from typing import Any

from longrun.examination.command import made_by
from longrun.examination.machine.continued import STEPS, data_of, fingerprint, saving, walk
from longrun.examination.subject import Subject


def go_on(factory: str, folder: str) -> dict[str, Any]:
    """Make the training anew, restore it and do the next steps.

    Returns {"losses", "variables", "data"}: the losses, a fingerprint of each variable afterwards, and one of the batch of the first of
    these steps.
    """
    subject = Subject(made_by(factory))
    _, restore = saving(subject, Path(folder))
    restore(Path(folder))
    after, losses = walk(subject, STEPS)
    return {"losses": losses, "variables": [fingerprint(each) for each in after.values], "data": data_of(subject)}
