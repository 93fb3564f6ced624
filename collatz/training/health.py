"""What can be wrong with a Collatz training, told apart by name."""

from collatz.config import Config
from longrun import AtFloor, NonFinite, OutOfRange, Spike

FLAT = 1e-3
"""Standard deviation over a batch of what decides V (V itself; the clock's estimate, the logits of levels) under which V says nothing."""
UNMOVED = 1e-5
"""Standard deviation over a batch of what the network adds to the closed form under which it does not look at its input."""
LOGARITHM_VIOLATES = 0.5
"""Share of random steps at which V = ln n rises."""


def guards(config: Config) -> list:
    """The guards of a run with this configuration."""
    if config.model.recipe != "original":
        cause = "nothing is learnt: the loss is no lower than that of the closed form it started from"
        floor = AtFloor("gain", cause, tolerance=1e-6, after=config.run.guard_after, patience=5)
    else:
        cause = "nothing is learnt: V rises about as often as ln n"
        after = max(config.run.guard_after, config.loss.decay_start + config.loss.decay_len)
        floor = AtFloor("gain", cause, tolerance=0.05, after=after, patience=3)
    flat = OutOfRange("value_spread", "dead output: V is the same for every number", low=FLAT, after=config.run.log_every, patience=2)
    found = [NonFinite(), flat, floor, Spike("gradient_norm", factor=1e4)]
    if config.model.recipe != "original":
        cause = "input insensitivity: the network adds the same to the closed form for every number"
        found.append(OutOfRange("correction_spread", cause, low=UNMOVED, after=config.run.guard_after, patience=5))
    return found


def diagnose(values: dict[str, float]) -> dict[str, float]:
    """What was learnt in an interval, as "gain": the share by which the loss is below the closed form's, or V rises less than ln n."""
    if "closed_form_loss" in values:
        return {"gain": 1 - values["loss"] / max(values["closed_form_loss"], 1e-12)}
    return {"gain": LOGARITHM_VIOLATES - values["violations"]}
