"""Configuration of a Collatz training: its parts together, and what they must agree on. presets.py holds the named ones."""

from dataclasses import dataclass, replace
from typing import ClassVar

from collatz.settings import CollatzRun, DataSettings, EvaluationSettings, LossSettings, ModelSettings, OptimizerSettings
from collatz.training.recipe import Recipe, original_recipe, structured_recipe
from longrun.config import Settings, flatten, known_fields
from longrun.errors import UserError

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
class Config(Settings):
    """Every number of a training."""

    PROJECT: ClassVar[str] = "collatz"
    TRAINED_BY: ClassVar[str] = "collatz.training.train:train"
    RENAMED: ClassVar[dict[str, str]] = {"epochs": "steps", "eval_interval": "evaluate_every"}
    model: ModelSettings = ModelSettings()
    loss: LossSettings = LossSettings()
    data: DataSettings = DataSettings()
    optimizer: OptimizerSettings = OptimizerSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    run: CollatzRun = CollatzRun()

    def __post_init__(self):
        super().__post_init__()
        ignored = [(name, f"the recipe {self.model.recipe}") for name in IGNORED[self.model.recipe]]
        if self.model.recipe != "original" and self.data.clean_split:
            ignored += [(name, "a training without hard rows (clean_split)") for name in OF_HARD_ROWS]
        values, known = flatten(self), known_fields(Config)
        for name, by in ignored:
            if values[name] != known[name].default:
                raise UserError(f"{name} = {values[name]} would change nothing: {by} does not use it")
        _ = self.batches

    @property
    def batches(self) -> Recipe:
        """What the sampler draws."""
        data, weight, tests = self.data, self.loss.growth_weight, self.evaluation.test_numbers
        if self.model.recipe == "original":
            own = (data.num_hard_seeds, tests, data.clean_split, self.loss.shifts, weight)
            return original_recipe(data.batch_size, data.hard_ratio, data.max_bits, *own)
        recipe = structured_recipe(data.batch_size, data.hard_ratio, weight, data.clean_split, tests)
        return replace(recipe, hard_weights=(self.loss.hard_weight, self.loss.hard_weight * weight))

    @property
    def trains_coefficient(self) -> bool:
        """Whether the drift coefficient is learnt."""
        return self.model.recipe == "original" and self.loss.target_type == "adaptive"
