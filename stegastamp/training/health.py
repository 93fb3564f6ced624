"""What can be wrong with a StegaStamp training, told apart by name."""

import math

from longrun import Finding, NonFinite, OutOfRange, Schedules, Spike
from stegastamp.config import Config
from stegastamp.training.losses import information

COLLAPSED = 2 / 255
"""Residual rms under which nothing survives rounding to 8 bits."""
EXPLODED = 1.0
"""Residual rms that no image in [0, 1] can hold."""
CARRIED = 0.02
"""Nats per bit (of ln 2 = 0.69) that count as carrying something."""
LEAKED = 0.1
"""Bit accuracy that an 8-bit file of a stamp may cost against the floats of the training."""


def guards(config: Config) -> list:
    """The guards of a run with this configuration."""
    found = [NonFinite(), Schedules(("image_weight",)), ResidualCollapse(config.run.guard_after)]
    if config.mark.head == "additive":
        cause = "residual exploded: nothing holds it back, and clipping to an image would destroy the message"
        found.append(OutOfRange("residual_rms", cause, high=EXPLODED, after=config.run.guard_after, patience=3, name="residual explosion"))
    if not config.distortion.eight_bit:
        found.append(RangeLeak(config.run.guard_after))
    found.append(MessageAtFloor(config.run.guard_after))
    found.append(Spike("gradient_norm", factor=1e4))
    return found


class ResidualCollapse:
    """A residual that has vanished, or all but, while no message is read; says what pressed it down."""

    name = "residual collapse"

    def __init__(self, after: int, patience: int = 2):
        self._after, self._patience, self._strikes = after, patience, 0

    def check(self, step, values):
        residual = values.get("residual_rms", math.inf)
        unread = values.get("information", math.inf) < CARRIED
        self._strikes = self._strikes + 1 if residual < COLLAPSED and unread else 0
        if self._strikes < self._patience or step < self._after or label_note(values):
            return None  # Where the labels are constant there is no message that a residual could carry.
        if values.get("image_weight", 0.0) > 0:
            cause = "residual collapsed because the image loss outweighs the message before the message is carried"
        else:
            cause = "residual collapsed although no image loss presses on it: the encoder is dead"
        return Finding(self.name, step, "residual_rms", residual, COLLAPSED, cause)

    def state(self):
        return {"strikes": self._strikes}

    def load(self, state):
        self._strikes = state["strikes"]


class MessageAtFloor:
    """A message loss that a constant answer reaches too, interval after interval; says whether there was a message to carry at all."""

    name = "message at its floor"

    def __init__(self, after: int, patience: int = 6):
        self._after, self._patience, self._strikes = after, patience, 0

    def check(self, step, values):
        information = values.get("information")
        if information is None or step < self._after:
            return None
        self._strikes = self._strikes + 1 if information < CARRIED else 0
        if self._strikes < self._patience:
            return None
        cause = label_note(values) or "no message is carried: the loss is that of a constant answer"
        return Finding(self.name, step, "information", information, CARRIED, cause)

    def state(self):
        return {"strikes": self._strikes}

    def load(self, state):
        self._strikes = state["strikes"]


class RangeLeak:
    """A message that is read in training, where nothing clips or rounds, and not in 8-bit files of held-out stamps.

    Only evaluations tell: `patience` of them running, from step `after` on.
    """

    name = "range leak"

    def __init__(self, after: int, patience: int = 2):
        self._after, self._patience, self._strikes = after, patience, 0

    def check(self, step, values):
        if step < self._after or not {"bit_accuracy", "held_out_png"} <= set(values):
            return None
        gap = values["bit_accuracy"] - values["held_out_png"]
        self._strikes = self._strikes + 1 if gap > LEAKED else 0
        if self._strikes < self._patience:
            return None
        accuracies = (
            f"bit accuracy is {values['bit_accuracy']:.3f} in training and {values['held_out_png']:.3f} in 8-bit files of other photos"
        )
        cause = f"{accuracies}: the message is carried by values below 0, above 1 or between two levels, which no file holds"
        return Finding(self.name, step, "bit_accuracy - held_out_png", gap, LEAKED, cause)

    def state(self):
        return {"strikes": self._strikes}

    def load(self, state):
        self._strikes = state["strikes"]


def diagnose(values: dict[str, float]) -> dict[str, float]:
    """Quantities for the guards and the line of metrics from the means of an interval: "information", in nats per bit.

    All three are means over the interval, in which the labels may have changed. Takes "bit_accuracy" out of `values` where any label
    was soft, which its entropy tells: such labels are no bits, and a constant answer to constant ones scores 1.0 beside a floor of .5.
    """
    if values["label_entropy"] > 0:
        values.pop("bit_accuracy", None)
    return {"information": information(values["message_loss"], values["label_entropy"], values["constant_loss"])}


def label_note(values: dict[str, float]) -> str | None:
    """A line for phases whose loss says nothing about transmission, or None."""
    if values.get("label_hard", 1.0) > 0.5 or values["label_low"] != values["label_high"]:
        return None
    loss, entropy = values["message_loss"], values["label_entropy"]
    place = "is at the floor: loss" if loss < entropy + CARRIED else "is above the floor: floor"
    note = f"labels are the constant {values['label_low']:.1f}: loss {loss:.4f} {place} = entropy of the labels {entropy:.4f}"
    return f"{note}; no message exists, so none is learnt"
