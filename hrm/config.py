"""Configuration of a reasoner's training: one frozen dataclass; presets.py holds the named ones."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    """Every number of a training. Durations in optimizer steps; one step is one segment of every sample in the carry."""

    # The network
    network: str = "trm"
    """"hrm" (two modules, one-step gradient) or "trm" (one module in both roles, gradient through the last round)."""
    width: int = 64
    """Channels d; the published networks have 512."""
    heads: int = 4
    """Attention heads; the published networks have 8."""
    inner: int = 128
    """Inner width of the SwiGLU layers; 0: the published rule, two thirds of 4 d up to a multiple of 256."""
    high_layers: int = 2
    """Blocks of the high-level module ("hrm" only; published: 4)."""
    low_layers: int = 2
    """Blocks of the low-level module, or of TRM's only one (published: 4, TRM 2)."""
    high_cycles: int = 2
    """High-level updates a segment (published: HRM 2, TRM 3)."""
    low_cycles: int = 2
    """Low-level updates before each (published: HRM 2, TRM 4 or 6)."""
    segments: int = 3
    """Most segments a sample is given (published: 16)."""
    mixing: str = "attention"
    """What mixes positions: "attention", "units" (ours, for Sudoku: attention whose heads look along the row, the column, the box and
    everywhere, in turn) or "mlp" (TRM's, for short fixed lengths)."""
    positions: str = "grid"
    """"grid" (ours: rotary over rows and columns, and learnt row and column vectors), "rotary" (published) or "learned"."""
    prefix: int = 1
    """Positions before the cells that hold the puzzle vector (published: HRM 1, TRM 16); 0: no conditioning on the puzzle."""
    puzzle_width: int = 64
    """Numbers in a puzzle's vector; what is missing to prefix x width is zero."""
    conditioning: str = "id"
    """What fills the prefix: "id" (published: a learnt vector for each puzzle, so that an unseen one needs training), "demonstrations"
    (ours: an encoder of other pairs of the same task, so that it needs none) or "none" (nothing, as an ablation)."""
    demonstrations: tuple[int, int] = (2, 4)
    """Fewest and most demonstrations, where they are shown; each sample's number is drawn anew."""
    demonstration_layers: int = 2
    """Blocks of the encoder that reads them."""

    # The loss
    loss: str = "softmax"
    """Cross-entropy of "softmax" or of "stablemax" (published)."""
    halting: str = "correctness"
    """"correctness" (TRM: stop where the answer is held to be right) or "q_learning" (HRM: with the value of going on, from one more
    forward pass)."""
    halting_weight: float = 0.5
    """Weight of the halting loss."""
    diversity_weight: float = 0.0
    """Weight of a penalty, with a gradient, on answers with less entropy over the classes than the targets of the batch have (ours)."""
    exploration: float = 0.5
    """Share of samples that must go on for a random number of segments, 2 at least (published: 0.1)."""

    # Optimisation
    optimizer: str = "adamw"
    """"adamw" or "adam_atan2" (published)."""
    steps: int = 1800
    """Optimizer steps."""
    batch_size: int = 64
    """Samples in the carry."""
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
    """Learning rate of the sign descent on puzzle vectors (published: 1e-2, TRM's Sudoku 1e-4)."""
    puzzle_decay: float = 0.1
    """Its decoupled weight decay."""
    average_decay: float = 0.99
    """Decay of the moving average of the weights that is evaluated and released (TRM: 0.999)."""
    seed: int = 0
    """Of initial weights, puzzles, augmentation and exploration."""

    # Data
    puzzle: str = "mini-arc"
    """"mini-arc", "arc", "sudoku", "maze" or "files" (official NPY folder or CSV)."""
    side: int = 6
    """Side of the grid (Sudoku: 4, 6 or 9; Maze: 5 to 30; ARC: canvas, 30 at most)."""
    givens: tuple[int, int] = (0, 0)
    """Fewest and most givens of a Sudoku."""
    grade: str = "any"
    """Difficulty of Sudokus: "any", "singles" (no guess needed) or "search" (at least one)."""
    pool: int = 4000
    """Puzzles made before the training; every step shows fresh symmetries of them."""
    rules: str = "five"
    """Rules of mini-arc: "five", or "composed" (31: seven moves, three recolourings, and every move with every recolouring)."""
    unseen: tuple[str, ...] = ()
    """Tasks that no training step shows and the evaluation asks for beside the others: rules of mini-arc, or for "arc" identifiers of
    tasks, or sets or files of other ones."""
    variants: int = 1
    """Augmented variants of an ARC task, each with an identifier of its own; the first is the task itself (published: 1000)."""
    pairing: str = "joint"
    """"joint" (one augmentation shared by all pairs of a task) or "independent" (input and output each by a draw of their own: the
    original's fault, which makes the answer unknowable)."""
    path: str = ""
    """Folder or file for puzzle "files" (official formats) and "arc" (JSON; empty: the 400 ARC-AGI-1 training tasks)."""
    held_out: int = 512
    """Examples in the final evaluation."""

    # The run
    mode: str = "graph"
    """"graph" or "eager": the same step with or without tf.function."""
    jit_compile: bool = True
    """XLA; worth it on short sequences, on a CPU too."""
    shards: int = 1
    """Parts of the batch that are computed side by side, one for each core that the matrix products of one part do not fill."""
    precision: str = "float32"
    """"float32" or "mixed_bfloat16"."""
    deterministic: bool = False
    """Force deterministic kernels on a GPU."""
    halt_at_evaluation: bool = True
    """Judge each sample at the segment where it halts; off: after all segments, as published."""
    halting_confidence: float = 0.95
    """Probability of being right above which a sample halts in use, where halting is by correctness; in training it halts above one half,
    as published."""
    on_unhealthy: str = "stop"
    """"warn", "stop" or "rollback"."""
    guard_after: int = 400
    """Steps after which a network that does not use its input is unhealthy."""
    log_every: int = 50
    """Steps between two lines of metrics.jsonl, each with the cheap sensitivity check."""
    evaluate_every: int = 600
    """Steps between two full evaluations with pictures; a multiple of log_every."""
    save_every: int = 600
    """Steps between two checkpoints; a multiple of log_every."""
    keep_every: int = 0
    """Steps between two checkpoints that are kept for ever; 0: none."""

    def __post_init__(self):
        choices = {
            "network": ("hrm", "trm"),
            "mixing": ("attention", "units", "mlp"),
            "positions": ("grid", "rotary", "learned"),
            "loss": ("softmax", "stablemax"),
            "conditioning": ("id", "demonstrations", "none"),
            "halting": ("correctness", "q_learning"),
            "optimizer": ("adamw", "adam_atan2"),
            "puzzle": ("mini-arc", "arc", "sudoku", "maze", "files"),
            "rules": ("five", "composed"),
            "grade": ("any", "singles", "search"),
            "pairing": ("joint", "independent"),
            "mode": ("graph", "eager"),
            "on_unhealthy": ("warn", "stop", "rollback"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}")
        positive = ("width", "heads", "high_layers", "low_layers", "high_cycles", "low_cycles", "segments", "steps", "batch_size")
        positive += ("demonstration_layers", "pool", "variants", "held_out", "log_every", "evaluate_every", "save_every", "side")
        for name in positive:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.shards < 1 or self.batch_size % self.shards:
            raise ValueError(f"a batch of {self.batch_size} is not to be had in {self.shards} equal shards")
        if not 0 < self.halting_confidence < 1:
            raise ValueError(f"halting_confidence is a probability between 0 and 1, not {self.halting_confidence}")
        self._check_conditioning()
        if self.width % (self.heads * (4 if self.positions == "grid" else 2)):
            raise ValueError(f"width {self.width} cannot be shared by {self.heads} heads with {self.positions} positions")
        if self.mixing == "units" and (self.puzzle != "sudoku" or self.heads % 4):
            raise ValueError(f"mixing by units is for sudoku and a multiple of 4 heads, not {self.puzzle} and {self.heads}")
        if not 0 <= self.puzzle_width <= self.prefix * self.width or (self.prefix > 0) != (self.puzzle_width > 0):
            raise ValueError(f"a puzzle vector of {self.puzzle_width} numbers does not fit {self.prefix} positions of {self.width}")
        if self.puzzle == "sudoku" and (self.side not in (4, 6, 9) or not 0 <= self.givens[0] <= self.givens[1] < self.side**2):
            raise ValueError(f"a Sudoku has side 4, 6 or 9 and fewer givens than cells, not side {self.side} and givens {self.givens}")
        if self.puzzle == "maze" and not 5 <= self.side <= 30:
            raise ValueError(f"side of a maze must be from 5 to 30, not {self.side}")
        if self.puzzle == "mini-arc" and self.side != 6:
            raise ValueError(f"mini-arc has side 6, not {self.side}")
        for name in ("save_every", "evaluate_every"):
            if getattr(self, name) % self.log_every:
                raise ValueError(f"{name} ({getattr(self, name)}) must be a multiple of log_every ({self.log_every})")
        if self.keep_every % self.save_every:
            raise ValueError(f"keep_every ({self.keep_every}) must be a multiple of save_every ({self.save_every})")

    def _check_conditioning(self):
        several = self.puzzle in ("mini-arc", "arc")
        if self.conditioning == "demonstrations":
            if not several:
                raise ValueError(f"conditioning by demonstrations needs tasks of several pairs, mini-arc or arc, not {self.puzzle}")
            if not 1 <= self.demonstrations[0] <= self.demonstrations[1]:
                raise ValueError(f"demonstrations are at least 1, and the most not fewer than the fewest, not {self.demonstrations}")
            if not self.prefix:
                raise ValueError("conditioning by demonstrations needs a prefix of 1 position at least")
            if self.width % (4 * self.heads):
                raise ValueError(f"the encoder of demonstrations cannot share width {self.width} among {self.heads} heads")
        if self.unseen and not several:
            raise ValueError(f"unseen tasks are for mini-arc and arc, {self.puzzle} has none to leave out")
        if self.unseen and self.puzzle == "mini-arc" and self.variants > 1:
            raise ValueError(f"unseen rules of mini-arc need 1 variant, not {self.variants}: turned or recoloured, some rules are others")

    @property
    def has_table(self) -> bool:
        """Whether every puzzle has a learnt vector."""
        return self.conditioning == "id" and self.prefix > 0

    @property
    def shown(self) -> tuple[int, int]:
        """Fewest and most demonstrations beside a question, (0, 0) where it stands alone."""
        return self.demonstrations if self.conditioning == "demonstrations" else (0, 0)

    @property
    def canvas(self) -> int:
        """Side of the square of cells the network sees."""
        return self.side

    @property
    def cells(self) -> int:
        """Cells of a puzzle."""
        return self.canvas**2

    @property
    def inner_width(self) -> int:
        """Inner width of the SwiGLU layers."""
        return self.inner or swiglu_width(self.width)

    @property
    def vocabulary(self) -> int:
        """Token classes: PAD and the puzzle's own; ARC has PAD, EOS and ten colours."""
        return {"sudoku": self.side + 2, "maze": 6}.get(self.puzzle, 12)


def swiglu_width(width: int, expansion: float = 4.0) -> int:
    """Inner width of the published networks: two thirds of expansion * width, rounded, up to a multiple of 256."""
    return -(-round(expansion * width * 2 / 3) // 256) * 256


# Fields that may differ between a checkpoint and the command that resumes it: they change no number of the steps already done.
FREE = (
    *("steps", "log_every", "save_every", "keep_every", "evaluate_every", "held_out", "on_unhealthy", "guard_after"),
    *("mode", "jit_compile", "shards", "deterministic", "halt_at_evaluation", "halting_confidence", "path"),
)

ADDED = ("conditioning", "demonstrations", "demonstration_layers", "rules", "unseen", "shards")
"""Fields that came later; see longrun.run.manifest.identity."""
