import json

import numpy as np
import pytest

from collatz import __main__ as commands
from collatz.measure import analyze
from longrun import read_metrics


@pytest.fixture(autouse=True)
def fewer_rows(monkeypatch):
    monkeypatch.setattr(analyze, "FRESH_ROWS", 20_000)


def test_a_run_is_analyzed(trained, tmp_path, capsys):
    assert commands.main(["analyze", str(trained), "--folder", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "analysis.json").read_text())
    violations = json.loads((trained / "result.json").read_text())["metrics"]["violations"]
    assert sum(row["violations"] for row in report["seeds"]) == violations
    assert sum(row["rows"] for row in report["steps"].values()) == 300
    by_name = {row["seed"]: row for row in report["seeds"]}
    assert by_name[27]["steps"] == 41 and by_name[27]["excursion"] == 3077 / 27
    text = (tmp_path / "ANALYSIS.md").read_text()
    assert "- 27 has nothing that 95% of them have less of; its highest rank is that of steps to one" in text
    for tables in ({"bits": report["bits"]}, report["window"]):
        for table in tables.values():
            assert sum(row["rows"] for row in table.values()) == 20_000
    assert report["splits"]["ln n"] == {"growth": 1.0, "decay": 0.0}
    assert "plateau" not in report and not (tmp_path / "rate.png").exists()
    assert (tmp_path / "trajectories.png").exists() and (tmp_path / "shares.png").exists()
    assert capsys.readouterr().out.startswith("# collatz quick")


def test_the_plateau_of_an_original_run_is_explained(original, tmp_path, capsys):
    assert commands.main(["analyze", str(original.folder), "--folder", str(tmp_path)]) == 0
    plateau = json.loads((tmp_path / "analysis.json").read_text())["plateau"]
    assert "the loss of single batches" in capsys.readouterr().out and (tmp_path / "rate.png").exists()
    lines = read_metrics(original.folder / "metrics.jsonl")
    first = plateau["halvings"][0]
    before = [line["loss"] for line in lines if line["step"] < first["step"]]
    assert first["loss_before"] == pytest.approx(np.mean(before)) and first["rate"] == 5e-4
    assert 0 <= first["violations_after"] <= 1
