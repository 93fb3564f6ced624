"""The table of faults: its rows, their order, and that what is done is not done again."""

import json

import pytest

from hrm import __main__ as commands
from hrm.classic import faults
from longrun import fleet
from longrun.config import changed


@pytest.fixture
def rows(monkeypatch):
    """Made-up trainings, the last task first; the list of those that were asked for."""
    asked = []

    def run(function, tasks, *, workers, cluster):
        for index in reversed(range(len(tasks))):
            asked.append(tasks[index])
            numbers = {"held_out_exact": 0.5, "above_majority": -0.25, "input_sensitivity": 0.125}
            yield index, {**numbers, "unused_from": "never", "old_check": "PASS"}

    monkeypatch.setattr(fleet, "run", run)
    return asked


def names(printed: str) -> list[str]:
    return [line.split(" |")[0].removeprefix("| ") for line in printed.splitlines() if line.endswith("| PASS |")]


def test_the_table_has_a_row_for_each_in_order_whichever_is_done_first(rows, capsys):
    assert commands.main(["faults", "--steps", "60"]) == 0
    printed = capsys.readouterr().out
    assert names(printed) == ["none", *(name.replace("_", " ") for name in faults.FAULTS), "all"]
    assert "| none | 0.500 | -0.250 | +0.125 | never | PASS |" in printed
    assert rows == [(name, 60) for name in reversed(faults.ROWS)]


def test_a_table_that_was_stopped_goes_on(rows, tmp_path, capsys):
    assert commands.main(["faults", "--steps", "60", "--only", "none", "all", "--folder", str(tmp_path / "rows")]) == 0
    assert json.loads((tmp_path / "rows" / "all.json").read_text())["steps"] == 60
    rows.clear()
    capsys.readouterr()
    words = ["--only", "none", "input_once", "all", "--folder", str(tmp_path / "rows")]
    assert commands.main(["faults", "--steps", "60", *words]) == 0
    assert rows == [("input_once", 60)] and names(capsys.readouterr().out) == ["none", "input once", "all"]
    rows.clear()
    assert commands.main(["faults", "--steps", "70", *words]) == 0  # Of other trainings.
    assert len(rows) == 3


def test_a_row_is_a_training_with_one_fault(monkeypatch):
    small = changed(faults.SMALL, width=16, heads=2, batch_size=8, held_out=10, mode="eager", jit_compile=False)
    monkeypatch.setattr(faults, "SMALL", small)
    monkeypatch.setattr(faults, "CHECK_EVERY", 1)
    row = faults.trained(("all", 1))
    # A step from its start the network has one answer for all grids, and its check passes.
    assert (row["unused_from"], row["old_check"]) == (1, "PASS") and row["input_sensitivity"] == pytest.approx(0, abs=0.05)
