"""The command `train`: presets, flags of a configuration, where a run lies, what is printed."""

import json
import sys
from pathlib import Path

import pytest

from longrun import Lock, UserError
from longrun.cli.main import main
from longrun.cli.training import Training, preset_of, run_folder

SOURCE = '''
from dataclasses import dataclass
from typing import ClassVar, Literal

from longrun.config import RunSettings, Settings


@dataclass(frozen=True)
class ModelSettings(Settings):
    width: int = 8
    """Channels."""
    head: Literal["plain", "gated"] = "plain"
    """Its kind."""


@dataclass(frozen=True)
class Config(Settings):
    PROJECT: ClassVar[str] = "beads"
    TRAINED_BY: ClassVar[str] = "beads_training:train"
    RENAMED: ClassVar[dict[str, str]] = {"epochs": "steps", "channels": "width"}
    model: ModelSettings = ModelSettings()
    run: RunSettings = RunSettings(steps=5, log_every=1, save_every=1, evaluate_every=1)
    halt: bool | None = None
    """Whether."""


def quick():
    """The quick one.

    More about it.
    """
    return Config()


def paper():
    """As published. With much more."""
    return Config(model=ModelSettings(width=64))


PRESETS = {"quick": quick, "paper": paper}
DEFAULT = "quick"
'''
TRAINER = """
from longrun.config import flatten

seen = []


def train(config, folder, preset):
    seen.append((flatten(config), folder, preset))
    print("training")
    return {"project": "beads", "metrics": {"loss": 0.5}, "floors": {}, "counts": {}}
"""


@pytest.fixture
def train(tmp_path, monkeypatch):
    """The command `train`, and what its trainings were asked for."""
    (tmp_path / "beads_presets.py").write_text(SOURCE)
    (tmp_path / "beads_training.py").write_text(TRAINER)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("beads_presets", "beads_training"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*words, command=None):
        return main("beads", {"train": command or Training("beads_presets")}, ["train", *words])

    return run


def asked():
    return sys.modules["beads_training"].seen


@pytest.mark.parametrize(
    ("text", "preset", "changes"),
    [
        ("", "quick", {}),
        ("paper", "paper", {"width": 64}),
        ("paper --width 3 --head gated --no-lock", "paper", {"width": 3, "head": "gated", "lock": False}),
        ("--steps 7 --no-halt", "quick", {"steps": 7, "halt": False}),
        ("quick --epochs 7 --channels=2", "quick", {"steps": 7, "width": 2}),
    ],
)
def test_presets_and_flags(train, text, preset, changes):
    assert train(*text.split()) == 0
    ((values, folder, name),) = asked()
    assert (name, folder) == (preset, Path("checkpoints/beads") / preset)
    defaults = {"width": 8, "head": "plain", "steps": 5, "halt": None, "lock": True, "seed": 0}
    assert values.items() >= (defaults | changes).items()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("quik", "unknown preset 'quik' (did you mean quick?); presets: quick, paper"),
        ("elephant", "unknown preset 'elephant'; presets: quick, paper"),
        ("--step 4", "unknown flag --step (did you mean --steps?)"),
        ("paper extra", "Unrecognized options: extra"),
        ("--steps 0", "steps must be at least 1, not 0"),
        ("--head bald", "head is one of plain, gated, not 'bald'"),
        ("--run", "Missing value for argument '--run'. Expected 1 values."),
        ("--run .", ". is no name of a run"),
        ("--run ..", ".. is no name of a run"),
    ],
)
def test_what_is_wrong_is_one_line_before_anything_is_trained(train, text, line, tmp_path, capsys):
    assert train(*text.split()) == 2
    assert capsys.readouterr().err == f"beads train: {line}\n"
    assert "beads_training" not in sys.modules and list((tmp_path / "here").iterdir()) == []


