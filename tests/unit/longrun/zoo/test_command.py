"""`python -m longrun zoo`: what it takes, what it keeps."""

import json

import pytest

from longrun.__main__ import main
from longrun.zoo import command
from tests.unit.longrun.zoo.test_tally import RIGHT, record


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seeds", "0"], "seeds must be at least 1, not 0"),
        (["--first", "-1"], "first is between 0 and 1000000, not -1"),
        (["--only", "shufled labels"], "unknown kind 'shufled labels' (did you mean shuffled labels?)"),
        (["--workers", "0"], "workers must be at least 1, not 0"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, capsys, words, said):
    assert main(["zoo", "--run", str(tmp_path), *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"longrun zoo: {said}") and error.count("\n") == 1


@pytest.fixture
def trained(monkeypatch):
    """Tasks that were trained; nothing is."""
    tasks = []

    def train(group):
        tasks.extend(group)
        return [record(name, sick, seed, [RIGHT] if sick else []) for name, sick, seed in group]

    monkeypatch.setattr(command, "trained", train)
    monkeypatch.setattr(command, "measured_cost", lambda: {"share": 0.01, "said": "All guards cost 1 %."})
    return tasks


def test_what_is_done_is_not_done_again(tmp_path, capsys, trained):
    words = ["zoo", "--run", str(tmp_path), "--only", "shuffled labels", "--seeds"]
    assert main([*words, "1"]) == 0
    assert set(trained) == {("shuffled labels", True, 0), ("shuffled labels", False, 0)}
    assert main([*words, "2"]) == 0
    assert set(trained[2:]) == {("shuffled labels", True, 1), ("shuffled labels", False, 1)}
    assert "2 of 2" in capsys.readouterr().out
    assert (tmp_path / "ZOO.md").read_text().endswith("All guards cost 1 %.\n")


def test_healthy_twins_alone(tmp_path, capsys, trained):
    assert main(["zoo", "--run", str(tmp_path), "--only", "shuffled labels", "--seeds", "2", "--first", "10", "--healthy"]) == 0
    assert trained == [("shuffled labels", False, 10), ("shuffled labels", False, 11)]
    page = capsys.readouterr().out
    assert "False alarms: 0 of 2 healthy runs" in page and "Sick runs" not in page


def test_twins_of_one_training_come_after_one_another(tmp_path, trained):
    """They are compiled once; the table keeps the order of the kinds."""
    names = ["constant labels", "answer as context", "shared cases", "leaked label"]
    assert main(["zoo", "--run", str(tmp_path), "--only", *names, "--seeds", "1", "--healthy"]) == 0
    assert [name for name, _, _ in trained] == ["constant labels", "leaked label", "shared cases", "answer as context"]
    rows = json.loads((tmp_path / "zoo.json").read_text())["rows"]
    assert [row["kind"] for row in rows] == ["constant labels", "leaked label", "answer as context", "shared cases"]


def test_json_is_one_object(tmp_path, capsys, trained):
    assert main(["zoo", "--run", str(tmp_path), "--only", "shuffled labels", "--seeds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["right"], found["false_alarms"], found["cost"]["share"]) == (1, 0, 0.01)
    assert json.loads((tmp_path / "zoo.json").read_text()) == found
