"""The original program's table of the hard seeds."""

from collatz.numbers.seeds import HARD_SEEDS, seed_statistics, seeds_of


def seed_table(*, test_seeds: str = "111,27,703,26623,626331") -> None:
    """Print a line for each hard seed: how long and how high its trajectory is.

    Lengths count odd values with the final one; maxima are over odd values. `train --analyze-seeds` prints the same.

    test_seeds: Seeds to be marked, separated by commas.
    """
    marked = seeds_of(test_seeds)
    print(f"{'Seed':>9} {'Length':>7} {'Max Val':>15} {'Excursion':>10} {'Growth%':>8} {'MaxConsec':>10}")
    for seed in HARD_SEEDS:
        row = seed_statistics(seed)
        mark = "  test" if seed in marked else ""
        print(
            f"{row.seed:>9} {row.length:>7} {row.largest:>15,} {row.excursion:>10.1f} {row.growth_share:>8.1%} "
            f"{row.longest_climb:>10}{mark}"
        )
