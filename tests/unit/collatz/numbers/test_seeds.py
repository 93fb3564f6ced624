import pytest

from collatz.numbers.seeds import HARD_SEEDS, TEST_SEEDS, leaked_numbers, orbit_numbers, seed_statistics, train_seeds
from collatz.numbers.syracuse import trajectory


def test_the_log_scores_429_steps():
    assert [len(trajectory(seed)) - 1 for seed in TEST_SEEDS] == [24, 41, 62, 113, 189]


def test_hard_seeds_and_their_split():
    assert len(HARD_SEEDS) == len(set(HARD_SEEDS)) == 54
    assert len(train_seeds()) == 49
    assert train_seeds(3) == (31, 41, 47)
    assert not set(train_seeds()) & set(TEST_SEEDS)


def test_negative_seed_count_is_refused():
    with pytest.raises(ValueError, match="-2"):
        train_seeds(-2)


def test_271_of_429_steps_and_182_of_340_numbers_are_leaked():
    leaked = leaked_numbers()
    steps = [number for seed in TEST_SEEDS for number in trajectory(seed)[:-1]]
    assert [sum(number in leaked for number in trajectory(seed)[:-1]) for seed in TEST_SEEDS] == [23, 41, 62, 113, 32]
    assert sum(number in leaked for number in steps) == 271
    assert len(set(steps)) == len(orbit_numbers(TEST_SEEDS)) == 340
    assert len(leaked) == 182


@pytest.mark.parametrize(
    ("seed", "length", "largest", "excursion"),
    [
        (111, 25, 3077, 27.7),
        (27, 42, 3077, 114.0),
        (703, 63, 83501, 118.8),
        (26623, 114, 35452673, 1331.7),
        (626331, 190, 2407427729, 3843.7),
    ],
)
def test_seed_statistics(seed, length, largest, excursion):
    row = seed_statistics(seed)
    assert (row.length, row.largest) == (length, largest)
    assert row.excursion == pytest.approx(excursion, abs=0.05)


def test_growth_share_and_longest_climb_by_hand():
    row = seed_statistics(7)  # 7 11 17 13 5 1: two growth steps in a row among six odd values
    assert row.growth_share == pytest.approx(2 / 6)
    assert row.longest_climb == 2
