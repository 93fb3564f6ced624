"""Configuration of a reasoner's training, in parts; presets.py holds the named ones. Imports no TensorFlow.

One step is one segment of every sample in the carry. "Published" is what the papers on HRM (Wang et al. 2025) and TRM
(Jolicoeur-Martineau 2025) and their code say.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from longrun.config import RunSettings, Settings
from longrun.errors import UserError


def at_least_one(part: Settings, *names: str) -> None:
    """Refuse a number below 1 in any of these fields."""
    for name in names:
        if getattr(part, name) < 1:
            raise UserError(f"{name} must be at least 1, not {getattr(part, name)}")


@dataclass(frozen=True)
class ModelSettings(Settings):
    """The network, and what tells it which puzzle is meant."""

    network: Literal["hrm", "trm"] = "trm"
    """Two modules with a one-step gradient (hrm), or one module in both roles with a gradient through the last round (trm)."""
    width: int = 64
    """Channels d; the published networks have 512."""
    heads: int = 4
    """Attention heads; the published networks have 8."""
    inner: int = 128
    """Inner width of the SwiGLU layers; 0: the published rule, two thirds of 4 d up to a multiple of 256."""
    high_layers: int = 2
    """Blocks of the high-level module of hrm (published: 4)."""
    low_layers: int = 2
    """Blocks of the low-level module, or of the only one of trm (published: 4, trm 2)."""
    high_cycles: int = 2
    """High-level updates a segment (published: hrm 2, trm 3)."""
    low_cycles: int = 2
    """Low-level updates before each (published: hrm 2, trm 4 or 6)."""
    segments: int = 3
    """Most segments a sample is given (published: 16)."""
    mixing: Literal["attention", "units", "mlp"] = "attention"
    """What mixes positions: attention; units (new here, for Sudoku: attention whose heads look along the row, the column, the box and
    everywhere, in turn); or mlp (trm's, for short fixed lengths)."""
    positions: Literal["grid", "rotary", "learned"] = "grid"
    """Rotary over rows and columns with learnt row and column vectors (grid, new here), or as published: rotary or learned."""
    prefix: int = 1
    """Positions before the cells that hold the puzzle vector (published: hrm 1, trm 16); 0: no conditioning on the puzzle."""
    puzzle_width: int = 64
    """Numbers in a puzzle's vector; what is missing to prefix x width is zero."""
    conditioning: Literal["id", "demonstrations", "none"] = "id"
    """What fills the prefix: a learnt vector for each puzzle, so that an unseen one needs training (id, published); an encoder of other
    pairs of the same task, so that it needs none (demonstrations, new here); or nothing, as an ablation (none)."""
    demonstrations: tuple[int, int] = (2, 4)
    """Fewest and most demonstrations, where they are shown; each sample's number is drawn anew."""
    demonstration_layers: int = 2
    """Blocks of the encoder that reads them."""

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "width", "heads", "high_layers", "low_layers", "high_cycles", "low_cycles", "segments", "demonstration_layers")
        if self.conditioning == "demonstrations":
            if not 1 <= self.demonstrations[0] <= self.demonstrations[1]:
                raise UserError(f"demonstrations are at least 1, and the most not fewer than the fewest, not {self.demonstrations}")
            if not self.prefix:
                raise UserError("conditioning by demonstrations needs a prefix of 1 position at least")
            if self.width % (4 * self.heads):
                raise UserError(f"the encoder of demonstrations cannot share width {self.width} among {self.heads} heads")
        if self.width % (self.heads * (4 if self.positions == "grid" else 2)):
            raise UserError(f"width {self.width} cannot be shared by {self.heads} heads with {self.positions} positions")
        if not 0 <= self.puzzle_width <= self.prefix * self.width or (self.prefix > 0) != (self.puzzle_width > 0):
            raise UserError(f"a puzzle vector of {self.puzzle_width} numbers does not fit {self.prefix} positions of {self.width}")

    @property
    def has_table(self) -> bool:
        """Whether every puzzle has a learnt vector."""
        return self.conditioning == "id" and self.prefix > 0

    @property
    def shown(self) -> tuple[int, int]:
        """Fewest and most demonstrations beside a question, (0, 0) where it stands alone."""
        return self.demonstrations if self.conditioning == "demonstrations" else (0, 0)


