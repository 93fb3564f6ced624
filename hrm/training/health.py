"""What can be wrong with a reasoner's training, told apart by name. Each guard watches held-out puzzles, not the loss."""

from hrm.config import Config
from longrun import NonFinite, OutOfRange, Spike

LEAST_SENSITIVITY = 0.05
"""G under which a network does not use its input. An untrained one has 0, a learning one soon a multiple."""
LEAST_VARIATION = 0.1
"""Share of the right answers' variation under which the answers are the same for every input."""
LEAST_GAIN = 0.01
"""Cell accuracy above the majority floor under which nothing is known."""


def guards(config: Config) -> list:
    """The guards of a run with this configuration."""
    after, patience = config.run.guard_after, 2

    def least(name, quantity, low, cause):
        return OutOfRange(quantity, cause, low=low, after=after, patience=patience, name=name)

    return [
        NonFinite(),
        least("input unused", "input_sensitivity", LEAST_SENSITIVITY, "answers fit the labels of other inputs of the task just as well"),
        least("answers all alike", "variation_ratio", LEAST_VARIATION, "the answers to different inputs of a task hardly differ"),
        least("no better than majority", "above_majority", LEAST_GAIN, "the commonest label of each cell would score as much"),
        OutOfRange("classes", "one class everywhere", low=1.5, after=after, patience=patience, name="one class"),
        Spike("gradient_norm", factor=1e4),
    ]


def diagnose(values: dict[str, float]) -> dict[str, float]:
    """Over the samples that finished in an interval: "exact", the share that was right, and "segments_used", how many each took."""
    finished = values.get("finished", 0.0)
    if not finished > 0:
        return {}
    return {"exact": values["finished_exact"] / finished, "segments_used": values["finished_segments"] / finished}
