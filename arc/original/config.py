"""Configuration of the original study's trainings, "Trial 69": the numbers of its status page, and what is ours."""

from dataclasses import dataclass

from arc.config import MODELS, Config
from arc.grids.tasks import MAX_SIDE
from longrun.errors import UserError

CONTEXT_PAIRS = 2
FOLDERS = {"decoder_only": "exp_-1_decoder_only", "encoder_decoder": "exp_0_encoder_decoder", "champion": "exp_3_champion"}


@dataclass(frozen=True)
class OriginalConfig:
    """Every number of a training as on the page."""

    model: str = "decoder_only"
    """"decoder_only", "encoder_decoder" or "champion"."""
    variant: str = "legacy"
    """"legacy" (that day), "legacy_shifted" (the day after) or "fixed" (our model under the same training)."""
    side: int = 10
    """Side of the canvas; 30 holds all of ARC and costs eighty times as much."""
    pairs: int = 400
    """Pairs of each of the 18 tasks."""
    validate_on: str = "skills"
    """"skills" (the page's four) or "others" (ARC's own pairs of the tasks beside the 18 that fit the canvas; the study later took 92)."""

    # Trial 69
    lr: float = 0.0018498849832733245
    """Peak learning rate of Adam."""
    eta_min: float = 1.6816632143867157e-06
    """Learning rate that a cycle tends to and, stepped per epoch, never reaches."""
    beta_1: float = 0.95
    """Of Adam."""
    beta_2: float = 0.999
    """Of Adam."""
    cycle: int = 6
    """Epochs between two warm restarts (T_0)."""
    batch_size: int = 32
    """Pairs in a batch."""
    max_epochs: int = 100
    """Epochs at most."""
    gradient_clip: float = 1.0
    """Global norm."""
    patience: int = 2
    """Whole restart cycles without a lower validation loss before the training stops; the page's 7 epochs were one cycle and one."""
    seed: int = 307
    """Of initial weights and order."""

    # The run
    precision: str = "float32"
    """"float32" or "mixed_bfloat16" (the page had 16-mixed)."""
    mode: str = "graph"
    """"graph" or "eager"."""
    on_unhealthy: str = "warn"
    """"warn", "stop" or "rollback"."""
    log_every: int = 10
    """Steps between two lines of metrics.jsonl, beside those at the end of each epoch."""

    def __post_init__(self):
        choices = {
            "model": MODELS,
            "variant": ("legacy", "legacy_shifted", "fixed"),
            "validate_on": ("skills", "others"),
            "mode": ("graph", "eager"),
            "on_unhealthy": ("warn", "stop"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise UserError(f"{name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}")
        if not 10 <= self.side <= MAX_SIDE:
            raise UserError(f"side is {self.side}, it must be in 10..{MAX_SIDE}")
        for name in ("cycle", "batch_size", "max_epochs", "patience", "log_every"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")
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
    def fixed(self) -> Config:
        """Our model that stands in for the original's, without skill numbers, which the original's had not either."""
        special = {
            "decoder_only": {"feed_forward": 768, "positions": "diagonal3d", "learnt_positions": False},
            "encoder_decoder": {},
            "champion": {"context_pairs": CONTEXT_PAIRS, "equivariant": True},
        }
        return Config(model=self.model, side=self.side, task_ids=False, **special[self.model])


FREE = ("mode", "on_unhealthy", "log_every", "max_epochs")
ADDED = ("validate_on",)
"""Fields that came later; see longrun.run.manifest.identity."""
