"""Configuration of the original run's trainings, "Trial 69": the numbers of its status page, and what is new here."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from arc.config import Model, NetworkSettings
from arc.grids.tasks import MAX_SIDE
from longrun.config import RunSettings, Settings
from longrun.errors import UserError

CONTEXT_PAIRS = 2


@dataclass(frozen=True)
class ExperimentSettings(Settings):
    """Which model is trained on what."""

    model: Model = "decoder_only"
    """One of the three."""
    variant: Literal["legacy", "legacy_shifted", "fixed"] = "legacy"
    """The model of that day, of the day after, or the new one under the same training."""
    side: int = 10
    """Side of the canvas; 30 holds all of ARC and costs eighty times as much."""
    pairs: int = 400
    """Pairs of each of the 18 tasks."""
    validate_on: Literal["skills", "others"] = "skills"
    """The original run's four tasks, or ARC's own pairs of the tasks beside the 18 that fit the canvas (it later took 92)."""
    batch_size: int = 32
    """Pairs in a batch."""

    def __post_init__(self):
        super().__post_init__()
        if not 10 <= self.side <= MAX_SIDE:
            raise UserError(f"side is {self.side}, it must be in 10..{MAX_SIDE}")
        if self.batch_size < 1:
            raise UserError(f"batch_size must be at least 1, not {self.batch_size}")
        if self.pairs <= CONTEXT_PAIRS or self.steps_per_epoch < 1:
            raise UserError(f"pairs is {self.pairs}: too few for demonstrations and one batch of {self.batch_size}")
        _ = self.fixed

    @property
    def context_pairs(self) -> int:
        """Demonstrations beside each query: the champion's two."""
        return CONTEXT_PAIRS if self.model == "champion" else 0

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches of the 14 training tasks."""
        return 14 * (self.pairs - self.context_pairs) // self.batch_size

    @property
    def fixed(self) -> NetworkSettings:
        """The new model that stands in for the original's, without skill numbers, which the original's had not either."""
        special = {
            "decoder_only": {"feed_forward": 768, "positions": "diagonal3d", "learnt_positions": False},
            "encoder_decoder": {},
            "champion": {"context_pairs": CONTEXT_PAIRS, "equivariant": True},
        }
        return NetworkSettings(model=self.model, side=self.side, task_ids=False, **special[self.model])


@dataclass(frozen=True)
class TrialSettings(Settings):
    """Trial 69."""

    lr: float = 0.0018498849832733245
    """Peak learning rate of Adam."""
    eta_min: float = 1.6816632143867157e-06
    """Learning rate that a cycle tends to and, stepped per epoch, never reaches."""
    beta_1: float = 0.95
    """Of Adam."""
    beta_2: float = 0.999
    """Of Adam."""
    gradient_clip: float = 1.0
    """Global norm."""
    cycle: int = 6
    """Epochs between two warm restarts (T_0)."""
    max_epochs: int = 100
    """Epochs at most."""
    patience: int = 2
    """Whole restart cycles without a lower validation loss before the training stops; the original's 7 epochs were one cycle and one."""

    FREE: ClassVar[tuple[str, ...]] = ("max_epochs",)

    def __post_init__(self):
        super().__post_init__()
        for name in ("cycle", "max_epochs", "patience"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")


@dataclass(frozen=True)
class EpochRunSettings(RunSettings):
    """A run in epochs, each of which ends with a validation and a checkpoint."""

    seed: int = 307
    """Of initial weights and order."""
    steps: int = 1_000_000
    """Training steps at most, where the epochs are more."""
    on_unhealthy: Literal["warn", "stop", "rollback"] = "warn"
    """What a health guard's finding does: a line, the end (exit code 3), or back to the last good checkpoint with another order."""
    guard_after: int = 1000
    """Steps after which a model that is no better than repeating the previous cell is unhealthy."""
    log_every: int = 10
    """Steps between two lines of metrics.jsonl, beside those at the end of each epoch."""
    save_every: int = 10
    """Not used: the end of an epoch is when a checkpoint is saved."""
    evaluate_every: int = 10
    """Not used: the end of an epoch is when the model is validated."""
    keep_every: int = 0
    """Steps between two checkpoints that are kept for ever, as far as an epoch ends there; 0: none."""

    FREE: ClassVar[tuple[str, ...]] = (*RunSettings.FREE, "steps")

    def __post_init__(self):
        # The cadence is the epochs', so nothing has to be a multiple of anything, as it has in other runs.
        Settings.__post_init__(self)
        for name, least in (("steps", 1), ("log_every", 1), ("keep_every", 0)):
            if getattr(self, name) < least:
                raise UserError(f"{name} must be at least {least}, not {getattr(self, name)}")


@dataclass(frozen=True)
class OriginalConfig(Settings):
    """Every number of a training of the original run."""

    PROJECT: ClassVar[str] = "arc"
    TRAINED_BY: ClassVar[str] = "arc.original.train:train"
    RUNS: ClassVar[str] = "checkpoints"
    """The original run's own folders: checkpoints/exp_0_encoder_decoder."""

    experiment: ExperimentSettings = ExperimentSettings()
    trial: TrialSettings = TrialSettings()
    run: EpochRunSettings = EpochRunSettings()

    @property
    def total_steps(self) -> int:
        """Of all epochs, or fewer."""
        return min(self.run.steps, self.trial.max_epochs * self.experiment.steps_per_epoch)
