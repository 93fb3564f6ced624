import sys
import types
from dataclasses import dataclass
from typing import ClassVar

import pytest

from longrun import RunSettings, Settings
from longrun.cli.flags import words_of
from longrun.cli.main import main
from longrun.cli.seeds import Seeds
from longrun.run import repeat


@dataclass(frozen=True)
class Config(Settings):
    """Two numbers and a word."""

    PROJECT: ClassVar[str] = "beads"
    TRAINED_BY: ClassVar[str] = "beads.training:train"
    RENAMED: ClassVar[dict[str, str]] = {"epochs": "steps"}
    shift: int = 0
    """How far."""
    warm: bool = True
    """Whether."""
    run: RunSettings = RunSettings()


def plain():
    """The plain one."""
    return Config()


@pytest.fixture
def seeds(monkeypatch):
    """The command, of which every training ends at once; (what it was asked for, the command)."""
    asked = []
    module = types.ModuleType("beads")
    module.PRESETS, module.DEFAULT = {"plain": plain}, "plain"
    module.rows = lambda preset, finished: print(preset, [each.training.folder.name for each in finished]) or 0
    monkeypatch.setitem(sys.modules, "beads", module)
    monkeypatch.setattr(repeat, "call", lambda command, output: asked.append(command) or 3)
    return asked, {"seeds": Seeds("beads", "beads:rows")}


def test_every_seed_gets_what_differs_from_the_preset(seeds, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    asked, commands = seeds
    assert main("beads", commands, ["seeds", "plain", "2", "--epochs", "5", "--no-warm", "--shift=-3", "--workers", "1"]) == 0
    assert capsys.readouterr().out == "plain ['plain-seed-0', 'plain-seed-1']\n"
    assert [words[2:5] + words[7:] for words in asked] == [
        ["beads", "train", "plain", "--seed", str(seed), "--shift=-3", "--no-warm", "--steps", "5"] for seed in (0, 1)
    ]
    assert asked[1][6] == f"{tmp_path}/checkpoints/beads/plain-seed-1/"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["plain"], "usage: seeds PRESET COUNT"),
        (["plain", "0"], "usage: seeds PRESET COUNT"),
        (["plain", "two"], "usage: seeds PRESET COUNT"),
        (["plan", "2"], "unknown preset 'plan' (did you mean plain?)"),
        (["plain", "2", "--shfit", "3"], "unknown flag --shfit (did you mean --shift?)"),
        (["plain", "2", "--seed", "4"], "--seed is chosen by the table over seeds"),
        (["plain", "2", "--steps", "0"], "steps must be at least 1"),
        (["plain", "2", "--workers", "0"], "workers must be at least 1"),
    ],
)
def test_what_none_could_start_with_is_one_line(seeds, words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked, commands = seeds
    assert main("beads", commands, ["seeds", *words]) == 2
    assert message in capsys.readouterr().err and not asked


def test_the_page_names_what_must_be_given(seeds, capsys):
    _, commands = seeds
    with pytest.raises(SystemExit):
        main("beads", commands, ["seeds", "--help"])
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for part in ("[OPTIONS] PRESET COUNT Train a preset from several seeds", "PRESET Where the flags begin", "COUNT Seeds 0 to COUNT - 1."):
        assert part in text


def test_words_make_the_values_again():
    before = {"steps": 3, "warm": False, "sizes": (1,), "name": "", "limit": None}
    values = {"steps": 3, "warm": True, "sizes": (4, 5), "name": "--odd", "limit": 2}
    assert words_of(values, before) == ("--warm", "--sizes", "4", "5", "--name=--odd", "--limit", "2")
    assert words_of(before, values) == ("--no-warm", "--sizes", "1", "--name", "", "--limit", "None")
