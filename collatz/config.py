"""Configuration of a Collatz training: one frozen dataclass; presets.py holds the named ones."""

import math
from dataclasses import dataclass, fields, replace

from collatz.numbers.features import check_lookahead
from collatz.numbers.seeds import TEST_SEEDS, highest
from collatz.numbers.syracuse import fault_of
from collatz.training.recipe import Recipe, original_recipe, structured_recipe
from longrun.errors import UserError

DRIFT_COEFFICIENT = 0.35
"""Start of the trainable drift coefficient, and its value in a fixed target."""

WIDEST = 1 << 16
"""Units of a hidden layer; more would fit no machine."""
ORIGINAL_ALONE = (
    *("use_t4", "use_t8", "target_type", "split_loss", "max_bits", "margin", "num_hard_seeds"),
    *("decay_start", "decay_len", "min_anchor", "fix_lr", "precision"),
)
LEVELS_ALONE = ("levels", "climb_index", "prior_strength")
IGNORED = {
    "original": ("arc", *LEVELS_ALONE, "hard_weight"),
    "clock": (*ORIGINAL_ALONE, *LEVELS_ALONE),
    "levels": (*ORIGINAL_ALONE, "arc"),
}
"""Recipe -> fields that change nothing in it. One that is not at its default is refused: somebody expects something of it."""
OF_HARD_ROWS = ("curriculum", "mine_negatives", "hard_weight", "hard_ratio")


