"""Training batches as a pure function of (seed, step): part hard rows from the orbits of chosen seeds, part random
rows.

A hard row picks one seed evenly and then one odd value above one of its orbit evenly; the values of short trajectories
come up more often, and the tail that trajectories share dominates. A random row picks a bit length evenly and then an
odd number of that length.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from collatz.numbers import limbs as limb_arrays
from collatz.numbers.features import feature_batch
from collatz.numbers.seeds import TEST_SEEDS, orbit_numbers, train_seeds
from collatz.numbers.syracuse import NUMBER_LIMIT, iterate, syracuse_step
from collatz.numbers.valuations import float_iterates

ORBIT_STEPS = 300
MINED_ITSELF = 0.3
"""Probability that a mined number comes up itself and not a value of its orbit."""
LARGEST_REDRAWS = 1000
"""Rounds of drawing excluded rows anew after which there is nothing to be found."""
EXACT_BELOW = 1 << 48
"""Iterates are told apart in float64, whose error below this is far from half a unit."""
FALLBACK_SEED = 27
"""The log's runs took their hard rows from this test seed while no training seed was active."""


@dataclass(frozen=True)
class Orbits:
    """Odd values above one on the first 300 steps of several numbers' orbits, end to end in `values` (2, P) uint64
    limbs.

    Orbit i is values[:, starts[i] : starts[i] + lengths[i]]; `numbers` (2, Q) are the numbers themselves, made odd.
    """

    values: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    numbers: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)


def orbits(numbers: Iterable[int], excluded: frozenset[int] = frozenset(), shifts: tuple[int, ...] = (0, 1)) -> Orbits:
    """The orbits of `numbers` without values from 2^128 on, and without those of which T^s is `excluded` for one of the
    `shifts` s. A number left without values is dropped.
    """

    def is_excluded(value: int) -> bool:
        return bool(excluded) and any(iterate(value, shift) in excluded for shift in shifts)

    kept, values = [], []
    for number in numbers:
        orbit, current = [], number
        for _ in range(ORBIT_STEPS):
            if current <= 1:
                break
            if current % 2 and current < NUMBER_LIMIT and not is_excluded(current):
                orbit.append(current)
            current, _ = syracuse_step(current)
        if orbit:
            kept.append(number | 1)
            values.append(orbit)
    lengths = np.array([len(orbit) for orbit in values], np.int64)
    starts = np.cumsum(lengths) - lengths
    flat = limb_arrays.from_integers(value for orbit in values for value in orbit)
    return Orbits(flat, starts, lengths, limb_arrays.from_integers(kept))


@dataclass(frozen=True)
class Recipe:
    """What a batch is made of. `exponents` is the inclusive range of floor(log2 n) of random rows."""

    batch_size: int = 2048
    hard_ratio: float = 0.25
    exponents: tuple[int, int] = (1, 127)
    seeds: tuple[int, ...] = field(default_factory=train_seeds)
    excluded: frozenset[int] = frozenset()
    """No row has one of these for n or for one of the iterates T^s(n) with s in `shifts`."""
    shifts: tuple[int, ...] = (0, 1)
    """Numbers of steps ahead that the loss looks at, ascending."""
    fallback_seed: int | None = None
    hard_weights: tuple[float, float] = (1.0, 1.0)
    """Loss weight of a decay and of a growth step among the hard rows."""
    random_weights: tuple[float, float] = (1.0, 1.0)


def original_recipe(
    batch_size: int = 1024,
    hard_ratio: float = 0.25,
    max_bits: int = 128,
    num_hard_seeds: int = -1,
    test_seeds: tuple[int, ...] = TEST_SEEDS,
    clean_split: bool = False,
    shifts: tuple[int, ...] = (0, 1),
    growth_weight: float = 10.0,
) -> Recipe:
    """The log's batches: bit lengths 3 to max_bits - 3, hard rows weighted 2 to 1, seed 27 when no seed is active.

    `clean_split` keeps every number of a test trajectory out of both kinds of rows, as n and as T^s(n) for the `shifts`
    s, and drops the fallback. One itself, where every trajectory ends, is no such number.
    """
    if max_bits < 6:
        raise ValueError(f"max_bits is {max_bits}, the sampler needs at least 6")
    return Recipe(
        batch_size,
        hard_ratio,
        (2, max_bits - 4),
        train_seeds(num_hard_seeds, test_seeds),
        orbit_numbers(test_seeds) if clean_split else frozenset(),
        shifts,
        None if clean_split else FALLBACK_SEED,
        (2.0, 2.0 * growth_weight),
        (1.0, growth_weight),
    )


