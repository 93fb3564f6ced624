"""What a batch is made of: how many hard rows from which seeds, random rows of which sizes, and their weights in the loss."""

from dataclasses import dataclass, field

from collatz.numbers.seeds import TEST_SEEDS, orbit_numbers, train_seeds
from longrun.errors import UserError

EXACT_BELOW = 1 << 48
"""Iterates are told apart in float64, whose error below this is far from half a unit."""
FALLBACK_SEED = 27
"""The original runs took their hard rows from this test seed while no training seed was active."""


@dataclass(frozen=True)
class Recipe:
    """What a batch is made of. `exponents` is the inclusive range of floor(log2 n) of random rows.

    UserError where a number is out of its range.
    """

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

    def __post_init__(self):
        low, high = self.exponents
        if not 1 <= low <= high <= 127:
            raise UserError(f"exponents of the random rows are {low}..{high}, they must lie in 1..127")
        if not 0 <= self.hard_ratio <= 1:
            raise UserError(f"hard_ratio is {self.hard_ratio}, it must be in [0, 1]")
        if self.batch_size < 1:
            raise UserError(f"batch_size is {self.batch_size}, it must be positive")
        if self.excluded and max(self.excluded) >= EXACT_BELOW:
            raise UserError(f"excluded number {max(self.excluded)} is not below 2^48, up to where iterates can be told apart")


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
    """The batches of the original runs: bit lengths 3 to max_bits - 3, hard rows weighted 2 to 1, seed 27 when no seed is active.

    `clean_split` keeps every number of a test trajectory out of both kinds of rows, as n and as T^s(n) for the `shifts`
    s, and drops the fallback. One itself, where every trajectory ends, is no such number.
    """
    if max_bits < 6:
        raise UserError(f"max_bits is {max_bits}, the sampler needs at least 6")
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
