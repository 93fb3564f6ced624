"""Training batches as a pure function of (seed, step): part hard rows from the orbits of chosen seeds, part random rows.

A hard row picks one seed evenly and then one odd value above one of its orbit evenly; the values of short trajectories come up more
often, and the tail that trajectories share dominates. A random row picks a bit length evenly and then an odd number of that length.
"""

import numpy as np

from collatz.numbers.draws import random_numbers
from collatz.numbers.features import feature_batch
from collatz.numbers.orbits import Orbits, orbits
from collatz.numbers.valuations import float_iterates
from collatz.training.recipe import Recipe
from longrun.errors import UserError

MINED_ITSELF = 0.3
"""Probability that a mined number comes up itself and not a value of its orbit."""
LARGEST_REDRAWS = 1000
"""Rounds of drawing excluded rows anew after which there is nothing to be found."""


class Sampler:
    """Draws the batches of a recipe; holds only constants, so any step's batch can be drawn at any time."""

    def __init__(self, recipe: Recipe, lookahead: int):
        self.recipe = recipe
        self.lookahead = lookahead
        self._orbits = orbits(recipe.seeds, recipe.excluded, recipe.shifts)
        self._fallback = orbits([recipe.fallback_seed]) if recipe.fallback_seed else None
        self._excluded = np.array(sorted(recipe.excluded), np.float64)

    def batch(
        self,
        seed: int,
        step: int,
        active: int | None = None,
        mined: Orbits | None = None,
        shifts: tuple[int, ...] = (0, 1),
    ) -> dict:
        """The batch of `step`, a dict of arrays with B = batch_size rows.

        features_s (B, 6 + lookahead) float32 of T^s(n) for each s in `shifts`; log_n = ln n and drift in bits, (B,)
        float32; growth and hard (B,) bool; weight (B,) float32. `active` limits the seeds to the first ones (None:
        all), `mined` adds mined numbers.
        """
        if self.recipe.excluded and not set(shifts) <= set(self.recipe.shifts):
            raise ValueError(f"the recipe keeps T^s(n) clean for s in {self.recipe.shifts}, a batch of {shifts} would leak")
        numbers, hard = self.draw(seed, step, active, mined)
        computed = feature_batch(numbers, self.lookahead, shifts)
        batch = {f"features_{shift}": array for shift, array in zip(shifts, computed.features, strict=True)}
        batch["log_n"] = computed.log_n.astype(np.float32)
        batch["drift"] = computed.drift.astype(np.float32)
        batch["growth"] = computed.growth
        batch["hard"] = hard
        weights = np.array([self.recipe.random_weights, self.recipe.hard_weights], np.float32)
        batch["weight"] = weights[hard.astype(np.int64), computed.growth.astype(np.int64)]
        return batch

    def draw(
        self,
        seed: int,
        step: int,
        active: int | None = None,
        mined: Orbits | None = None,
        rows: int | None = None,
        hard_ratio: float | None = None,
        stream: int = 0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """(numbers (2, rows) uint64 limbs, hard (rows,) bool), hard rows first.

        `stream` separates draws of one step that are not its batch, such as the candidates of mining.
        """
        rows = self.recipe.batch_size if rows is None else rows
        generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(step, stream))))
        hard_rows = int(rows * (self.recipe.hard_ratio if hard_ratio is None else hard_ratio))
        hard_numbers = self._hard(generator, hard_rows, active, mined)
        hard_rows = hard_numbers.shape[1]
        numbers = np.concatenate([hard_numbers, self._random(generator, rows - hard_rows)], axis=1)
        return numbers, np.arange(rows) < hard_rows

    def _hard(self, generator: np.random.Generator, rows: int, active: int | None, mined: Orbits | None) -> np.ndarray:
        pool = self._orbits
        active = len(pool) if active is None else min(active, len(pool))
        extra = len(mined) if mined is not None else 0
        if active + extra == 0:
            if self._fallback is None:
                return np.empty((2, 0), np.uint64)
            pool, active = self._fallback, 1
        chosen = generator.integers(active + extra, size=rows)
        within, itself = generator.random(rows), generator.random(rows) < MINED_ITSELF
        numbers = np.empty((2, rows), np.uint64)
        from_seed = chosen < active
        numbers[:, from_seed] = _orbit_value(pool, chosen[from_seed], within[from_seed])
        if extra:
            from_mined, which = ~from_seed, chosen[~from_seed] - active
            orbit_values = _orbit_value(mined, which, within[from_mined])
            numbers[:, from_mined] = np.where(itself[from_mined], mined.numbers[:, which], orbit_values)
        return numbers

    def _random(self, generator: np.random.Generator, rows: int) -> np.ndarray:
        numbers = random_numbers(generator, rows, self.recipe.exponents)
        again = self._is_excluded(numbers)
        for _ in range(LARGEST_REDRAWS):
            if not len(again):
                return numbers
            numbers[:, again] = random_numbers(generator, len(again), self.recipe.exponents)
            again = again[self._is_excluded(numbers[:, again])]
        low, high = self.recipe.exponents
        raise UserError(f"almost every number of {low + 1} to {high + 1} bits leads to a test trajectory: raise max_bits")

    def _is_excluded(self, numbers: np.ndarray) -> np.ndarray:
        """Rows of `numbers` that must not be drawn, because of n or of an iterate the loss sees."""
        if not len(self._excluded):
            return np.empty(0, np.int64)
        seen = np.rint(float_iterates(numbers, self.recipe.shifts))
        return np.flatnonzero(np.isin(seen, self._excluded).any(axis=0))


def _orbit_value(pool: Orbits, which: np.ndarray, within: np.ndarray) -> np.ndarray:
    """The value at the fraction `within` in [0, 1) of the orbits `which`, (2, B)."""
    return pool.values[:, pool.starts[which] + (within * pool.lengths[which]).astype(np.int64)]
