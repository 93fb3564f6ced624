import pytest

from collatz.config import Config
from collatz.training.mining import Miner
from collatz.training.schedules import active_seed_count, active_seeds, anchor, plateau, scalars
from longrun import changed


@pytest.mark.parametrize(("epoch", "weight"), [(0, 1.0), (999, 1.0), (1000, 1.0), (3500, 0.001**0.5), (6000, 0.001), (50_000, 0.001)])
def test_anchor_fades(epoch, weight):
    assert anchor(Config(), epoch) == pytest.approx(weight)


def test_anchor_keeps_its_minimum():
    assert anchor(changed(Config(), min_anchor=0.5), 10_000) == pytest.approx(0.5 + 0.5 * 0.001)


def test_the_curriculum_of_the_original_run():
    config = changed(Config(), curriculum=True, start_seeds=0, ramp_len=50_000)
    assert [active_seeds(config, epoch) for epoch in (0, 1020, 1021, 25_000, 50_000, 99_999)] == [0, 0, 1, 24, 49, 49]
    assert active_seeds(Config(), 0) is None


def test_curriculum_corners():
    assert [active_seed_count(step, 49, 0, 50_000) for step in (0, 1020, 1021, 50_000, 90_000)] == [0, 0, 1, 49, 49]
    assert active_seed_count(0, 49, 30, 25_000) == 30
    assert active_seed_count(7, 49, 0, 0) == 49


def test_plateau_halves_after_2001_bad_batches_and_stops_where_pytorch_does():
    rate = plateau(Config())
    rate.observe(1.0)
    rates = [rate.observe(2.0) for _ in range(2001)]
    assert rates[1999] == 1e-3 and rates[2000] == 5e-4
    for _ in range(2001 * 30):
        rate.observe(2.0)
    assert rate.rate == pytest.approx(1e-3 / 2**16)  # The next halving would change it by less than 1e-8.


def test_the_cosine_takes_its_place():
    config = changed(Config(), fix_lr=True, steps=1000)
    assert plateau(config) is None
    assert scalars(config, 500, None)["learning_rate"] == pytest.approx(5e-4)
    assert plateau(changed(config, recipe="clock", fix_lr=False)) is None


@pytest.mark.parametrize(("epoch", "due"), [(0, False), (5000, False), (10_000, True), (10_001, False)])
def test_mining_begins_where_it_is_told(epoch, due):
    config = changed(Config(), mine_negatives=True, mine_start_epoch=7000)
    assert Miner(config).is_due(epoch) is due
    assert Miner(changed(config, mine_negatives=False)).is_due(epoch) is False
