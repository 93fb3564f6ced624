import json

import pytest

from collatz import __main__ as commands
from collatz.bounds import frontier
from collatz.measure import floors
from collatz.numbers.evalset import make_evaluation_set


@pytest.fixture
def words(tmp_path, monkeypatch):
    """The command on a small set, with few large numbers."""
    monkeypatch.setattr(floors, "LARGE_ROWS", 2000)
    floors.at_large.cache_clear()
    path = tmp_path / "small.csv"
    make_evaluation_set(path, samples=200)
    yield ["floors", "--lookahead", "6", "--eval-csv", str(path)]
    floors.at_large.cache_clear()


def test_one_json_object_and_nothing_else(words, capsys):
    assert commands.main([*words, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["project"], report["lookahead"]) == ("collatz", 6)
    assert set(report["closed_forms"]) == set(floors.functions(6))
    assert all(set(floors.HEADINGS) <= set(numbers) for numbers in report["closed_forms"].values())
    # ln n rises exactly on growth steps.
    assert report["closed_forms"]["ln n"]["growth_pass"] == 0 and report["closed_forms"]["ln n"]["violations"] == 255
    assert report["bounds"] == frontier.bounds(6)
    assert set(report["measured"]) == {"clock", "window maximum"}
    assert set(report["measured"]["clock"]) == {frontier.VIOLATIONS, *frontier.UNSAFE}
    # The window maximum is of the kind that the first bound is about.
    assert report["measured"]["window maximum"][frontier.VIOLATIONS] > report["bounds"][frontier.VIOLATIONS]


def test_the_table(words, capsys):
    assert commands.main(words) == 0
    printed = capsys.readouterr().out
    assert all(f"| {name} | " in printed for name in floors.functions(6))
    assert all(f"| {what} | " in printed for what in frontier.bounds(6)) and "| clock, over the bound |" in printed
