"""The hard and the test seeds of the original run, and which of the scored steps the training seeds give away."""

from dataclasses import dataclass
from functools import cache

from collatz.numbers.syracuse import fault_of, syracuse_step, trajectory
from longrun.errors import UserError

HARD_SEEDS = (
    *(
        27,
        31,
        41,
        47,
        54,
        55,
        71,
        73,
        91,
        97,
        103,
        111,
        127,
        155,
        159,
        171,
        231,
        237,
        267,
        303,
        319,
        351,
        359,
        391,
        447,
        479,
    ),
    *(607, 703, 871, 1161, 2223, 2463, 2919, 3711, 6171, 10971, 13255, 17647, 23529, 26623, 34239, 35655, 52527, 77031),
    *(106239, 142587, 156159, 216367, 230631, 410011, 511935, 626331, 837799, 1117065),
)
TEST_SEEDS = (111, 27, 703, 26623, 626331)
"""Their trajectories have 24 + 41 + 62 + 113 + 189 = 429 steps on 340 distinct numbers."""


def integers_of(name: str, text: str) -> tuple[int, ...]:
    """Positive integers separated by commas. UserError that names the field where they are something else."""
    words = [word.strip() for word in text.split(",")]
    try:
        numbers = tuple(int(word) if word.isdecimal() else 0 for word in words)
    except ValueError:  # More digits than Python reads.
        numbers = (0,)
    if min(numbers) < 1:
        raise UserError(f"{name} must be positive integers separated by commas, not {text!r}")
    return numbers


@cache
def seeds_of(text: str) -> tuple[int, ...]:
    """Test seeds, odd numbers from 3 on. UserError for others, and for one whose trajectory leaves 2^128."""
    seeds = integers_of("test_seeds", text)
    for seed in seeds:
        if seed % 2 == 0 or seed < 3:
            raise UserError(f"test_seeds must be odd numbers from 3 on, not {seed}")
        if fault := fault_of(seed) or fault_of(max(trajectory(seed))):
            raise UserError(f"test_seeds holds {seed}, whose trajectory cannot be scored: {fault}")
    return seeds


def train_seeds(count: int = -1, test_seeds: tuple[int, ...] = TEST_SEEDS) -> tuple[int, ...]:
    """The hard seeds that are not test seeds, all (-1) or the first `count`."""
    if count < -1:
        raise UserError(f"the number of hard seeds is {count}; use -1 for all or a number from 0 on")
    remaining = tuple(seed for seed in HARD_SEEDS if seed not in test_seeds)
    return remaining if count == -1 else remaining[:count]


def orbit_numbers(seeds: tuple[int, ...]) -> frozenset[int]:
    """All odd numbers above one on the trajectories of `seeds`."""
    return frozenset(number for seed in seeds for number in trajectory(seed) if number > 1 and number % 2)


@cache
def leaked_numbers(test_seeds: tuple[int, ...] = TEST_SEEDS) -> frozenset[int]:
    """Scored numbers that also lie on a training seed's trajectory: 182 of the 340."""
    return orbit_numbers(test_seeds) & orbit_numbers(train_seeds(test_seeds=test_seeds))


@dataclass(frozen=True)
class SeedStatistics:
    """One row of the seed table. Length counts the odd values with the final one; the maximum is over odd values."""

    seed: int
    length: int
    largest: int
    excursion: float
    growth_share: float
    longest_climb: int


def seed_statistics(seed: int) -> SeedStatistics:
    """Length, largest odd value, its ratio to the seed, share of growth steps in the length, longest run of growth
    steps.
    """
    values = [number for number in trajectory(seed) if number % 2]
    climbs, longest, current = 0, 0, 0
    for number in values:
        grows = syracuse_step(number)[0] > number
        current = current + 1 if grows else 0
        climbs, longest = climbs + grows, max(longest, current)
    largest = max(values)
    return SeedStatistics(seed, len(values), largest, largest / seed, climbs / len(values), longest)
