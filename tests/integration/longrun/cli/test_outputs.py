"""Every command that writes what a person names finds out before the work that it cannot be written."""

import importlib

import pytest

from longrun.cli.signature import read
from tests.places import ROOT

PROJECTS = sorted(path.parent.name for path in ROOT.glob("*/__main__.py"))
FILES = {
    "stegastamp encode": ["{photo}", "{place}.png", "--message", "Hi"],
    "stegastamp detect": ["{photo}", "--annotated", "{place}.png"],
    "stegastamp key": ["{place}"],
    "stegastamp evaluate-detector": ["nowhere", "--sheet", "{place}.png"],
    "collatz make-eval": ["--output", "{place}.csv"],
    "arc skills": ["--export", "{place}.json"],
    "arc submit": ["nowhere", "nowhere", "--output", "{place}.json"],
    "arc solve": ["nowhere", "--output", "{place}.json", "--run", "{run}"],
    "arc report": ["{run}", "--output", "{place}.html"],
    "hrm solve": ["nowhere", "--picture", "{place}.png"],
    "hrm puzzles": ["{place}.csv"],
    "hrm submit": ["nowhere", "{place}.json"],
    "stegastamp export": ["nowhere", "{place}"],
    "stegastamp export-detector": ["nowhere", "{place}"],
    "stegastamp web": ["{place}"],
    "collatz verify": ["nowhere", "--up-to", "9", "--folder", "{place}"],
    "collatz table": ["--steps", "2000", "--folder", "{place}"],
    "hrm faults": ["--folder", "{place}"],
    "hrm import": ["nowhere", "{place}"],
    "hrm export": ["nowhere", "{place}"],
}
ELSEWHERE = {
    "stegastamp evaluate": "a report is measured of a network, which is loaded first",
    "stegastamp bench": "its pictures are a switch",
    "collatz analyze": "where it writes is told by what it has loaded",
    **dict.fromkeys(("stegastamp release", "stegastamp release-detector", "collatz release", "arc release", "hrm release"), "publish"),
}
NAMES = ("output", "folder", "report", "export", "picture", "sheet", "annotated", "file")


def test_no_command_is_forgotten():
    found = set()
    for project in PROJECTS:
        for name, command in importlib.import_module(f"{project}.__main__").COMMANDS.items():
            if isinstance(command, str) and any(flag.name.rstrip("s") in NAMES for flag in read(command).flags):
                found.add(f"{project} {name}")
    assert found == FILES.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("command", FILES)
def test_where_nothing_can_be_written_is_told_before_the_work(command, tmp_path, capsys):
    """Below a file, where there can be no folder; nothing else that was named exists."""
    project, name = command.split()
    (tmp_path / "file").write_text("")
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "photo.png").write_text("")
    place = tmp_path / "file" / "place"
    words = [word.format(place=place, photo=tmp_path / "photo.png", run=tmp_path / "run") for word in FILES[command]]
    assert importlib.import_module(f"{project}.__main__").main([name, *words]) == 2
    printed, errors = capsys.readouterr()
    assert errors.startswith(f"{command}: cannot write {place}") and errors.count("\n") == 1 and printed == ""
    assert (tmp_path / "file").read_text() == ""