def structured_recipe(
    batch_size: int = 2048,
    hard_ratio: float = 0.25,
    growth_weight: float = 1.0,
    clean: bool = False,
    test_seeds: tuple[int, ...] = TEST_SEEDS,
) -> Recipe:
    """Batches over all bit lengths 2 to 128. `clean` has no hard rows, and neither n nor T(n) on a test trajectory."""
    weights = (1.0, growth_weight)
    if clean:
        return Recipe(batch_size, 0.0, seeds=(), excluded=orbit_numbers(test_seeds), hard_weights=weights, random_weights=weights)
    return Recipe(batch_size, hard_ratio, seeds=train_seeds(test_seeds=test_seeds), hard_weights=weights, random_weights=weights)


def active_seed_count(step: int, total: int, start_seeds: int, ramp_length: int) -> int:
    """Curriculum of the log: seeds in use at `step`, from `start_seeds` linearly to `total` within `ramp_length` steps."""
    progress = min(1.0, step / ramp_length) if ramp_length > 0 else 1.0
    return max(0, min(total, int(start_seeds + (total - start_seeds) * progress)))


class Sampler:
    """Draws the batches of a recipe; holds only constants, so any step's batch can be drawn at any time."""

    def __init__(self, recipe: Recipe, lookahead: int):
        low, high = recipe.exponents
        if not 1 <= low <= high <= 127:
            raise ValueError(f"exponents of the random rows are {low}..{high}, they must lie in 1..127")
        if not 0 <= recipe.hard_ratio <= 1:
            raise ValueError(f"hard_ratio is {recipe.hard_ratio}, it must be in [0, 1]")
        if recipe.batch_size < 1:
            raise ValueError(f"batch_size is {recipe.batch_size}, it must be positive")
        self.recipe = recipe
        self.lookahead = lookahead
        self._orbits = orbits(recipe.seeds, recipe.excluded, recipe.shifts)
        self._fallback = orbits([recipe.fallback_seed]) if recipe.fallback_seed else None
        self._excluded = np.array(sorted(recipe.excluded), np.float64)
        if recipe.excluded and max(recipe.excluded) >= EXACT_BELOW:
            raise ValueError(f"excluded number {max(recipe.excluded)} is not below 2^48, up to where iterates can be told apart")

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
        raise ValueError(f"almost every number of {low + 1} to {high + 1} bits leads to a test trajectory: raise max_bits")

    def _is_excluded(self, numbers: np.ndarray) -> np.ndarray:
        """Rows of `numbers` that must not be drawn, because of n or of an iterate the loss sees."""
        if not len(self._excluded):
            return np.empty(0, np.int64)
        seen = np.rint(float_iterates(numbers, self.recipe.shifts))
        return np.flatnonzero(np.isin(seen, self._excluded).any(axis=0))


def random_numbers(generator: np.random.Generator, rows: int, exponents: tuple[int, int]) -> np.ndarray:
    """Odd numbers with floor(log2 n) even over the inclusive range `exponents` and even within it, (2, rows) uint64
    limbs.
    """
    exponent = generator.integers(exponents[0], exponents[1] + 1, size=rows).astype(np.uint64)
    bits = generator.integers(0, 1 << 64, size=(2, rows), dtype=np.uint64)
    one = np.uint64(1)
    # A shift by 64 gives zero in NumPy, so the top bit of a number with a high limb leaves the low limb to its random
    # bits.
    top_low = one << exponent
    top_high = np.where(exponent >= 64, one << (exponent - np.uint64(64)), np.uint64(0))
    low = bits[0] & (top_low - one) | top_low | one
    high = np.where(top_high > 0, bits[1] & (top_high - one) | top_high, np.uint64(0))
    return np.stack([low, high])


def _orbit_value(pool: Orbits, which: np.ndarray, within: np.ndarray) -> np.ndarray:
    """The value at the fraction `within` in [0, 1) of the orbits `which`, (2, B)."""
    return pool.values[:, pool.starts[which] + (within * pool.lengths[which]).astype(np.int64)]
