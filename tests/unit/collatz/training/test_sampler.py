import hashlib

import numpy as np
import pytest

from collatz.numbers.features import reference_features
from collatz.numbers.limbs import to_integers
from collatz.numbers.orbits import orbits
from collatz.numbers.seeds import TEST_SEEDS, orbit_numbers, train_seeds
from collatz.numbers.syracuse import iterate, syracuse_step, trajectory
from collatz.training.recipe import original_recipe, structured_recipe
from collatz.training.sampler import Sampler


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
