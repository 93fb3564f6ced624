"""What can be wrong with an ARC training, told apart by name."""

from arc.config import Config
from longrun import AtFloor, NonFinite, OutOfRange, Spike

SAME_EVERYWHERE = 0.995
"""Share of one symbol among all predictions above which the output is dead; canvases are 40 to 70 % empty."""


def guards(config: Config) -> list:
    """The guards of a run with this configuration."""
    nothing = "nothing is learnt: the loss is no lower than that of one answer for every cell"
    blind = "the input is ignored: answers to other queries are predicted as well"
    dead = "dead output: one symbol everywhere"
    return [
        NonFinite(),
        AtFloor("information", nothing, tolerance=0.05, after=min(config.run.guard_after, 500), patience=3),
        AtFloor("query_information", blind, tolerance=0.02, after=config.run.guard_after, patience=1),
        OutOfRange("commonest_prediction", dead, high=SAME_EVERYWHERE, after=config.run.log_every, patience=3),
        Spike("gradient_norm", factor=100.0),
    ]
