"""The original run's training, broken off and rolled back: whole epochs, which take longer than the loop's own tests of the same."""

import json

from arc import __main__ as commands
from arc.original import collected, train
from longrun import StepFunction, read_metrics

SMALL = ["--pairs", "3", "--batch-size", "14", "--cycle", "1", "--max-epochs", "2", "--patience", "1", "--mode", "eager"]
"""An epoch is of three steps."""


def test_a_training_goes_on_after_it_broke_off(tmp_path, monkeypatch, capsys):
    preset = "exp_-1_decoder_only"
    assert commands.main(["train", preset, *SMALL, "--run", str(tmp_path / "straight")]) == 0
    count, original = iter(range(99)), StepFunction.__call__

    def run(self, *arguments):
        if next(count) == 4:
            raise KeyboardInterrupt
        return original(self, *arguments)

    monkeypatch.setattr(StepFunction, "__call__", run)
    assert commands.main(["train", preset, *SMALL, "--run", str(tmp_path / "killed")]) == 130
    monkeypatch.undo()
    assert commands.main(["train", preset, *SMALL, "--run", str(tmp_path / "killed")]) == 0
    first, second = (read_metrics(tmp_path / name / "metrics.jsonl") for name in ("straight", "killed"))
    assert [{**line, "steps_per_second": 0} for line in first] == [{**line, "steps_per_second": 0} for line in second]
    names = [sorted(path.name for path in (tmp_path / name).glob("*.keras")) for name in ("straight", "killed")]
    assert names[0] == names[1] and 1 <= len(names[0]) <= 3
    assert all(name.startswith("decoder_only-epoch=0") for name in names[0])
    outcome = json.loads((tmp_path / "straight" / "result.json").read_text())
    assert set(outcome["floors"]) == {"val_grid_accuracy", "val_cell_accuracy"}
    capsys.readouterr()
    assert commands.main(["evaluate", str(tmp_path / "killed"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == outcome
    assert commands.main(["report", str(tmp_path / "killed")]) == 2
    assert "is a training of the original run" in capsys.readouterr().err


def test_a_sick_epoch_is_rolled_back_and_done_again_with_another_order(tmp_path, monkeypatch, capsys):
    found, seen, original = iter([0.5, float("nan"), 0.4]), [], collected.batch
    numbers = {"val_grid_accuracy": 0.0, "val_cell_accuracy": 0.0}
    monkeypatch.setattr(train, "validate", lambda *_: None)
    monkeypatch.setattr(train, "numbers", lambda _: {"val_loss": next(found), **numbers})
    monkeypatch.setattr(train, "scores", lambda *_: numbers)
    monkeypatch.setattr(collected, "batch", lambda data, size, seed, step: seen.append((seed, step)) or original(data, size, seed, step))
    assert commands.main(["train", "exp_-1_decoder_only", *SMALL, "--on-unhealthy", "rollback", "--run", str(tmp_path / "run")]) == 0
    assert "rolled back to step 3, attempt 1" in capsys.readouterr().out
    assert seen == [*((307, step) for step in range(6)), *((1307, step) for step in range(3, 6))]
    assert [line["val_loss"] for line in read_metrics(tmp_path / "run" / "metrics.jsonl")] == [0.5, 0.4]
    kept = sorted(path.name for path in (tmp_path / "run").glob("*.keras"))
    assert kept == ["decoder_only-epoch=00-val_loss=0.5000.keras", "decoder_only-epoch=01-val_loss=0.4000.keras"]
