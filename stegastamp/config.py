"""Configuration of a StegaStamp training: one frozen dataclass in parts; presets.py holds the named ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from longrun.config import Settings, flatten, known_fields
from longrun.errors import UserError
from stegastamp.distort.settings import DistortionSettings
from stegastamp.settings import (
    DataSettings,
    LossSettings,
    MarkSettings,
    ModelSettings,
    OptimizerSettings,
    ScheduleSettings,
    TrainingRun,
)


@dataclass(frozen=True)
class Config(Settings):
    """Every number of a training."""

    PROJECT: ClassVar[str] = "stegastamp"
    TRAINED_BY: ClassVar[str] = "stegastamp.training.train:train"

    model: ModelSettings = ModelSettings()
    mark: MarkSettings = MarkSettings()
    data: DataSettings = DataSettings()
    optimizer: OptimizerSettings = OptimizerSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    losses: LossSettings = LossSettings()
    distortion: DistortionSettings = DistortionSettings()
    run: TrainingRun = TrainingRun()

    def __post_init__(self):
        super().__post_init__()
        if self.model.transformer == "localiser" and not (self.mark.sync > 0 and self.distortion.warp > 0):
            raise UserError("the localiser learns from known warps of known waves: it needs sync and warp above 0")
        if self.run.jit_compile and self.distortion.warp > 0:
            raise UserError("jit_compile cannot be used with warp: TensorFlow's projective transform has no XLA kernel")
        if self.mark.head == "normalised" and self.schedule.regime != "closed_loop":
            raise UserError(
                f"only the closed loop lowers the strength of the normalised head; the regime {self.schedule.regime} needs head additive"
            )
        values = flatten(self)
        for unread, where, names in UNREAD:
            for name in names if unread(values) else ():
                default = known_fields(Config)[name].default
                if values[name] not in (default, NEUTRAL.get(name)):
                    raise UserError(f"{name} ({values[name]}) changes nothing {where}; leave it at {default}")


UNREAD: tuple[tuple[Callable[[Mapping[str, Any]], bool], str, tuple[str, ...]], ...] = (
    (lambda values: values["warp"] == 0, "without warp", ("warp_rotation", "warp_scale", "warp_shift", "warp_stretch")),
    (lambda values: values["regime"] == "closed_loop", "in the closed loop", ("warp_ramp",)),
    (
        lambda values: values["regime"] != "closed_loop",
        "outside the closed loop",
        ("gate", "hold", "final_rate", "distortion_level", "distortions_first", "first_strength"),
    ),
    (lambda values: values["regime"] != "paper", "outside the regime paper", ("distortion_steps",)),
    (lambda values: values["regime"] == "curriculum", "in the curriculum", ("image_ramp",)),
    (lambda values: values["trained"] == "decoder", "where the decoder alone is trained", ("image_weight", "lpips", "critic")),
    (lambda values: values["regime"] != "curriculum", "outside the curriculum", ("curriculum", "constant_steps", "gradual_low")),
)
"""Where a field is not read, a value of its own would silently change nothing and is refused: (where, the same in words, fields)."""
NEUTRAL = {"final_rate": 1.0}
"""A rate that ends where it began is what the paper has anyway."""
