"""Configuration of the report's training. Every fault is a switch, on as reported; off is the mended version."""

from dataclasses import dataclass, fields

CLASSES = 12


@dataclass(frozen=True)
class ClassicConfig:
    """Numbers of the report ("fresh HRM", September 2025), and what was wrong with it."""

    # Faults, on as reported
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

    # As reported
    tasks: str = "arc"
    """"arc" (the 400 ARC-AGI-1 training tasks that fit the canvas) or "mini-arc" (five rules on 6 x 6 grids)."""
    side: int = 30
    """Side of the canvas."""
    width: int = 256
    """Channels."""
    heads: int = 8
    """Attention heads."""
    high_layers: int = 4
    """Layers of the high-level module."""
    low_layers: int = 3
    """Layers of the low-level module."""
    cycles: int = 8
    """Most cycles; the fewest are 4 (the report says 3)."""
    dropout: float = 0.1
    """Dropout on attention, feed-forward and residual."""
    steps: int = 200_000
    """Training steps."""
    batch_size: int = 20
    """Pairs a step."""
    learning_rate: float = 1e-4
    """Constant learning rate of AdamW."""
    weight_decay: float = 0.01
    """On every weight."""
    seed: int = 0
    """Of weights and data."""
    held_out: int = 200
    """Pairs in the evaluation."""
    mode: str = "graph"
    """"graph" or "eager"."""
    jit_compile: bool = False
    """XLA; worth it on a small canvas, on a CPU too."""
    on_unhealthy: str = "stop"
    """"warn", "stop" or "rollback"; the report's check printed a line and went on."""
    guard_after: int = 2000
    """Steps after which unused input is unhealthy."""
    log_every: int = 100
    """Steps between two lines of metrics.jsonl."""
    save_every: int = 10_000
    """Steps between two checkpoints."""

    def __post_init__(self):
        choices = {"tasks": ("arc", "mini-arc"), "mode": ("graph", "eager"), "on_unhealthy": ("warn", "stop", "rollback")}
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}")
        for name in ("side", "width", "heads", "high_layers", "low_layers", "steps", "batch_size", "held_out", "log_every", "save_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.cycles < 4:
            raise ValueError(f"cycles must be at least 4, not {self.cycles}")
        if self.side > 30 or (self.tasks == "mini-arc" and self.side < 6):
            raise ValueError(f"side is at most 30, and at least 6 for mini-arc, not {self.side}")
        if self.width % self.heads:
            raise ValueError(f"width {self.width} cannot be shared by {self.heads} heads")
        if self.save_every % self.log_every:
            raise ValueError(f"save_every ({self.save_every}) must be a multiple of log_every ({self.log_every})")


FAULTS = tuple(field.name for field in fields(ClassicConfig) if field.default is True)
"""Names of the switches: what is on as reported."""
FREE = ("steps", "held_out", "mode", "jit_compile", "on_unhealthy", "guard_after", "log_every", "save_every")
ADDED = ("input_once",)
"""Fields that came later; see longrun.run.manifest.identity."""
