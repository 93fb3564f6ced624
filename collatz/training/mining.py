"""Mining of hard negatives: the numbers with the smallest margins join the hard rows."""

from collections.abc import Callable

import numpy as np

from collatz.config import Config
from collatz.measure.scores import margins
from collatz.numbers import limbs as limb_arrays
from collatz.numbers.orbits import Orbits, orbits
from collatz.training.sampler import Sampler
from collatz.training.schedules import active_seeds

CANDIDATES = 5000
HARD_RATIO = 0.5
LARGEST_LIST = 1000


class Miner:
    """The mined numbers of a run, a memory that travels in its checkpoints; past 1000 the oldest are dropped."""

    def __init__(self, config: Config):
        self._config = config
        self.numbers: list[int] = []
        self._orbits: Orbits | None = None

    def is_due(self, epoch: int) -> bool:
        """Whether to mine before the step of `epoch`."""
        config = self._config
        return config.data.mine_negatives and 0 < epoch >= config.data.mine_start_epoch and epoch % config.data.mine_interval == 0

    @property
    def orbits(self) -> Orbits | None:
        """What the sampler draws mined rows from; None while there is nothing."""
        if self._orbits is None and self.numbers:
            recipe = self._config.batches
            self._orbits = orbits(self.numbers, recipe.excluded, recipe.shifts)
        return self._orbits

    def mine(self, value: Callable[[np.ndarray], np.ndarray], sampler: Sampler, seed: int, epoch: int) -> str:
        """Draw 5000 candidates and keep those with the smallest margins, violating or not; returns the original program's line."""
        active = active_seeds(self._config, epoch)
        candidates, _ = sampler.draw(seed, epoch, active, self.orbits, CANDIDATES, HARD_RATIO, stream=1)
        margin = margins(value, candidates, self._config.model.lookahead)
        chosen = np.argsort(margin, kind="stable")[: self._config.data.mine_count]
        found = limb_arrays.to_integers(candidates[:, chosen])
        merged = list(dict.fromkeys([*self.numbers, *found]))
        added = len(merged) - len(self.numbers)
        self.numbers, self._orbits = merged[-LARGEST_LIST:], None
        return f"[Mining] Found {int((margin <= 0).sum())} violations, worst margin {margin.min():.4f}, added {added}"

    def state(self) -> dict:
        """What a checkpoint must hold."""
        return {"numbers": self.numbers}

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        self.numbers, self._orbits = state["numbers"], None
