"""Configuration of the original run. Every fault is a switch, on as it was; off is the mended version. Imports no TensorFlow."""

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from hrm.config import at_least_one
from longrun.config import RunSettings, Settings
from longrun.errors import UserError

CLASSES = 12
"""Of a cell: ten colours, the eleventh that ARC does not have, and a padding of its own."""


@dataclass(frozen=True)
class FaultSettings(Settings):
    """What was wrong with the original run; on as it was."""

    independent_augmentation: bool = True
    """Input and output are turned and recoloured by two different draws. Off: a task's pairs stay as they are, or share one draw."""
    no_task_identity: bool = True
    """Nothing says which task a grid belongs to. Off: a learnt vector of the task is added to every cell."""
    ignored_background: bool = True
    """Cells of class 0 are not in the loss. Off: every cell is."""
    diluted_loss: bool = True
    """The loss is averaged over all cells, asked for or not. Off: over those asked for."""
    unlearnt_halting: bool = True
    """The halting head has no gradient, and the mean of the batch decides for all. Off: it learns whether the answer is right, and each
    sample stops by itself."""
    constant_penalties: bool = True
    """Diversity and cycles are counted, so that their penalties have no gradient. Off: the entropy of the mean answer has a floor."""
    faint_tokens: bool = True
    """Token vectors of 0.02 beside positions of 0.71, along one axis. Off: vectors of one size, positions in rows and columns."""
    tenth_colour: bool = True
    """Colours are permuted over 1..10, and ARC has no 10. Off: over 1..9."""
    shared_padding: bool = True
    """Cells outside the grid have the token of black. Off: one of their own."""
    input_once: bool = True
    """Both states start from the input, and it never comes in again. Off: it is added in every cycle."""


@dataclass(frozen=True)
class ClassicModelSettings(Settings):
    """The network, as it was."""

    side: int = 30
    """Side of the canvas in cells."""
    width: int = 256
    """Channels."""
    heads: int = 8
    """Attention heads."""
    high_layers: int = 4
    """Layers of the high-level module."""
    low_layers: int = 3
    """Layers of the low-level module."""
    cycles: int = 8
    """Most cycles; the fewest are 4 (the original run said 3)."""
    dropout: float = 0.1
    """Dropout on attention, feed-forward and residual."""

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "side", "width", "heads", "high_layers", "low_layers")
        if self.cycles < 4:
            raise UserError(f"cycles must be at least 4, not {self.cycles}")
        if self.width % self.heads:
            raise UserError(f"width {self.width} cannot be shared by {self.heads} heads")


@dataclass(frozen=True)
class ClassicDataSettings(Settings):
    """Which pairs batches hold, and on how many the network is judged."""

    tasks: Literal["arc", "mini-arc"] = "arc"
    """The 400 ARC-AGI-1 training tasks that fit the canvas (arc), or five rules on 6 x 6 grids (mini-arc)."""
    batch_size: int = 20
    """Pairs a step."""
    held_out: int = 200
    """Pairs in the evaluation."""

    FREE: ClassVar[tuple[str, ...]] = ("held_out",)

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "batch_size", "held_out")


@dataclass(frozen=True)
class ClassicLearningSettings(Settings):
    """The optimizer, as it was."""

    learning_rate: float = 1e-4
    """Constant learning rate of AdamW."""
    weight_decay: float = 0.01
    """On every weight."""


@dataclass(frozen=True)
class ClassicRunSettings(RunSettings):
    """The run; the check of the original run printed a line and went on."""

    steps: int = 200_000
    """Training steps."""
    precision: Literal["float32"] = "float32"
    """Of the computation."""
    guard_after: int = 2000
    """Steps after which unused input is unhealthy."""
    log_every: int = 100
    """Steps between two lines of metrics.jsonl, each with the sensitivity check."""
    evaluate_every: int = 0
    """Steps between two reports on the way; a multiple of log_every; 0: with every line of metrics.jsonl."""
    save_every: int = 10_000
    """Steps between two checkpoints; a multiple of log_every."""

    FREE: ClassVar[tuple[str, ...]] = (*RunSettings.FREE, "steps")


@dataclass(frozen=True)
class ClassicConfig(Settings):
    """Numbers of the original run, and what was wrong with it."""

    PROJECT: ClassVar[str] = "hrm"
    TRAINED_BY: ClassVar[str] = "hrm.classic.train:train"

    faults: FaultSettings = FaultSettings()
    model: ClassicModelSettings = ClassicModelSettings()
    data: ClassicDataSettings = ClassicDataSettings()
    learning: ClassicLearningSettings = ClassicLearningSettings()
    run: ClassicRunSettings = ClassicRunSettings()

    def __post_init__(self):
        super().__post_init__()
        if self.model.side > 30 or (self.data.tasks == "mini-arc" and self.model.side < 6):
            raise UserError(f"side is at most 30, and at least 6 for mini-arc, not {self.model.side}")


FAULTS = tuple(field.name for field in fields(FaultSettings))
"""Names of the switches."""
