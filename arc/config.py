"""Configuration of an ARC training, in parts; presets.py holds the named ones. Imports no TensorFlow."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from arc.grids.tasks import MAX_SIDE
from arc.skills.registry import SKILLS, skill
from longrun.config import RunSettings, Settings
from longrun.errors import UserError

Model = Literal["encoder_decoder", "decoder_only", "champion"]


def _skill_ids(text):
    return tuple(skill(word.strip()).id for word in text.split(",") if word.strip())


def _positive(part, *names):
    for name in names:
        if getattr(part, name) < 1:
            raise UserError(f"{name} must be at least 1, not {getattr(part, name)}")


def _not_negative(part, *names):
    for name in names:
        if getattr(part, name) < 0:
            raise UserError(f"{name} must not be negative, it is {getattr(part, name)}")


def _shares(part, *names):
    for name in names:
        if not 0 <= getattr(part, name) <= 1:
            raise UserError(f"{name} is {getattr(part, name)}, it must be in [0, 1]")


@dataclass(frozen=True)
class NetworkSettings(Settings):
    """The model, on grids that lie on a square canvas."""

    model: Model = "encoder_decoder"
    """The champion is an encoder-decoder with a bridge to demonstrations and equivariant colours."""
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
    positions: Literal["none", "rope1d", "rope2d", "rope3d", "diagonal", "diagonal3d"] = "diagonal"
    """Rotary code of q and k; "diagonal" is of row, column and both diagonals."""
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

    def __post_init__(self):
        super().__post_init__()
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
        _positive(self, "decoder_layers", "feed_forward")
        _not_negative(self, "encoder_layers", "context_pairs")
        _shares(self, "dropout")
        if self.context_pairs > 4:
            raise UserError(f"context_pairs is {self.context_pairs}, a task has at most 4 demonstrations here")

    @property
    def cells(self) -> int:
        """Cells of the canvas."""
        return self.side * self.side


@dataclass(frozen=True)
class DataSettings(Settings):
    """What batches are drawn from."""

    held_out: str = ""
    """Ids of skills that are never trained, separated by commas (question B)."""
    focus: str = ""
    """Ids of skills that are drawn more often, separated by commas: once more a turn for each time they stand here."""
    difficulty: float = 1.0
    """Of the generators, 0 to 1."""
    hidden_answers: float = 0.0
    """Share of the samples whose answer the decoder is not shown in training, so that every cell has to follow from the query alone.
    With the answer shown, most cells follow from their neighbours, and few are left to learn the rule from."""
    batch_size: int = 32
    """Samples in a batch; the skills take turns."""

    def __post_init__(self):
        super().__post_init__()
        _positive(self, "batch_size")
        _shares(self, "difficulty", "hidden_answers")
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


@dataclass(frozen=True)
class LearningSettings(Settings):
    """Optimizer and loss."""

    optimizer: Literal["adamw", "muon"] = "adamw"
    """With muon, the matrices of the layers move by Muon and everything else by AdamW at half the learning rate."""
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
    loss: Literal["cross_entropy", "expected_cost"] = "cross_entropy"
    """The expected cost is 1 minus the probability of the right symbol, after a first quarter of cross-entropy."""

    def __post_init__(self):
        super().__post_init__()
        _not_negative(self, "warm_up")
        _shares(self, "final_lr")


@dataclass(frozen=True)
class EvaluationSettings(Settings):
    """On how much a training is judged."""

    test_count: int = 48
    """Unseen instances of each skill in the final evaluation."""
    cases: int = 8
    """Unseen instances of each skill in the evaluations during training."""

    FREE: ClassVar[tuple[str, ...]] = ("test_count", "cases")

    def __post_init__(self):
        super().__post_init__()
        _positive(self, "test_count", "cases")


@dataclass(frozen=True)
class ArcRunSettings(RunSettings):
    """The run, and on how many processor cores its steps are computed."""

    steps: int = 3000
    """Training steps."""
    evaluate_every: int = 500
    """Steps between two evaluations on unseen instances; a multiple of log_every."""
    guard_after: int = 1000
    """Steps after which a network that has learnt nothing is unhealthy."""
    save_every: int = 250
    """Steps between two checkpoints; a multiple of log_every."""
    shards: int = 1
    """Equal parts of a batch that are computed side by side, for a processor with several cores (see longrun.Shards)."""

    FREE: ClassVar[tuple[str, ...]] = (*RunSettings.FREE, "shards")


@dataclass(frozen=True)
class Config(Settings):
    """Every number of a training."""

    PROJECT: ClassVar[str] = "arc"
    TRAINED_BY: ClassVar[str] = "arc.training.train:train"

    network: NetworkSettings = NetworkSettings()
    data: DataSettings = DataSettings()
    learning: LearningSettings = LearningSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    run: ArcRunSettings = ArcRunSettings()

    def __post_init__(self):
        super().__post_init__()
        if self.run.shards < 1 or self.data.batch_size % self.run.shards:
            raise UserError(f"a batch of {self.data.batch_size} is not to be had in {self.run.shards} equal shards")
