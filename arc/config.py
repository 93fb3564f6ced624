"""Configuration of an ARC training: one frozen dataclass; presets.py holds the named ones."""

from dataclasses import dataclass

from arc.grids.tasks import MAX_SIDE
from arc.network.positions import SCHEMES
from arc.skills.registry import SKILLS, skill
from longrun.errors import UserError

OPTIMIZERS = ("adamw", "muon")
MODELS = ("encoder_decoder", "decoder_only", "champion")


@dataclass(frozen=True)
class Config:
    """Every number of a training on grids that lie on a square canvas."""

    model: str = "encoder_decoder"
    """"encoder_decoder", "decoder_only" or "champion" (encoder-decoder with bridge to demonstrations and equivariant colours)."""

    # Network
    side: int = 10
    """Side of the canvas in cells, 10 to 30; grids are padded to it at the right and below."""
    width: int = 128
    """Width of the residual stream (d_model)."""
    heads: int = 4
    """Attention heads; width / heads must be a multiple of 16."""
    encoder_layers: int = 2
    """Layers of the encoder (none in decoder_only)."""
    decoder_layers: int = 2
    """Layers of the decoder."""
    feed_forward: int = 512
    """Units of the feed-forward sub-layers; decoder_only has 768 for 529,792 parameters."""
    dropout: float = 0.0
    """Share of units dropped after each sub-layer; samples are always fresh, so there is nothing to overfit to."""
    positions: str = "diagonal"
    """Rotary code of q and k: "none", "rope1d", "rope2d", "rope3d", "diagonal" (row, column, both diagonals), "diagonal3d"."""
    learnt_positions: bool = True
    """Add learnt vectors to the tokens: of row and column, or with rope1d of the index."""
    object_view: bool = False
    """Say where a cell of the query lies in what is drawn (box, frame of lines, bands, halves, beside a mark), in learnt vectors, and
    point from each cell of the answer to the cells of the query that lie there (see arc.network.views)."""
    neighbours: bool = False
    """Let each feed-forward of the encoder see, of half its channels, those of the eight cells around (no parameter)."""
    task_ids: bool = True
    """Tell the network the skill (question A). Without it, only demonstrations can."""
    context_pairs: int = 0
    """Demonstrations of the skill beside the query, never the query itself; drawn anew for every sample."""
    context_width: int = 64
    """Width of the champion's context encoder."""
    equivariant: bool = False
    """Rename colours by first appearance over demonstrations and query: model(P x) = P model(x) for every permutation P."""

    # Data
    held_out: str = ""
    """Ids of skills that are never trained, separated by commas (question B)."""
    focus: str = ""
    """Ids of skills that are drawn more often, separated by commas: once more a turn for each time they stand here."""
    difficulty: float = 1.0
    """Of the generators, 0 to 1."""
    hidden_answers: float = 0.0
    """Share of the samples whose answer the decoder is not shown in training, so that every cell has to follow from the query alone.
    With the answer shown, most cells follow from their neighbours, and few are left to learn the rule from."""

    # Optimisation
    steps: int = 3000
    """Training steps."""
    batch_size: int = 32
    """Samples in a batch; the skills take turns."""
    optimizer: str = "adamw"
    """"adamw", or "muon": the matrices of the layers by Muon, everything else by AdamW at half the learning rate."""
    lr: float = 2e-3
    """Peak learning rate."""
    warm_up: int = 100
    """Steps of linear warm-up."""
    final_lr: float = 0.02
    """Share of the peak that the cosine ends at."""
    weight_decay: float = 0.01
    """Of the optimizer, on matrices only."""
    pad_weight: float = 0.2
    """Loss weight of canvas cells outside the grid, which are most and easy."""
    loss: str = "cross_entropy"
    """"cross_entropy" or "expected_cost" (1 minus the probability of the right symbol, after a first quarter of cross-entropy)."""

    # The run
    seed: int = 0
    """Of initial weights and batches."""
    precision: str = "float32"
    """"float32" or "mixed_bfloat16"."""
    mode: str = "graph"
    """"graph" or "eager": the same step with or without tf.function."""
    jit_compile: bool = False
    """XLA."""
    shards: int = 1
    """Equal parts of a batch that are computed side by side, for a processor with several cores (see longrun.Shards)."""
    deterministic: bool = False
    """Force deterministic kernels on a GPU."""
    test_count: int = 48
    """Unseen instances of each skill in the final evaluation."""
    cases: int = 8
    """Unseen instances of each skill in the evaluations during training."""
    evaluate_every: int = 500
    """Steps between two evaluations; a multiple of log_every."""
    on_unhealthy: str = "stop"
    """"warn", "stop" or "rollback"."""
    guard_after: int = 1000
    """Steps after which a network that has learnt nothing is unhealthy."""
    log_every: int = 50
    """Steps between two lines of metrics.jsonl."""
    save_every: int = 250
    """Steps between two checkpoints; a multiple of log_every."""
    keep_every: int = 0
    """Steps between two checkpoints that are kept for ever, a multiple of save_every; 0: none."""

    def __post_init__(self):
        choices = {
            "model": MODELS,
            "positions": tuple(SCHEMES),
            "optimizer": OPTIMIZERS,
            "loss": ("cross_entropy", "expected_cost"),
            "mode": ("graph", "eager"),
            "on_unhealthy": ("warn", "stop", "rollback"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise UserError(f"{name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}")
        if self.object_view and (self.equivariant or self.model == "decoder_only"):
            raise UserError("object_view takes colour 0 for the background: not with equivariant colours, nor in decoder_only")
        if self.neighbours and (self.model == "decoder_only" or not self.encoder_layers):
            raise UserError("neighbours are the encoder's: not in decoder_only, nor without its layers")
        if not 10 <= self.side <= MAX_SIDE:
            raise UserError(f"side is {self.side}, it must be in 10..{MAX_SIDE}")
        if self.heads < 1 or self.width % self.heads or self.width // self.heads % 16:
            raise UserError(f"width {self.width} / heads {self.heads} must be a multiple of 16")
        if self.context_width % 32:
            raise UserError(f"context_width is {self.context_width}, it must be a multiple of 32")
        for name in ("decoder_layers", "feed_forward", "steps", "batch_size", "log_every", "evaluate_every", "save_every", "cases"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("encoder_layers", "context_pairs", "warm_up", "keep_every"):
            if getattr(self, name) < 0:
                raise UserError(f"{name} must not be negative, it is {getattr(self, name)}")
        for name in ("dropout", "difficulty", "hidden_answers", "final_lr"):
            if not 0 <= getattr(self, name) <= 1:
                raise UserError(f"{name} is {getattr(self, name)}, it must be in [0, 1]")
        if self.context_pairs > 4:
            raise UserError(f"context_pairs is {self.context_pairs}, a task has at most 4 demonstrations here")
        for name in ("save_every", "evaluate_every"):
            if getattr(self, name) % self.log_every:
                raise UserError(f"{name} ({getattr(self, name)}) must be a multiple of log_every ({self.log_every})")
        if self.keep_every % self.save_every:
            raise UserError(f"keep_every ({self.keep_every}) must be a multiple of save_every ({self.save_every})")
        if self.test_count < 1:
            raise UserError(f"test_count must be at least 1, not {self.test_count}")
        if self.shards < 1 or self.batch_size % self.shards:
            raise UserError(f"a batch of {self.batch_size} is not to be had in {self.shards} equal shards")
        if not self.trained_skills:
            raise UserError("held_out leaves no skill to train")
        _ = self.schedule_of_skills

    @property
    def held_out_skills(self) -> tuple[str, ...]:
        """Skills that are scored and never trained."""
        return _skill_ids(self.held_out)

    @property
    def trained_skills(self) -> tuple[str, ...]:
        """Skills that batches hold."""
        return tuple(skill_id for skill_id in SKILLS if skill_id not in self.held_out_skills)

    @property
    def schedule_of_skills(self) -> tuple[str, ...]:
        """The order in which the skills take turns in a batch, the focus again."""
        return self.trained_skills + tuple(skill_id for skill_id in _skill_ids(self.focus) if skill_id in self.trained_skills)

    @property
    def cells(self) -> int:
        """Cells of the canvas."""
        return self.side * self.side


def _skill_ids(text: str) -> tuple[str, ...]:
    return tuple(skill(word.strip()).id for word in text.split(",") if word.strip())


# Fields that may differ between a checkpoint and the command that resumes it: they change no number of the steps already done.
FREE = (
    *("mode", "jit_compile", "shards", "deterministic", "test_count", "cases", "evaluate_every", "on_unhealthy", "guard_after"),
    *("log_every", "save_every", "keep_every"),
)

ADDED = ("shards", "optimizer", "neighbours", "hidden_answers")
"""Fields that came later; see longrun.run.manifest.identity."""
