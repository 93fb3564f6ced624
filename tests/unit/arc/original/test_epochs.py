import keras
import pytest

from arc.original.config import OriginalConfig
from arc.original.epochs import BestModels, Epochs, learning_rate, should_stop


def test_the_rates_of_trial_69():
    config = OriginalConfig().trial
    rates = [learning_rate(epoch, config.cycle, config.lr, config.eta_min) for epoch in range(7)]
    assert rates == pytest.approx([1.84988e-3, 1.72608e-3, 1.38783e-3, 9.25783e-4, 4.63732e-4, 1.25488e-4, 1.84988e-3], rel=1e-5)


@pytest.mark.parametrize(
    ("losses", "stops"),
    [
        ([3, 2, 1], False),
        ([3, 2, 1, 3, 2, 2], False),
        ([3, 2, 1, 3, 2, 2, 3, 2, 1], True),
        ([3, 2, 1, 3, 2, 2, 3, 2, 0.9], False),
        ([3, 2, 1, 3, 2, 2, 3, 2, 1, 3], False),
    ],
)
def test_patience_is_counted_in_whole_cycles(losses, stops):
    assert should_stop(losses, cycle=3, patience=2) == stops


def test_the_three_best_stay_under_the_names_of_the_original_run(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    best = BestModels(tmp_path, "champion")
    for epoch, loss in enumerate([0.5, 0.4, float("nan"), 0.6, 0.3, 0.7]):
        best.offer(model, epoch, loss)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "champion-epoch=00-val_loss=0.5000.keras",
        "champion-epoch=01-val_loss=0.4000.keras",
        "champion-epoch=04-val_loss=0.3000.keras",
    ]
    best.forget_after(4)
    assert [epoch for _, epoch, _ in best.saved()] == [1, 0]


def test_a_memory_taken_over_forgets_the_models_of_later_epochs(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    epochs = Epochs(BestModels(tmp_path, "champion"), cycle=1, patience=1)
    for loss in (0.5, 0.4):
        epochs.end(model, loss)
    before = epochs.state()
    epochs.end(model, 0.4)
    assert epochs.over and len(list(tmp_path.iterdir())) == 3
    epochs.load(before)
    assert not epochs.over and epochs.losses == [0.5, 0.4] and len(list(tmp_path.iterdir())) == 2
    epochs.load([])
    assert list(tmp_path.iterdir()) == []
