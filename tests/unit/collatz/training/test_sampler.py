import hashlib

import numpy as np
import pytest

from collatz.numbers.features import reference_features
from collatz.numbers.limbs import from_integers, to_integers
from collatz.numbers.seeds import TEST_SEEDS, orbit_numbers, train_seeds
from collatz.numbers.syracuse import iterate, syracuse_step, trajectory
from collatz.training.sampler import Sampler, active_seed_count, orbits, original_recipe, random_numbers, structured_recipe


@pytest.fixture(scope="module")
def original():
    return Sampler(original_recipe(256), 10)


def test_a_batch_is_a_function_of_seed_and_step(original):
    first, again = original.batch(3, 17), Sampler(original_recipe(256), 10).batch(3, 17)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    for seed, step in ((3, 18), (4, 17)):
        assert not np.array_equal(first["features_0"], original.batch(seed, step)["features_0"])


def test_rows_are_what_they_claim(original):
    numbers, hard = original.draw(0, 5)
    batch = original.batch(0, 5, shifts=(0, 1, 4, 8))
    integers = to_integers(numbers)
    for shift in (0, 1, 4, 8):
        expected = np.stack([reference_features(iterate(number, shift), 10) for number in integers])
        np.testing.assert_array_equal(batch[f"features_{shift}"], expected)
    growth = np.array([syracuse_step(number)[0] > number for number in integers])
    np.testing.assert_array_equal(batch["growth"], growth)
    np.testing.assert_array_equal(batch["weight"], np.where(hard, np.where(growth, 20, 2), np.where(growth, 10, 1)))
    assert hard.tolist() == [True] * 64 + [False] * 192
    assert set(integers[:64]) <= orbit_numbers(train_seeds())


def test_random_rows_are_even_over_bit_lengths():
    numbers = to_integers(random_numbers(np.random.default_rng(0), 100_000, (2, 124)))
    lengths = np.bincount([number.bit_length() for number in numbers], minlength=129)
    assert lengths[:3].sum() == lengths[126:].sum() == 0
    expected = 100_000 / 123
    # Chi-square of 122 degrees of freedom: five standard deviations above the mean.
    assert ((lengths[3:126] - expected) ** 2 / expected).sum() < 122 + 5 * (2 * 122) ** 0.5
    seven_bits = np.bincount([number for number in numbers if number.bit_length() == 7], minlength=128)
    assert np.flatnonzero(seven_bits).tolist() == list(range(65, 128, 2))


def test_the_structured_recipe_reaches_both_ends():
    numbers, _ = Sampler(structured_recipe(4096, hard_ratio=0.0), 20).draw(0, 0)
    lengths = {number.bit_length() for number in to_integers(numbers)}
    assert min(lengths) == 2
    assert max(lengths) == 128


def test_without_an_active_seed_the_hard_rows_come_from_27(original):
    numbers, _ = original.draw(0, 0, active=0)
    assert set(to_integers(numbers[:, :64])) <= set(trajectory(27))


def test_active_limits_the_seeds(original):
    numbers, _ = original.draw(0, 0, active=2)
    assert set(to_integers(numbers[:, :64])) <= orbit_numbers((31, 41))


def test_mined_numbers_join_the_pool(original):
    mined = orbits([(1 << 100) + 277])
    numbers, _ = original.draw(0, 0, active=0, mined=mined)
    hard = to_integers(numbers[:, :64])
    assert set(hard) <= set(trajectory((1 << 100) + 277))
    # Itself with probability 0.3 and a little: 64 draws, four standard deviations.
    assert abs(hard.count((1 << 100) + 277) - 64 * 0.3) < 4 * (64 * 0.3 * 0.7) ** 0.5 + 1


def test_orbits_leave_out_what_features_cannot_hold():
    number = (1 << 127) - 1  # climbs above 2^128 at its second step
    values = to_integers(orbits([number]).values)
    assert number in values
    assert max(values) < 1 << 128
    assert max(trajectory(number)) >= 1 << 128


