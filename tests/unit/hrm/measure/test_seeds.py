"""The table over seeds, from made-up trainings."""

from pathlib import Path

from hrm.measure.seeds import seed_table
from longrun.run.repeat import Finished, Training


def finished(seed: int, name: str = "exact_match", value: float = 0.5, **further) -> Finished:
    result = {
        "metrics": {name: value, "cell_accuracy": 0.75, "input_sensitivity": 0.25, **further},
        "floors": {name: 0.125},
        "intervals": {name: [0.25, 0.625]},
    }
    return Finished(Training("mini", Path(f"mini-seed-{seed}"), ("--seed", str(seed))), 0, result, 90.0)


def failed(seed: int) -> Finished:
    return Finished(Training("mini", Path(f"mini-seed-{seed}"), ("--seed", str(seed))), 3)


def test_each_seed_has_a_row_beside_its_floor_and_all_a_range(capsys):
    trainings = [finished(1, segments_used=1.5), failed(0), finished(2, "pass_1", 0.25)]
    assert seed_table("mini", iter(trainings)) == 0
    printed = capsys.readouterr().out
    assert "| mini | 1 | 1.5 | 0.5000 | 0.1250 | 0.2500..0.6250 | 0.7500 | 0.2500 | 1.50 |" in printed
    assert "| mini | 0 | failed with exit code 3, see mini-seed-0 |" in printed
    assert "| mini | 2 | 1.5 | 0.2500 | 0.1250 | 0.2500..0.6250 | 0.7500 | 0.2500 | - |" in printed
    assert "exact from 0.2500 to 0.5000 over 2 seeds" in printed


def test_where_all_fail_so_does_the_table(capsys):
    assert seed_table("mini", iter([failed(0), failed(1)])) == 3
    assert "over" not in capsys.readouterr().out
