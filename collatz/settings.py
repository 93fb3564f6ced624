"""The parts of a Collatz configuration. Durations are in steps.

"The original run" is the published program whose results this project answers, with its six runs. Its flags keep their names and
defaults here; what it called an epoch is one batch and one update, a step.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from collatz.numbers.features import check_lookahead
from collatz.numbers.seeds import integers_of, seeds_of
from longrun.config import RunSettings, Settings
from longrun.errors import UserError

DRIFT_COEFFICIENT = 0.35
"""Start of the trainable drift coefficient, and its value in a fixed target."""
WIDEST = 1 << 16
"""Units of a hidden layer; more would fit no machine."""


@dataclass(frozen=True)
class ModelSettings(Settings):
    """The network and what it starts from."""

    recipe: Literal["original", "clock", "levels"] = "original"
    """The original run's (hinge loss on a free network), or new here: clock (hinge loss under a clock), levels (stacked levels)."""
    layers: str = "128,128,128"
    """Widths of the hidden layers, separated by commas."""
    lookahead: int = 10
    """Syracuse steps the network sees ahead, 1 to 64."""
    arc: float = 0.0032
    """Width in bits of the clock's arc: an unforeseen step violates with this probability. Float32 features allow no less."""
    levels: int = 6
    """Stacked levels, an even number from 4 on; V within a level is the closed form's."""
    climb_index: int = 19
    """The closed form to start from takes a window for a climb if its maximum stands at this index or later."""
    prior_strength: float = 6.0
    """Logit of the closed form's level at the start."""
    load_checkpoint: str = ""
    """Start from the weights of another run: its folder, a checkpoint in it, or released weights."""

    def __post_init__(self):
        super().__post_init__()
        check_lookahead(self.lookahead)
        _ = self.widths
        _from_nought(self, "prior_strength")
        if not 0 < self.arc < 1:
            raise UserError(f"arc is {self.arc}, it must be in (0, 1)")
        if self.levels < 4 or self.levels % 2:
            raise UserError(f"levels must be an even number from 4 on, not {self.levels}")
        if not 0 <= self.climb_index <= self.lookahead and self.recipe == "levels":
            raise UserError(f"climb_index is {self.climb_index}, it must be in 0..lookahead ({self.lookahead})")

    @property
    def widths(self) -> tuple[int, ...]:
        """The hidden layers' widths."""
        widths = integers_of("layers", self.layers)
        if max(widths) > WIDEST:
            raise UserError(f"layers may be {WIDEST:,} units wide, not {max(widths)}")
        return widths


@dataclass(frozen=True)
class LossSettings(Settings):
    """What is asked of V."""

    use_t1: bool = True
    """Ask V to fall at every step; always on."""
    use_t4: bool = False
    """Also ask V to fall over four steps."""
    use_t8: bool = False
    """Also ask V to fall over eight steps."""
    target_type: Literal["fixed", "adaptive"] = "fixed"
    """Anchor ln n + b drift: b = 0.35, or b is learnt."""
    split_loss: bool = False
    """With an adaptive target: the learnt b on hard rows only, 0.35 on the others."""
    margin: float = 0.05
    """By how much V is to fall (original)."""
    decay_start: int = 1000
    """Step at which the anchor begins to fade."""
    decay_len: int = 5000
    """Steps until it has faded to a thousandth."""
    min_anchor: float = 0.0
    """Weight that the anchor keeps."""
    growth_weight: float = 10.0
    """Loss weight of a growth step against a decay step; the original run's is 10, that of the presets that are new here 1."""
    hard_weight: float = 1.0
    """Loss weight of a hard row against a random row."""

    def __post_init__(self):
        super().__post_init__()
        if not self.use_t1:
            raise UserError("use_t1 cannot be turned off: without it nothing asks V to fall")
        _not_negative(self, "decay_len")
        _from_nought(self, "margin", "min_anchor", "growth_weight", "hard_weight")

    @property
    def shifts(self) -> tuple[int, ...]:
        """Numbers of steps ahead whose features a batch holds."""
        return (0, 1, *((4,) if self.use_t4 else ()), *((8,) if self.use_t8 else ()))