@dataclass(frozen=True)
class DataSettings(Settings):
    """Which puzzles batches hold."""

    puzzle: Literal["mini-arc", "arc", "sudoku", "maze", "files"] = "mini-arc"
    """Made here, but for arc (JSON tasks) and files (a published NPY folder or Sudoku CSV)."""
    side: int = 6
    """Side of the grid in cells (Sudoku: 4, 6 or 9; Maze: 5 to 30; ARC: canvas, 30 at most)."""
    givens: tuple[int, int] = (0, 0)
    """Fewest and most givens of a Sudoku."""
    grade: Literal["any", "singles", "search"] = "any"
    """Difficulty of Sudokus: any, singles (no guess needed) or search (at least one)."""
    pool: int = 4000
    """Puzzles made before the training; every step shows fresh symmetries of them."""
    rules: Literal["five", "composed"] = "five"
    """Rules of mini-arc: five, or composed (31: seven moves, three recolourings, and every move with every recolouring)."""
    unseen: tuple[str, ...] = ()
    """Tasks that no training step shows and the evaluation asks for beside the others: rules of mini-arc, or for arc identifiers of
    tasks, or sets or files of other ones."""
    variants: int = 1
    """Augmented variants of an ARC task, each with an identifier of its own; the first is the task itself (published: 1000)."""
    pairing: Literal["joint", "independent"] = "joint"
    """One augmentation shared by all pairs of a task (joint), or input and output each by a draw of their own (independent: the fault
    of the original run, which makes the answer unknowable)."""
    path: str = ""
    """Folder or file for files (published formats) and arc (JSON; empty: the 400 ARC-AGI-1 training tasks)."""
    batch_size: int = 64
    """Samples in the carry."""

    FREE: ClassVar[tuple[str, ...]] = ("path",)

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "side", "pool", "variants", "batch_size")
        if self.puzzle == "sudoku" and (self.side not in (4, 6, 9) or not 0 <= self.givens[0] <= self.givens[1] < self.side**2):
            raise UserError(f"a Sudoku has side 4, 6 or 9 and fewer givens than cells, not side {self.side} and givens {self.givens}")
        if self.puzzle == "maze" and not 5 <= self.side <= 30:
            raise UserError(f"side of a maze must be from 5 to 30, not {self.side}")
        if self.puzzle == "mini-arc" and self.side != 6:
            raise UserError(f"mini-arc has side 6, not {self.side}")
        if self.unseen and not self.has_tasks:
            raise UserError(f"unseen tasks are for mini-arc and arc, {self.puzzle} has none to leave out")
        if self.unseen and self.puzzle == "mini-arc" and self.variants > 1:
            raise UserError(f"unseen rules of mini-arc need 1 variant, not {self.variants}: turned or recoloured, some rules are others")

    @property
    def has_tasks(self) -> bool:
        """Whether puzzles are pairs of tasks, several of each."""
        return self.puzzle in ("mini-arc", "arc")

    @property
    def cells(self) -> int:
        """Cells of a puzzle."""
        return self.side**2

    @property
    def vocabulary(self) -> int:
        """Token classes: PAD and the puzzle's own; ARC has PAD, the end of a grid and ten colours."""
        return {"sudoku": self.side + 2, "maze": 6}.get(self.puzzle, 12)


