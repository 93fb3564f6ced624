"""What a command takes, read from the source of its function."""

import ast
import textwrap
from pathlib import Path
from typing import Literal

import pytest

from longrun.cli.flags import REQUIRED
from longrun.cli.signature import first_sentence, read, split_docstring

SOURCE = '''
"""A module that may not be imported."""
import something_that_is_not_there

LIMIT = 1000
raise RuntimeError("imported")


def verify(checkpoint: str, folder: str = "", /, *, up_to: int = LIMIT, mode: Literal["fast", "sure"] = "sure",
           rate: float = -0.5, sizes: tuple[int, ...] = (1, 2), halt: bool | None = None, where: Path = None, plain=3):
    """Check a trained V, e.g. quick's. Slowly.

    Reads nothing else: trust it.

    checkpoint: A run folder, a checkpoint in it,
        or released weights.
    up_to, rate: The limits.
    mode: How.

    Raises UserError for a file that is none.

    Example:
        python -m collatz verify RUN
    """
'''


@pytest.fixture
def command(tmp_path, monkeypatch):
    (tmp_path / "somewhere_else.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    return read("somewhere_else:verify")


def test_names_types_and_defaults_are_read_without_an_import(command):
    found = {flag.name: (flag.kind, flag.default, flag.positional) for flag in command.flags}
    assert found == {
        "checkpoint": (str, REQUIRED, True),
        "folder": (str, "", True),
        "up_to": (int, 1000, False),
        "mode": (Literal["fast", "sure"], "sure", False),
        "rate": (float, -0.5, False),
        "sizes": (tuple[int, ...], (1, 2), False),
        "halt": (bool | None, None, False),
        "where": (Path, None, False),
        "plain": (str, 3, False),
    }


def test_each_parameter_has_its_sentence_and_the_rest_is_the_description(command):
    helps = {flag.name: flag.help for flag in command.flags}
    assert helps["checkpoint"] == "A run folder, a checkpoint in it, or released weights."
    assert helps["up_to"] == helps["rate"] == "The limits."
    assert (helps["mode"], helps["sizes"]) == ("How.", "")
    assert command.description == (
        "Check a trained V, e.g. quick's. Slowly.\n\nReads nothing else: trust it.\n\nExample:\n    python -m collatz verify RUN"
    )
    assert command.sentence == "Check a trained V, e.g. quick's."


def test_the_function_is_imported_when_it_is_called(command):
    with pytest.raises(ModuleNotFoundError, match="something_that_is_not_there"):
        command.function()


@pytest.mark.parametrize("target", ["no_such_module_at_all:f", "longrun.words:no_such_function"])
def test_a_target_that_leads_nowhere_is_a_bug(target):
    with pytest.raises(LookupError, match="no (module no_such_module_at_all|function no_such_function in longrun.words)"):
        read(target)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ("No stop", "No stop"),
        ("e.g. this one. Then.", "e.g. this one."),
        ("Of 3.5 million numbers. Then.", "Of 3.5 million numbers."),
        ("Over\ntwo lines. Then.", "Over two lines."),
        ("First paragraph\n\nSecond.", "First paragraph"),
    ],
)
def test_the_first_sentence(text, sentence):
    assert first_sentence(text) == sentence


def test_a_line_that_only_looks_like_a_parameter_stays():
    assert split_docstring("Note: this one.\n\npath: A file.", ["path"]) == ("Note: this one.", {"path": "A file."})


def test_the_made_up_source_is_python():
    ast.parse(textwrap.dedent(SOURCE))
