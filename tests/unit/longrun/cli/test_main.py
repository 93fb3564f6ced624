"""The command line of a project: its table, its pages, and one line and an exit code for each failure."""

import signal
import sys

import numpy as np
import pytest

from longrun import Finding, Interrupted, RetraceError, Unhealthy, UserError
from longrun.cli.main import main
from longrun.run import signals

SOURCE = '''
"""Commands of a project."""

import json as json_format


def show(name: str, /, *, steps: int = 3, halt: bool | None = None, json: bool = False) -> None:
    """Show what was said. More about it.

    name: Whose.
    steps: How many.
    halt: Whether.
    json: As JSON.
    """
    print(json_format.dumps([name, steps, halt, json]))


def find(name: str = "") -> int:
    """Find nothing."""
    return 1


def make(name: str = "") -> dict:
    """Make something that other callers use."""
    return {"name": name}


def fail(kind: str, /) -> None:
    """Raise something."""
    raise {"ValueError": ValueError, "KeyError": KeyError, "TypeError": TypeError}[kind]("a bug")
'''


class Action:
    """A command that is a callable of its own."""

    sentence = "Do it."

    def __init__(self, event):
        self.event, self.seen = event, []

    def __call__(self, arguments, program):
        self.seen.append((arguments, program))
        return self.event() if callable(self.event) else self.event


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "shown.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shown", raising=False)
    commands = {name: f"shown:{name}" for name in ("show", "find", "make", "fail")}
    return lambda *words, **more: main("toy", {**commands, **more}, list(words))


def raising(error):
    def event():
        raise error

    return Action(event)


# The table.


def test_a_command_is_a_function_of_its_words(project, capsys):
    assert project("show", "x", "--steps", "5", "--no-halt", "--json") == 0
    assert capsys.readouterr().out == '["x", 5, false, true]\n'
    assert project("find") == 1
    # What a function gives to its other callers is no exit code.
    assert project("make", "--name", "a") == 0


def test_a_command_may_be_any_callable(project):
    action = Action(4)
    assert project("act", "quick", "--steps", "3", act=action) == 4
    assert action.seen == [(["quick", "--steps", "3"], "python -m toy act")]
    assert project("act", act=Action(None)) == 0


def test_an_unknown_command_names_the_nearest(project, capsys):
    assert project("shwo") == 2
    line = "toy shwo: unknown command 'shwo' (did you mean show?); commands: show, find, make, fail\n"
    assert capsys.readouterr().err == line


@pytest.mark.parametrize(("words", "code"), [([], 2), (["--help"], 0), (["-h"], 0)])
def test_without_a_command_there_is_a_page_of_them(project, words, code, capsys):
    assert project(*words, act=Action(0)) == code
    assert capsys.readouterr().out == (
        "usage: python -m toy COMMAND ...\n\n"
        "  show  Show what was said.\n  find  Find nothing.\n  make  Make something that other callers use.\n"
        "  fail  Raise something.\n  act   Do it.\n\n"
        "python -m toy COMMAND --help shows a command's flags; --debug shows the traceback of an error.\n"
    )
    assert "shown" not in sys.modules


def test_the_page_of_a_command_imports_nothing(project, capsys):
    with pytest.raises(SystemExit) as caught:
        project("show", "--help")
    assert caught.value.code == 0 and "shown" not in sys.modules
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert text.startswith("usage: python -m toy show [-h] ") and " Show what was said. More about it. " in text
    assert "NAME Whose. (required)" in text and "--steps INT How many. (default: 3)" in text and "--halt Whether." in text


# Failures.


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (UserError("the grid is\n ragged"), 2, "toy act: the grid is ragged\n"),
        (FileNotFoundError(2, "No such file or directory", "photos"), 2, "toy act: [Errno 2] No such file or directory: 'photos'\n"),
        (OSError(), 2, "toy act: OSError\n"),
        (Interrupted(15, 40), 143, "stopped by SIGTERM at step 40; the same command goes on from there\n"),
        (Interrupted(2, "puzzle 3"), 130, "stopped by SIGINT at puzzle 3; the same command goes on from there\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_every_failure_has_its_line_and_its_exit_code(project, error, code, message, capsys):
    assert project("act", act=raising(error)) == code
    assert capsys.readouterr() == ("", message)


def test_a_sick_run_leaves_the_table(project, capsys):
    finding = Finding("residual collapse", 400, "residual_rms", 0.001, 0.0078, "the image loss outweighs the message")
    assert project("act", act=raising(Unhealthy([finding]))) == 3
    assert capsys.readouterr().err == (
        "stopped by a health guard:\n| guard | step | quantity | value | limit | cause |\n|---|---|---|---|---|---|\n"
        "| residual collapse | 400 | residual_rms | 0.001 | 0.0078 | the image loss outweighs the message |\n"
    )


def test_a_retrace_is_a_sick_run(project, capsys):
    assert project("act", act=raising(RetraceError("train_step would retrace (limit 1): batch['x']: (4,) -> (2,)", 2, 1))) == 3
    assert "| retrace | - | traces | 2 | 1 | train_step would retrace (limit 1): batch['x']" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["ValueError", "KeyError", "TypeError"])
def test_a_bug_goes_through_whatever_its_type(project, kind, capsys):
    with pytest.raises(Exception, match="a bug") as caught:
        project("fail", kind)
    assert type(caught.value).__name__ == kind
    assert capsys.readouterr() == ("", "")


def test_so_does_an_error_of_a_library(project):
    with pytest.raises(ValueError, match="cannot be broadcast"):
        project("act", act=Action(lambda: np.broadcast_arrays(np.ones(2), np.ones(3))))


@pytest.mark.parametrize("words", [["act", "--debug"], ["--debug", "act"]])
def test_a_users_error_has_a_traceback_where_it_is_asked_for(project, words, capsys):
    action = raising(UserError("colour 12"))
    assert project(*words, act=action) == 2
    *traceback, last = capsys.readouterr().err.splitlines()
    assert traceback[0] == "Traceback (most recent call last):" and "UserError: colour 12" in traceback[-1]
    assert last == "toy act: colour 12"
    assert action.seen == [([], "python -m toy act")]


def test_a_name_after_two_dashes_is_no_flag(project, capsys):
    assert project("show", "--", "--debug") == 0
    assert capsys.readouterr().out.startswith('["--debug", 3')


def test_a_signal_ends_any_command(project, capsys):
    """Of which nothing is saved, so that it ends at once."""
    before = signal.getsignal(signal.SIGTERM)
    assert project("act", act=Action(lambda: signal.raise_signal(signal.SIGTERM))) == 143
    assert capsys.readouterr().err == "stopped by SIGTERM at toy act; the same command goes on from there\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_is_caught_as_an_error_is_no_signal(project, capsys):
    def deaf():
        try:
            signal.raise_signal(signal.SIGINT)
        except Exception:
            return 0

    assert project("act", act=Action(deaf)) == 130
    assert signals.Interrupted.__mro__[1] is BaseException
