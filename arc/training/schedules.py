"""What changes with the step: learning rate, the part of the expected cost in the loss. Pure functions."""

from arc.config import Config
from longrun.step import schedule

COST_STARTS = 0.25
"""Share of a training after which the expected cost takes over; from the start its gradient is too flat to learn from."""


def scalars(config: Config, step: int) -> dict[str, float]:
    """Everything that enters the step as a tensor: learning_rate, cost_share (0 or 1), pad_weight."""
    learning, steps = config.learning, config.run.steps
    rate = schedule.warmup_cosine(step, learning.warm_up, steps, learning.lr, learning.final_lr * learning.lr)
    cost = learning.loss == "expected_cost" and step >= COST_STARTS * steps
    return {"learning_rate": rate, "cost_share": float(cost), "pad_weight": learning.pad_weight}
