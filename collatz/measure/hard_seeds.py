"""The log's table of the hard seeds (train --analyze-seeds)."""

from collatz.numbers.seeds import HARD_SEEDS, seed_statistics


def print_seed_table(test_seeds: tuple[int, ...]) -> None:
    """A line for each hard seed; test seeds are marked. Lengths count odd values with the final one; maxima are over odd values."""
    print(f"{'Seed':>9} {'Length':>7} {'Max Val':>15} {'Excursion':>10} {'Growth%':>8} {'MaxConsec':>10}")
    for seed in HARD_SEEDS:
        row = seed_statistics(seed)
        mark = "  test" if seed in test_seeds else ""
        print(
            f"{row.seed:>9} {row.length:>7} {row.largest:>15,} {row.excursion:>10.1f} {row.growth_share:>8.1%} "
            f"{row.longest_climb:>10}{mark}"
        )
