import pytest

from collatz.numbers.seeds import TEST_SEEDS
from collatz.training.recipe import original_recipe
from longrun import UserError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"hard_ratio": 1.5}, "hard_ratio is 1.5"),
        ({"max_bits": 140}, "1..127"),
        ({"max_bits": 5}, "max_bits is 5"),
        ({"test_seeds": (*TEST_SEEDS, (1 << 50) + 1), "clean_split": True}, "is not below 2\\^48"),
    ],
)
def test_a_recipe_out_of_range_is_refused_by_name(changes, message):
    with pytest.raises(UserError, match=message):
        original_recipe(**changes)