@dataclass(frozen=True)
class DataSettings(Settings):
    """What a batch is made of."""

    batch_size: int = 1024
    """Numbers in a batch."""
    max_bits: int = 128
    """The original run's random rows have 3 to max_bits - 3 bits."""
    hard_ratio: float = 0.25
    """Share of the rows taken from orbits of hard seeds."""
    num_hard_seeds: int = -1
    """Use only the first so many training seeds; -1: all 49."""
    curriculum: bool = False
    """Bring the training seeds in one after the other."""
    start_seeds: int = 30
    """Seeds at the start of the curriculum; the original run began with 0 and so with the test seed 27 alone."""
    ramp_len: int = 25_000
    """Steps until all seeds are in."""
    mine_negatives: bool = False
    """Add the numbers with the smallest margins to the hard rows."""
    mine_interval: int = 5000
    """Steps between two minings."""
    mine_count: int = 50
    """Numbers a mining adds."""
    mine_start_epoch: int = 0
    """First step at which numbers may be mined."""
    clean_split: bool = False
    """The loss sees no number of a test trajectory, neither as n nor ahead of it, and none stands in for a missing seed. Under the clock
    and with levels: no hard rows at all."""

    def __post_init__(self):
        super().__post_init__()
        for name in ("batch_size", "mine_interval", "mine_count"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")
        _not_negative(self, "ramp_len", "start_seeds", "mine_start_epoch")
        if not 0 <= self.hard_ratio <= 1:
            raise UserError(f"hard_ratio is {self.hard_ratio}, it must be in [0, 1]")


@dataclass(frozen=True)
class OptimizerSettings(Settings):
    """AdamW."""

    lr: float = 1e-3
    """Learning rate at the start."""
    weight_decay: float = 0.01
    """On all weights and biases."""
    fix_lr: bool = False
    """A cosine instead of halving the rate on the plateaus of single noisy batches."""

    def __post_init__(self):
        super().__post_init__()
        _from_nought(self, "lr", "weight_decay")


@dataclass(frozen=True)
class EvaluationSettings(Settings):
    """What V is held against, and what leaves the run."""

    FREE: ClassVar[tuple[str, ...]] = ("eval_csv", "quick_eval_interval", "save_model", "analyze_seeds")
    test_seeds: str = "111,27,703,26623,626331"
    """Odd seeds of the scored trajectories, separated by commas; never used as training seeds."""
    eval_csv: str = ""
    """Evaluation set (make-eval writes one); empty: the original run's own, made once beside the runs."""
    quick_eval_interval: int = 1000
    """Steps between two lines with trajectory 27 and 1000 random numbers; 0: none."""
    save_model: str = "collatz_model.keras"
    """Name of the file with V in the run folder; NAME_EPOCH beside it at each evaluation of the original recipe."""
    analyze_seeds: bool = False
    """Print the table of the hard seeds and do nothing else."""

    def __post_init__(self):
        super().__post_init__()
        _ = self.test_numbers
        _not_negative(self, "quick_eval_interval")
        if not self.save_model.endswith(".keras") or "/" in self.save_model:
            raise UserError(f"save_model is the name of a .keras file in the run folder, not {self.save_model!r}")

    @property
    def test_numbers(self) -> tuple[int, ...]:
        """The test seeds."""
        return seeds_of(self.test_seeds)


@dataclass(frozen=True)
class CollatzRun(RunSettings):
    """As everywhere, with the original run's durations."""

    FREE: ClassVar[tuple[str, ...]] = (*RunSettings.FREE, "steps")
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the hidden layers of the original recipe while it trains; weights, updates and V itself stay float32."""
    steps: int = 20_001
    """Training steps."""
    guard_after: int = 2000
    """Steps after which a network that has learnt nothing is unhealthy."""
    log_every: int = 100
    """Steps between two lines of metrics.jsonl."""
    save_every: int = 1000
    """Steps between two checkpoints; a multiple of log_every."""
    evaluate_every: int = 5000
    """Steps between two evaluations on all of the evaluation set; a multiple of log_every."""


def _not_negative(part: Settings, *names: str) -> None:
    for name in names:
        if getattr(part, name) < 0:
            raise UserError(f"{name} must not be negative, it is {getattr(part, name)}")


def _from_nought(part: Settings, *names: str) -> None:
    for name in names:
        if not 0 <= getattr(part, name) < math.inf:
            raise UserError(f"{name} is {getattr(part, name)}, it must be a number from 0 on")