@dataclass(frozen=True)
class LearningSettings(Settings):
    """Loss, halting and optimizer."""

    loss: Literal["softmax", "stablemax"] = "softmax"
    """Cross-entropy of a softmax or of stablemax (published)."""
    halting: Literal["correctness", "q_learning"] = "correctness"
    """Stop where the answer is held to be right (correctness, trm), or by the value of going on, from one more forward pass (q_learning,
    hrm)."""
    halting_weight: float = 0.5
    """Weight of the halting loss."""
    diversity_weight: float = 0.0
    """Weight of a penalty, with a gradient, on answers with less entropy over the classes than the targets of the batch have (new here)."""
    exploration: float = 0.5
    """Share of samples that must go on for a random number of segments, 2 at least (published: 0.1)."""
    optimizer: Literal["adamw", "adam_atan2"] = "adamw"
    """AdamW or AdamAtan2 (published)."""
    learning_rate: float = 2e-3
    """Peak learning rate (published: 1e-4)."""
    warmup: int = 100
    """Steps of linear warm-up (published: 2000)."""
    final_rate: float = 0.1
    """Learning rate at the end of the cosine, as a fraction of the peak (published: 1)."""
    weight_decay: float = 0.1
    """Decoupled weight decay (published: 0.1, Sudoku and Maze 1)."""
    clip_norm: float = 1.0
    """Global norm at which gradients are clipped (published: never)."""
    puzzle_rate: float = 1e-2
    """Learning rate of the sign descent on puzzle vectors (published: 1e-2, Sudoku of trm 1e-4)."""
    puzzle_decay: float = 0.1
    """Decoupled weight decay of puzzle vectors."""
    average_decay: float = 0.99
    """Decay of the moving average of the weights that is evaluated and released (trm: 0.999)."""


@dataclass(frozen=True)
class EvaluationSettings(Settings):
    """On how much, and how, a reasoner is judged."""

    held_out: int = 512
    """Examples in the final evaluation."""
    halt_at_evaluation: bool = True
    """Judge each sample at the segment where it halts; off: after all segments, as published."""
    halting_confidence: float = 0.95
    """Probability of being right above which a sample halts in use, where halting is by correctness (in training, as published: 0.5)."""

    FREE: ClassVar[tuple[str, ...]] = ("held_out", "halt_at_evaluation", "halting_confidence")

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "held_out")
        if not 0 < self.halting_confidence < 1:
            raise UserError(f"halting_confidence is a probability between 0 and 1, not {self.halting_confidence}")


@dataclass(frozen=True)
class ReasonerRunSettings(RunSettings):
    """The run, and on how many processor cores its steps are computed."""

    steps: int = 1800
    """Optimizer steps."""
    jit_compile: bool = True
    """Compile the step with XLA; worth it on short sequences, on a CPU too."""
    guard_after: int = 400
    """Steps after which a network that does not use its input is unhealthy."""
    log_every: int = 50
    """Steps between two lines of metrics.jsonl, each with the cheap sensitivity check."""
    evaluate_every: int = 600
    """Steps between two full evaluations with pictures; a multiple of log_every."""
    save_every: int = 600
    """Steps between two checkpoints; a multiple of log_every."""
    shards: int = 1
    """Parts of the batch that are computed side by side, one for each core that the matrix products of one part do not fill."""

    FREE: ClassVar[tuple[str, ...]] = (*RunSettings.FREE, "steps", "shards")


@dataclass(frozen=True)
class Config(Settings):
    """Every number of a training."""

    PROJECT: ClassVar[str] = "hrm"
    TRAINED_BY: ClassVar[str] = "hrm.training.train:train"

    model: ModelSettings = ModelSettings()
    data: DataSettings = DataSettings()
    learning: LearningSettings = LearningSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    run: ReasonerRunSettings = ReasonerRunSettings()

    def __post_init__(self):
        super().__post_init__()
        model, data = self.model, self.data
        if self.run.shards < 1 or data.batch_size % self.run.shards:
            raise UserError(f"a batch of {data.batch_size} is not to be had in {self.run.shards} equal shards")
        if model.conditioning == "demonstrations" and not data.has_tasks:
            raise UserError(f"conditioning by demonstrations needs tasks of several pairs, mini-arc or arc, not {data.puzzle}")
        if model.mixing == "units" and (data.puzzle != "sudoku" or model.heads % 4):
            raise UserError(f"mixing by units is for sudoku and a multiple of 4 heads, not {data.puzzle} and {model.heads}")

    @property
    def length(self) -> int:
        """Of the sequence: the prefix and the cells."""
        return self.model.prefix + self.data.cells