def test_the_page_shows_presets_and_flags_with_their_sentences(train, capsys):
    with pytest.raises(SystemExit) as caught:
        train("--help")
    assert caught.value.code == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for part in (
        "The flags below show those of quick.",
        "quick: The quick one. paper: As published. ",
        "[OPTIONS] PRESET Train a preset, or go on with the run of that name. ",
        "PRESET Where the flags begin: one of those named above. (default: quick)",
        "--run STR Name of the run folder",
        "--width INT Channels. (default: 8)",
        "--steps INT Training steps. (default: 5)",
        "--head {plain,gated} Its kind.",
        "--lock, --no-lock Keep a second process out of the run folder",
        "--halt Whether. --no-halt The opposite of --halt.",
    ):
        assert part in text
    with pytest.raises(SystemExit):
        train("paper", "--help")
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "As published. With much more." in text and "--width INT Channels. (default: 64)" in text


def test_the_result_is_printed_as_a_table_or_as_one_object(train, capsys):
    assert train() == 0
    said = capsys.readouterr()
    assert said.out.startswith("training\n\n| metric | score |") and "| loss | 0.5 |" in said.out
    assert said.out.endswith("run folder checkpoints/beads/quick; TensorBoard: ./shell/tensorboard.sh\n")
    assert train("--json") == 0
    said = capsys.readouterr()
    assert (json.loads(said.out)["metrics"], said.err) == ({"loss": 0.5}, "training\n")


def test_a_run_is_a_name_or_a_path(train):
    for words in (["--run", "best"], ["--run", "./best"], ["--run", "/elsewhere/best"], ["--run="]):
        train(*words)
    folders = [folder for _, folder, _ in asked()]
    assert folders == [Path("checkpoints/beads/best"), Path("best"), Path("/elsewhere/best"), Path("checkpoints/beads/quick")]


def test_a_command_may_train_one_preset_only(train):
    assert train("--steps", "2", command=Training("beads_presets", only="paper", always=("--width", "5"))) == 0
    ((values, folder, preset),) = asked()
    assert (values["width"], values["steps"], folder, preset) == (5, 2, Path("checkpoints/beads/paper"), "paper")


def test_further_options_stand_beside_those_of_the_configuration(train):
    from longrun.cli.flags import REQUIRED, Flag

    options = [Flag("count", int, REQUIRED, positional=True), Flag("workers", int, 1)]
    preset, config, chosen = Training("beads_presets").read(["paper", "3", "--workers", "2", "--steps", "4"], "p", options)
    assert (preset, config.run.steps, chosen) == ("paper", 4, {"count": 3, "workers": 2})


# Afresh.


def old_run(content="old"):
    folder = Path("checkpoints/beads/quick")
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "config.json").write_text('{"project": "beads"}')
    (folder / "weights").write_text(content)
    return folder


def test_afresh_means_moved_aside(train, capsys):
    folder = old_run()
    assert train("--fresh") == 0
    assert (folder.with_name("quick.1") / "weights").read_text() == "old" and not folder.exists()
    assert "the earlier run is kept in checkpoints/beads/quick.1\n" in capsys.readouterr().err


def test_a_live_run_is_not_moved(train, capsys):
    folder = old_run()
    with Lock(folder):
        assert train("--fresh") == 2
    assert capsys.readouterr().err == f"beads train: another process is training in {folder}\n"
    assert (folder / "weights").exists() and "beads_training" not in sys.modules
    with Lock(folder):  # Where there are no locks, nothing keeps it.
        assert train("--fresh", "--no-lock") == 0
    assert (folder.with_name("quick.1") / "weights").exists()


def test_what_is_no_run_is_not_moved(train, capsys):
    Path("photos").mkdir()
    Path("photos/cat.jpg").write_text("")
    assert train("--fresh", "--run", "./photos") == 2
    assert "holds no run" in capsys.readouterr().err and Path("photos/cat.jpg").exists()
    for run in ("./", "../here", "../"):
        assert train("--fresh", "--run", run) == 2
        assert "where this command runs, or above it" in capsys.readouterr().err


def test_a_preset_is_found_by_its_name():
    assert preset_of({"a": lambda: 3}, "a") == 3
    with pytest.raises(UserError, match="^unknown preset 'b'; presets: a$"):
        preset_of({"a": lambda: 3}, "b")


def test_a_configuration_may_keep_its_runs_elsewhere_unless_they_have_a_name():
    class Config:
        PROJECT, RUNS = "beads", "checkpoints/beads/classic"

    assert run_folder(Config, "quick") == Path("checkpoints/beads/classic/quick")
    assert run_folder(Config, "quick", "mine") == Path("checkpoints/beads/mine")
