"""Regimes: what every changing number of a training is at a step. Their values enter the step as tensors, in `scalars`."""

from dataclasses import asdict, dataclass

from longrun.step import schedule
from stegastamp.config import Config

DISTORTIONS = ("blur", "noise", "contrast", "brightness", "hue", "saturation", "jpeg")
AUGMENTATION = ("noise", "contrast", "brightness")
"""The only ones that the original run's curriculum had."""
RUNNING = 0.8
"""Memory of the closed loop's running accuracy, per observation."""
OBSERVE_EVERY = 5
"""Steps between two observations of the closed loop."""


@dataclass
class ClosedLoop:
    """Strength and distortions follow the bit accuracy instead of the clock (new here).

    Training starts with a mark as strong as the picture. Whenever the running accuracy is above the gate, the strength falls by 5 %;
    below it, nothing happens until the decoder has caught up. The first crossing opens the distortions, which then rise over
    `distortion_ramp` steps; with `distortions_first` they too rise only above the gate, and the strength waits for them.
    Host state: `state()` and `load()`.
    """

    strength: float = 1.0
    accuracy: float = 0.5
    opened: int = -1
    raised: float = 0.0

    @staticmethod
    def closed(config: Config) -> "ClosedLoop":
        """As it stands late in a training: at the configured strength or the first one after another training, all distortions on."""
        strength = max(config.mark.strength, config.schedule.first_strength)
        return ClosedLoop(strength=strength, accuracy=config.schedule.gate, opened=0, raised=1.0)

    def observe(self, step: int, accuracy: float, config: Config) -> None:
        """Take the bit accuracy of a training batch after `step` steps."""
        self.accuracy = RUNNING * self.accuracy + (1 - RUNNING) * accuracy
        if self.accuracy <= config.schedule.gate:
            return
        if self.opened < 0:
            self.opened = step
        if config.schedule.distortions_first and self.raised < 1:
            self.raised = min(1.0, self.raised + OBSERVE_EVERY / config.schedule.distortion_ramp)
        elif step < 0.9 * config.run.steps:  # The last tenth only polishes.
            self.strength = max(config.mark.strength, 0.95 * self.strength)

    def level(self, step: int, config: Config) -> float:
        """Level of the distortions in [0, 1]."""
        if self.opened < 0:
            return 0.0
        if config.schedule.distortions_first:
            return self.raised * config.schedule.distortion_level
        return schedule.ramp(step, self.opened, config.schedule.distortion_ramp, 0.0, config.schedule.distortion_level)

    def state(self) -> dict:
        return asdict(self)

    def load(self, state: dict) -> None:
        for name, value in state.items():
            setattr(self, name, value)


def scalars(config: Config, step: int, loop: ClosedLoop) -> dict[str, float]:
    """Everything that changes with the step, by name.

    learning_rate; strength; weights of the losses (secret, image, lpips, critic); edge_gain; warp; level_NAME of each distortion;
    label_low, label_high, label_hard: labels are fair bits where label_hard is 1, else uniform in [label_low, label_high];
    bit_accuracy_floor: what naming the commoner side of 1/2 every time scores on such labels.
    """
    rise = schedule.ramp(step, 0, config.schedule.image_ramp)
    values = {
        "learning_rate": config.optimizer.learning_rate,
        "strength": 1.0,
        "secret_weight": config.losses.secret_weight,
        "image_weight": config.losses.image_weight * rise,
        "lpips_weight": config.losses.lpips_weight * rise,
        "critic_weight": config.losses.critic_weight * rise,
        "edge_gain": schedule.ramp(step, config.schedule.edge_delay, config.schedule.edge_ramp, 0.0, config.losses.edge_gain),
        "warp": schedule.ramp(step, 0, config.schedule.warp_ramp, 0.0, config.distortion.warp),
        "label_low": 0.0,
        "label_high": 1.0,
        "label_hard": 1.0,
    }
    if config.schedule.regime == "closed_loop":
        hold = int(config.optimizer.hold * config.run.steps)
        level = loop.level(step, config)
        values["learning_rate"] = schedule.warmup_hold_decay(
            step, 0, hold, config.run.steps, config.optimizer.learning_rate, config.optimizer.final_rate * config.optimizer.learning_rate
        )
        values["strength"] = loop.strength
        # A localiser learns nothing from pictures that are in place, and the decoder is told until it has learnt.
        values["warp"] = config.distortion.warp * (1.0 if config.model.transformer == "localiser" else level)
    elif config.schedule.regime == "paper":
        level = schedule.ramp(step, 0, config.schedule.distortion_steps)
    else:
        level = step / config.run.steps
        values |= _curriculum(config, step)
    levels = dict.fromkeys(DISTORTIONS, level)
    if config.schedule.regime == "paper":
        levels["blur"] = 1.0  # base.sh has no ramp for it.
    elif config.schedule.regime == "curriculum":
        levels |= {name: 0.0 for name in DISTORTIONS if name not in AUGMENTATION}
    if step < config.schedule.message_only_steps:
        values |= {"secret_weight": 1.0, "image_weight": 0.0, "lpips_weight": 0.0, "critic_weight": 0.0}
    values["bit_accuracy_floor"] = majority(values["label_low"], values["label_high"], values["label_hard"])
    return values | {f"level_{name}": level for name, level in levels.items()}


def majority(low: float, high: float, hard: float) -> float:
    """Share of the commoner side of 1/2 among the labels that `scalars` describes: 0.5 for fair bits, 1.0 for constant labels."""
    if hard > 0.5:
        return 0.5
    if low == high:
        return 1.0
    above = min(max((high - 0.5) / (high - low), 0.0), 1.0)
    return max(above, 1 - above)


def _curriculum(config, step):
    """The original run's schedule: constant, then soft, then random labels; rate 1, 1/2, 1/10; image loss off, half, full (10/40/50 %)."""
    constant_end, gradual_end = config.schedule.curriculum
    progress = step / config.run.steps
    weight = 1.0 if progress >= 0.5 else schedule.ramp(progress, 0.1, 0.4, 0.0, 0.5)
    rates = [rate * config.optimizer.learning_rate for rate in (1, 0.5, 0.1)]
    values = {
        "learning_rate": schedule.piecewise(step, config.schedule.curriculum, rates),
        "image_weight": config.losses.image_weight * weight,
    }
    if step < constant_end:
        constant = 0.2 + 0.1 * min(7, step // config.schedule.constant_steps)
        values |= {"label_low": constant, "label_high": constant, "label_hard": 0.0}
    elif step < gradual_end:
        values |= {"label_low": config.schedule.gradual_low, "label_high": 0.8, "label_hard": 0.0}
    return values
