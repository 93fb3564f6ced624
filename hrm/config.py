"""Configuration of a reasoner's training, in parts; presets.py holds the named ones. Imports no TensorFlow.

One step is one segment of every sample in the carry. "Published" is what the papers on HRM (Wang et al. 2025) and TRM
(Jolicoeur-Martineau 2025) and their code say.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from hrm.architecture import ModelSettings, at_least_one
from longrun.config import RunSettings, Settings
from longrun.errors import UserError


@dataclass(frozen=True)
class DataSettings(Settings):
    """Which puzzles batches hold."""

    puzzle: Literal["mini-arc", "arc", "sudoku", "maze", "files"] = "mini-arc"
    """Made here, but for arc (JSON tasks) and files (a published NPY folder or Sudoku CSV)."""
    side: int = 6
    """Side of the grid in cells (Sudoku: 4, 6 or 9; Maze: 5 to 30; ARC: canvas, 30 at most)."""
    givens: tuple[int, int] = (0, 0)
    """Fewest and most givens of a Sudoku."""
    grade: Literal["any", "singles", "search", "hard"] = "any"
    """Difficulty of Sudokus: any, singles (no guess needed), search (at least one) or hard (minimal boards, searched for the guesses that
    they need)."""
    hard_pools: int = 0
    """Files of hard boards that a training comes to use, each mined when its steps come."""
    hard_every: int = 2000
    """Steps from one file of hard boards to the next."""
    hard_share: float = 0.5
    """Share of hard boards in a batch, once all curriculum steps are done; the rest is minimal boards as they come."""
    curriculum: int = 10000
    """Steps in which the share of hard boards rises, and that of boards with additional clues falls from 1 to a quarter."""
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
        if self.grade == "hard":
            at_least_one(self, "hard_pools", "hard_every", "curriculum")
            if self.puzzle != "sudoku" or self.side != 9 or not 0 <= self.hard_share <= 1:
                raise UserError("hard boards are Sudokus of side 9, and their share is from 0 to 1")
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
    start_from: str = ""
    """Start from the weights of another training, as far as names and shapes agree: a released or run folder, or a checkpoint in one."""


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
        if model.mixing == "candidates" and (data.puzzle != "sudoku" or model.prefix or not model.inner):
            raise UserError("mixing by candidates is for sudoku, without a prefix (--prefix 0 --puzzle-width 0) and with an inner width")
        if model.start_noise < 0 or (model.start_noise and model.mixing != "candidates"):
            raise UserError(f"start_noise is not negative, and for mixing by candidates, not {model.start_noise} and {model.mixing}")

    @property
    def length(self) -> int:
        """Of the sequence: the prefix and the cells, or every digit of every cell."""
        if self.model.mixing == "candidates":
            return self.data.cells * self.data.side
        return self.model.prefix + self.data.cells