@pytest.mark.parametrize(
    "recipe",
    [
        original_recipe(2048, max_bits=20, clean_split=True),
        original_recipe(2048, max_bits=20, clean_split=True, shifts=(0, 1, 4)),
        original_recipe(2048, max_bits=20, clean_split=True, shifts=(0, 1, 4, 8)),
        structured_recipe(2048, clean=True),
    ],
)
def test_clean_recipes_show_the_loss_no_test_value(recipe):
    sampler, test_values = Sampler(recipe, 5), orbit_numbers(TEST_SEEDS)
    mined = orbits([27, 63, (1 << 70) + 1], recipe.excluded, recipe.shifts)
    for step in range(3):
        numbers = to_integers(sampler.draw(0, step, mined=mined)[0])
        for shift in recipe.shifts:
            assert not test_values & {iterate(number, shift) for number in numbers}


@pytest.mark.parametrize("recipe", [original_recipe(2048, max_bits=12), structured_recipe(2048)])
def test_random_rows_that_are_not_clean_lead_to_test_values(recipe):
    numbers, hard = Sampler(recipe, 5).draw(0, 0)
    following = {iterate(number, 1) for number in to_integers(numbers[:, ~hard])}
    assert orbit_numbers(TEST_SEEDS) & following


def test_a_clean_batch_is_a_function_of_seed_and_step():
    recipe = original_recipe(512, max_bits=20, clean_split=True, shifts=(0, 1, 4))
    first, again = (Sampler(recipe, 5).batch(3, 17, shifts=recipe.shifts) for _ in range(2))
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_a_clean_batch_looks_no_further_than_its_recipe():
    with pytest.raises(ValueError, match="would leak"):
        Sampler(original_recipe(64, clean_split=True), 5).batch(0, 0, shifts=(0, 1, 4))


def test_numbers_that_all_lead_to_test_trajectories_are_refused():
    with pytest.raises(ValueError, match="raise max_bits"):
        Sampler(original_recipe(64, max_bits=6, clean_split=True), 5).draw(0, 0)


def test_draws_that_are_not_clean_stay_as_they_were():
    """Released weights were trained on them."""
    drawn = (Sampler(recipe, 20).draw(5, 1234)[0] for recipe in (original_recipe(), structured_recipe()))
    assert [hashlib.sha256(numbers.tobytes()).hexdigest()[:16] for numbers in drawn] == ["2b6e3f89ac8f434c", "d6b520add9ceb387"]


def test_the_original_recipe_does_draw_test_values():
    numbers, hard = Sampler(original_recipe(4096), 5).draw(0, 0)
    values = np.array([number in orbit_numbers(TEST_SEEDS) for number in to_integers(numbers)])
    assert values[hard].mean() > 0.3
    assert values[~hard].any()


def test_clean_without_seeds_has_only_random_rows():
    _, hard = Sampler(structured_recipe(64, clean=True), 5).draw(0, 0)
    assert not hard.any()


def test_streams_of_one_step_differ(original):
    assert not np.array_equal(original.draw(0, 1)[0], original.draw(0, 1, stream=1)[0])


def test_curriculum_corners():
    assert [active_seed_count(step, 49, 0, 50_000) for step in (0, 1020, 1021, 50_000, 90_000)] == [0, 0, 1, 49, 49]
    assert active_seed_count(0, 49, 30, 25_000) == 30
    assert active_seed_count(7, 49, 0, 0) == 49


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"batch_size": 0}, "batch_size is 0"), ({"hard_ratio": 1.5}, "hard_ratio is 1.5"), ({"max_bits": 140}, "1..127")],
)
def test_bad_recipes(changes, message):
    with pytest.raises(ValueError, match=message):
        Sampler(original_recipe(**changes), 10)


def test_orbit_rows_choose_seeds_evenly():
    pool = orbits([27, 31])
    assert len(pool) == 2
    assert pool.lengths.tolist() == [len(trajectory(27)) - 1, len(trajectory(31)) - 1]
    assert np.array_equal(pool.numbers, from_integers([27, 31]))