@dataclass(frozen=True)
class Config:
    """Every number of a training. An "epoch" is one batch and one update, as in the log; durations are in epochs.

    The flags of the log keep their names and defaults.
    """

    recipe: str = "original"
    """"original" (the log's: hinge loss on a free network), "clock" (ours: hinge loss under a clock) or "levels" (ours: stacked levels)."""

    # The log's flags
    layers: str = "128,128,128"
    """Widths of the hidden layers, separated by commas."""
    lookahead: int = 10
    """Syracuse steps the network sees ahead, 1 to 64."""
    use_t1: bool = True
    """Ask V to fall at every step; always on."""
    use_t4: bool = False
    """Also ask V to fall over four steps."""
    use_t8: bool = False
    """Also ask V to fall over eight steps."""
    target_type: str = "fixed"
    """Anchor ln n + b drift: "fixed" (b = 0.35) or "adaptive" (b is learnt)."""
    split_loss: bool = False
    """With an adaptive target: the learnt b on hard rows only, 0.35 on the others."""
    batch_size: int = 1024
    """Numbers in a batch."""
    max_bits: int = 128
    """The original's random rows have 3 to max_bits - 3 bits."""
    lr: float = 1e-3
    """Learning rate of AdamW at the start."""
    margin: float = 0.05
    """By how much V is to fall (original)."""
    epochs: int = 20_001
    """Training steps."""
    hard_ratio: float = 0.25
    """Share of the rows taken from orbits of hard seeds."""
    num_hard_seeds: int = -1
    """Use only the first so many training seeds; -1: all 49."""
    curriculum: bool = False
    """Bring the training seeds in one after the other."""
    start_seeds: int = 30
    """Seeds at the start of the curriculum; the log's runs began with 0 and so with the test seed 27 alone."""
    ramp_len: int = 25_000
    """Steps until all seeds are in."""
    mine_negatives: bool = False
    """Add the numbers with the smallest margins to the hard rows."""
    mine_interval: int = 5000
    """Steps between two minings."""
    mine_count: int = 50
    """Numbers a mining adds."""
    test_seeds: str = ",".join(map(str, TEST_SEEDS))
    """Odd seeds of the scored trajectories, separated by commas; never used as training seeds."""
    eval_csv: str = ""
    """Evaluation set (make-eval writes one); empty: the log's own, made once beside the runs."""
    eval_interval: int = 5000
    """Steps between two evaluations on all of it; a multiple of log_every."""
    quick_eval_interval: int = 1000
    """Steps between two lines with trajectory 27 and 1000 random numbers; 0: none."""
    decay_start: int = 1000
    """Step at which the anchor begins to fade."""
    decay_len: int = 5000
    """Steps until it has faded to a thousandth."""
    min_anchor: float = 0.0
    """Weight that the anchor keeps."""
    load_checkpoint: str = ""
    """Start from the weights of another run: its folder, a checkpoint in it, or released weights."""
    save_model: str = "collatz_model.keras"
    """Name of the file with V in the run folder; NAME_EPOCH beside it at each evaluation of the original recipe."""
    analyze_seeds: bool = False
    """Print the table of the hard seeds and do nothing else."""

    # What was wrong, one at a time
    fix_lr: bool = False
    """A cosine instead of halving the rate on the plateaus of single noisy batches."""
    clean_split: bool = False
    """The loss sees no number of a test trajectory, neither as n nor ahead of it, and none stands in for a missing seed. Ours: no
    hard rows at all."""
    mine_start_epoch: int = 0
    """First step at which numbers may be mined."""

    # Ours
    arc: float = 0.0032
    """Width in bits of the clock's arc: an unforeseen step violates with this probability. Float32 features allow no less."""
    levels: int = 6
    """Stacked levels, an even number from 4 on; V within a level is the closed form's."""
    climb_index: int = 19
    """The closed form to start from takes a window for a climb if its maximum stands at this index or later."""
    prior_strength: float = 6.0
    """Logit of the closed form's level at the start."""
    growth_weight: float = 10.0
    """Loss weight of a growth step against a decay step; the log's is 10, that of our presets 1."""
    hard_weight: float = 1.0
    """Loss weight of a hard row against a random row."""
    weight_decay: float = 0.01
    """Of AdamW, on all weights and biases."""

    # The run
    seed: int = 0
    """Of initial weights and batches."""
    mode: str = "graph"
    """"graph" or "eager": the same step with or without tf.function."""
    jit_compile: bool = False
    """XLA; for GPUs."""
    precision: str = "float32"
    """"float32", or "bfloat16" for the hidden layers of the original recipe while it trains; weights, updates and V itself stay float32."""
    deterministic: bool = False
    """Force deterministic kernels on a GPU."""
    on_unhealthy: str = "stop"
    """"warn", "stop" or "rollback"."""
    guard_after: int = 2000
    """Steps after which a network that has learnt nothing is unhealthy."""
    log_every: int = 100
    """Steps between two lines of metrics.jsonl."""
    save_every: int = 1000
    """Steps between two checkpoints; a multiple of log_every."""
    keep_every: int = 0
    """Steps between two checkpoints that are kept for ever, a multiple of save_every; 0: none."""

    def __post_init__(self):
        choices = {
            "recipe": ("original", "clock", "levels"),
            "target_type": ("fixed", "adaptive"),
            "mode": ("graph", "eager"),
            "precision": ("float32", "bfloat16"),
            "on_unhealthy": ("warn", "stop", "rollback"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise UserError(f"{name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}")
        check_lookahead(self.lookahead)
        _ = self.widths, self.test_numbers
        if not self.use_t1:
            raise UserError("use_t1 cannot be turned off: without it nothing asks V to fall")
        for name in ("batch_size", "epochs", "mine_interval", "mine_count", "eval_interval", "log_every", "save_every"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("quick_eval_interval", "decay_len", "ramp_len", "start_seeds", "keep_every", "mine_start_epoch"):
            if getattr(self, name) < 0:
                raise UserError(f"{name} must not be negative, it is {getattr(self, name)}")
        for name in ("lr", "margin", "min_anchor", "growth_weight", "hard_weight", "weight_decay", "prior_strength"):
            if not 0 <= getattr(self, name) < math.inf:
                raise UserError(f"{name} is {getattr(self, name)}, it must be a number from 0 on")
        if not 0 <= self.hard_ratio <= 1:
            raise UserError(f"hard_ratio is {self.hard_ratio}, it must be in [0, 1]")
        if not 0 < self.arc < 1:
            raise UserError(f"arc is {self.arc}, it must be in (0, 1)")
        if self.levels < 4 or self.levels % 2:
            raise UserError(f"levels must be an even number from 4 on, not {self.levels}")
        if not 0 <= self.climb_index <= self.lookahead and self.recipe == "levels":
            raise UserError(f"climb_index is {self.climb_index}, it must be in 0..lookahead ({self.lookahead})")
        for name in ("save_every", "eval_interval"):
            if getattr(self, name) % self.log_every:
                raise UserError(f"{name} ({getattr(self, name)}) must be a multiple of log_every ({self.log_every})")
        if self.keep_every % self.save_every:
            raise UserError(f"keep_every ({self.keep_every}) must be a multiple of save_every ({self.save_every})")
        if not self.save_model.endswith(".keras") or "/" in self.save_model:
            raise UserError(f"save_model is the name of a .keras file in the run folder, not {self.save_model!r}")
        self._refuse_what_does_nothing()
        _ = self.batches

    def _refuse_what_does_nothing(self):
        ignored = [(name, f"the recipe {self.recipe}") for name in IGNORED[self.recipe]]
        if self.recipe != "original" and self.clean_split:
            ignored += [(name, "a training without hard rows (clean_split)") for name in OF_HARD_ROWS]
        defaults = {field.name: field.default for field in fields(self)}
        for name, by in ignored:
            if getattr(self, name) != defaults[name]:
                raise UserError(f"{name} = {getattr(self, name)} would change nothing: {by} does not use it")

    @property
    def widths(self) -> tuple[int, ...]:
        """The hidden layers' widths."""
        widths = _integers("layers", self.layers)
        if max(widths) > WIDEST:
            raise UserError(f"layers may be {WIDEST:,} units wide, not {max(widths)}")
        return widths

    @property
    def test_numbers(self) -> tuple[int, ...]:
        """The test seeds."""
        seeds = _integers("test_seeds", self.test_seeds)
        for seed in seeds:
            if seed % 2 == 0 or seed < 3:
                raise UserError(f"test_seeds must be odd numbers from 3 on, not {seed}")
            if fault := fault_of(seed) or fault_of(highest(seed)):
                raise UserError(f"test_seeds holds {seed}, whose trajectory cannot be scored: {fault}")
        return seeds

    @property
    def batches(self) -> Recipe:
        """What the sampler draws."""
        if self.recipe == "original":
            seeds = (self.num_hard_seeds, self.test_numbers)
            options = (self.clean_split, self.shifts, self.growth_weight)
            return original_recipe(self.batch_size, self.hard_ratio, self.max_bits, *seeds, *options)
        recipe = structured_recipe(self.batch_size, self.hard_ratio, self.growth_weight, self.clean_split, self.test_numbers)
        return replace(recipe, hard_weights=(self.hard_weight, self.hard_weight * self.growth_weight))

    @property
    def shifts(self) -> tuple[int, ...]:
        """Numbers of steps ahead whose features a batch holds."""
        return (0, 1, *((4,) if self.use_t4 else ()), *((8,) if self.use_t8 else ()))

    @property
    def trains_coefficient(self) -> bool:
        """Whether the drift coefficient is learnt."""
        return self.recipe == "original" and self.target_type == "adaptive"


def _integers(name: str, text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",")]
    try:
        numbers = tuple(int(word) if word.isdecimal() else 0 for word in words)
    except ValueError:  # More digits than Python reads.
        numbers = (0,)
    if min(numbers) < 1:
        raise UserError(f"{name} must be positive integers separated by commas, not {text!r}")
    return numbers


# Fields that may differ between a checkpoint and the command that resumes it: they change no number of the steps already done.
FREE = (
    *("epochs", "eval_csv", "eval_interval", "quick_eval_interval", "save_model", "analyze_seeds", "mode", "jit_compile"),
    *("deterministic", "on_unhealthy", "guard_after", "log_every", "save_every", "keep_every"),
)
ADDED = ("precision",)
"""Fields that came later; see longrun.run.manifest.identity."""
