"""What changes with the step: anchor, learning rate, curriculum. Pure functions, but for the plateau rule of the original run."""

from collatz.config import Config
from longrun import Plateau
from longrun.step import schedule

PATIENCE = 2000
"""Batches without a new lowest loss after which the original run's rate was halved."""
SMALLEST_CHANGE = 1e-8
"""PyTorch leaves the rate alone where halving it would change it by no more than this."""


def anchor(config: Config, epoch: int) -> float:
    """Weight of the anchor: 1 until decay_start, then geometrically to a thousandth within decay_len, and there it stays."""
    if epoch < config.loss.decay_start:
        return 1.0
    progress = min(1.0, (epoch - config.loss.decay_start) / config.loss.decay_len) if config.loss.decay_len else 1.0
    return config.loss.min_anchor + (1 - config.loss.min_anchor) * 0.001**progress


def active_seeds(config: Config, epoch: int) -> int | None:
    """Training seeds in use at `epoch`; None: all."""
    if not config.data.curriculum:
        return None
    return active_seed_count(epoch, len(config.batches.seeds), config.data.start_seeds, config.data.ramp_len)


def active_seed_count(step: int, total: int, start_seeds: int, ramp_length: int) -> int:
    """The curriculum of the original runs: seeds in use at `step`, from `start_seeds` linearly to `total` within `ramp_length` steps."""
    progress = min(1.0, step / ramp_length) if ramp_length > 0 else 1.0
    return max(0, min(total, int(start_seeds + (total - start_seeds) * progress)))


def plateau(config: Config) -> Plateau | None:
    """The original run's scheduler, fed with the loss of every single batch; None where a cosine takes its place."""
    if config.model.recipe != "original" or config.optimizer.fix_lr:
        return None
    floor = config.optimizer.lr
    while floor - 0.5 * floor > SMALLEST_CHANGE:
        floor *= 0.5
    return Plateau(config.optimizer.lr, factor=0.5, patience=PATIENCE, threshold=1e-4, floor=floor)


def scalars(config: Config, epoch: int, rate: Plateau | None) -> dict[str, float]:
    """Everything that enters the step of `epoch` as a tensor: learning_rate, margin, anchor."""
    cosine = schedule.cosine(epoch, config.run.steps, config.optimizer.lr)
    return {
        "learning_rate": cosine if rate is None else rate.rate,
        "margin": config.loss.margin,
        "anchor": anchor(config, epoch),
    }
