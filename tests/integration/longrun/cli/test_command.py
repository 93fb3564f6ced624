"""The command line: presets, flags, and one line and an exit code for each failure."""

import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from longrun import Finding, RetraceError, Unhealthy, UserError
from longrun.cli import command
from longrun.run.run import Interrupted


@dataclass(frozen=True)
class Config:
    """A configuration with every kind of field."""

    steps: int = 3
    learning_rate: float = 0.1
    warp: bool = False
    images: str = ""
    mode: Literal["graph", "eager"] = "graph"
    sizes: tuple[int, ...] = (1, 2)
    limit: int | None = None

    def __post_init__(self):
        if self.steps < 0:
            raise ValueError(f"steps is {self.steps}, it must be at least 0")


def quick():
    """The quick one.

    More about it.
    """
    return Config(steps=5)


def paper():
    """As published."""
    return Config(steps=1000, warp=True)


PRESETS = {"quick": quick, "paper": paper}


def configure(text):
    return command.configure(PRESETS, "quick", text.split(), program="python -m project train")


@pytest.mark.parametrize(
    ("text", "preset", "expected"),
    [
        ("", "quick", Config(steps=5)),
        ("paper", "paper", Config(steps=1000, warp=True)),
        ("paper --no-warp --steps 7", "paper", Config(steps=7)),
        ("--warp", "quick", Config(steps=5, warp=True)),
        ("--learning-rate 1e-3", "quick", Config(steps=5, learning_rate=0.001)),
        ("--learning_rate=0.5", "quick", Config(steps=5, learning_rate=0.5)),
        ("--learning-rate -1", "quick", Config(steps=5, learning_rate=-1.0)),
        ("--images=--odd", "quick", Config(steps=5, images="--odd")),
        ("--images -5", "quick", Config(steps=5, images="-5")),
        ("--mode eager --sizes 3 4 5 --limit 2", "quick", Config(steps=5, mode="eager", sizes=(3, 4, 5), limit=2)),
        ("--limit None", "quick", Config(steps=5)),
    ],
)
def test_presets_and_flags(text, preset, expected):
    assert configure(text) == (preset, expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quik", "unknown preset 'quik' (did you mean quick?); presets: quick, paper"),
        ("elephant", "unknown preset 'elephant'; presets: quick, paper"),
        ("--step 4", "unknown flag --step (did you mean --steps?)"),
        ("paper --learning-rat=4", "unknown flag --learning-rat (did you mean --learning-rate?)"),
        ("--qqqqqqqq", "unknown flag --qqqqqqqq"),
        ("--steps many", "Error parsing --steps: invalid literal for int() with base 10: 'many'"),
        ("--steps 1.5", "Error parsing --steps: invalid literal for int() with base 10: '1.5'"),
        ("--steps", "Missing value for argument '--steps'. Expected 1 values."),
        ("--mode fast", "invalid choice 'fast' for argument '--mode'. Expected one of ('graph', 'eager')."),
        ("paper extra", "Unrecognized options: extra"),
        ("--warp true", "Unrecognized options: true"),
        ("--steps -1", "Error parsing Config: steps is -1, it must be at least 0"),
    ],
)
def test_bad_flags_are_one_line(text, message):
    with pytest.raises(UserError) as caught:
        configure(text)
    assert str(caught.value) == message


def test_a_narrow_terminal_does_not_cut_the_message(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    with pytest.raises(UserError, match=r"^Error parsing --steps: invalid literal for int\(\) with base 10: 'many'$"):
        configure("--steps many")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_shows_presets_and_flags(flag, capsys):
    with pytest.raises(SystemExit) as caught:
        configure(flag)
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "presets: quick: The quick one.; paper: As published." in " ".join(text.split())
    assert "--learning-rate FLOAT" in text
    assert "--warp, --no-warp" in text


# Functions as commands.


def evaluate(checkpoint: str, /, *, count: int = 2, as_json: bool = False):
    return checkpoint, count, as_json


def test_a_function_gets_its_arguments():
    assert command.call(evaluate, ["run/1"], program="p") == ("run/1", 2, False)
    assert command.call(evaluate, ["--count", "-3", "run/1", "--as-json"], program="p") == ("run/1", -3, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Missing from p: STR checkpoint (required)"),
        ("run --cout 3", "unknown flag --cout (did you mean --count?)"),
        ("run --count x", "Error parsing --count: invalid literal for int() with base 10: 'x'"),
        ("run other", "Unrecognized options: other"),
    ],
)
def test_bad_arguments_of_a_function_are_one_line(text, message):
    with pytest.raises(UserError) as caught:
        command.call(evaluate, text.split(), program="p")
    assert str(caught.value) == message


def test_an_error_inside_a_function_is_its_own(capsys):
    def failing(checkpoint: str, /):
        print("working", file=__import__("sys").stderr)
        raise ValueError(f"{checkpoint} is not what it seems")

    with pytest.raises(ValueError, match="^run is not what it seems$") as caught:
        command.call(failing, ["run"], program="p")
    assert type(caught.value) is ValueError
    assert capsys.readouterr().err == "working\n"


# What every train command has.


def test_run_options_are_taken_out():
    options, rest = command.run_options(["paper", "--run", "best", "--steps", "3", "--fresh", "--json"])
    assert (options, rest) == (command.RunOptions("best", True, True), ["paper", "--steps", "3"])
    assert command.run_options(["--runs=3"]) == (command.RunOptions(), ["--runs=3"])


def test_a_run_is_a_name_or_a_path():
    runs = Path("checkpoints/project")
    assert command.RunOptions().folder(runs, "quick") == runs / "quick"
    assert command.RunOptions(run="best").folder(runs, "quick") == runs / "best"
    assert command.RunOptions(run="./best").folder(runs, "quick") == Path("best")


def test_a_run_without_a_name_is_refused():
    with pytest.raises(UserError, match="^--run: expected one argument$"):
        command.run_options(["--run"])


# Exit codes.


HERE = __name__.split(".")[0]  # The package that this module counts as.


def run(action, *arguments, packages=(), project=HERE):
    return command.main(project, {"train": action}, ["train", *arguments], packages)


def raising(error):
    def action(arguments):
        raise error

    return action


def test_a_command_gets_the_rest_of_the_line():
    seen = []
    assert run(seen.append, "quick", "--steps", "3") == 0
    assert seen == [["quick", "--steps", "3"]]
    assert run(lambda arguments: 1) == 1


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ValueError("the grid is\n ragged"), 2, "train: the grid is ragged\n"),
        (UserError("colour 12"), 2, "train: colour 12\n"),
        (FileNotFoundError(2, "No such file or directory", "photos"), 2, "train: [Errno 2] No such file or directory: 'photos'\n"),
        (OSError(), 2, "train: OSError\n"),
        (Interrupted(15, 40), 143, "stopped by SIGTERM at step 40; the same command goes on from there\n"),
        (Interrupted(2, 40), 130, "stopped by SIGINT at step 40; the same command goes on from there\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_every_failure_has_its_line_and_exit_code(error, code, message, capsys):
    assert run(raising(error)) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.removeprefix(f"{HERE} ") == message


def test_a_sick_run_leaves_the_table(capsys):
    finding = Finding("residual collapse", 400, "residual_rms", 0.001, 0.0078, "the image loss outweighs the message")
    assert run(raising(Unhealthy([finding]))) == 3
    assert capsys.readouterr().err == (
        "stopped by a health guard:\n| guard | step | quantity | value | limit | cause |\n|---|---|---|---|---|---|\n"
        "| residual collapse | 400 | residual_rms | 0.001 | 0.0078 | the image loss outweighs the message |\n"
    )


def test_a_retrace_is_a_sick_run(capsys):
    assert run(raising(RetraceError("train_step would retrace (limit 1): batch['x']: (4,) float32 -> (2,) float32", 2, 1))) == 3
    assert "| retrace | - | traces | 2 | 1 | train_step would retrace (limit 1): batch['x']" in capsys.readouterr().err


def test_a_value_error_of_a_library_keeps_its_traceback(capsys):
    with pytest.raises(ValueError, match="cannot be broadcast"):
        run(lambda arguments: np.broadcast_arrays(np.ones(2), np.ones(3)))
    assert capsys.readouterr().err == ""


def test_a_value_error_of_a_named_package_is_a_line():
    def action(arguments):
        int("no number")  # Raised in C: the innermost frame is this one.

    assert run(action, project="other", packages=(HERE,)) == 2
    with pytest.raises(ValueError, match="no number"):
        run(action, project="other")


def test_an_unknown_command_names_the_nearest(capsys):
    assert command.main("project", {"train": len, "evaluate": len}, ["trian"]) == 2
    assert capsys.readouterr().err == "project trian: unknown command 'trian' (did you mean train?); commands: train, evaluate\n"


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0), (["-h"], 0)])
def test_without_a_command_there_is_help(arguments, code, capsys):
    assert command.main("project", {"train": len, "evaluate": len}, arguments) == code
    assert capsys.readouterr().out == "usage: python -m project COMMAND ...\ncommands: train, evaluate\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_error_is_taken_out_of_its_frame_whatever_stdout_can_show(encoding, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    with pytest.raises(UserError) as raised:
        configure("--steps many")
    assert "--steps" in str(raised.value) and "many" in str(raised.value)
    assert not set(str(raised.value)) & set("─│╭╰") and "---" not in str(raised.value) and "helptext" not in str(raised.value)


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_leaves_ends_a_command_without_a_word(lines):
    code = f"import sys; from longrun import command; sys.exit(command.main('x', {{'say': lambda _: print('line\\n' * {lines})}}, ['say']))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as talker:
        talker.stdout.close()
        errors = talker.stderr.read()
    assert talker.returncode == 141
    assert not [line for line in errors.splitlines() if "Broken" in line or "x say" in line]
