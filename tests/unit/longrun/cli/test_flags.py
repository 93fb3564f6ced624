"""Words of a command line into values: every kind of flag, and one line for what is wrong."""

import io
import sys
from typing import Literal

import hypothesis
import pytest
from hypothesis import strategies as st

from longrun import UserError
from longrun.cli import flags
from longrun.cli.flags import REQUIRED, Flag, parse

FLAGS = [
    Flag("path", str, REQUIRED, "A picture.", positional=True),
    Flag("message", str, "", "What to hide."),
    Flag("steps", int, 3, "How many."),
    Flag("learning_rate", float, 0.1),
    Flag("warp", bool, False),
    Flag("lock", bool, True),
    Flag("halt", bool | None, None),
    Flag("mode", Literal["graph", "eager"], "graph"),
    Flag("sizes", tuple[int, ...], (1, 2)),
    Flag("limit", int | None, None),
]
DEFAULTS = {flag.name: flag.default for flag in FLAGS} | {"path": "x"}
ALIASES = {"epochs": "steps", "bend": "warp", "stop": "halt"}


def values(text):
    return parse(FLAGS, text.split(), program="p", description="Does something.", aliases=ALIASES)


def refusal(text, flags=FLAGS):
    with pytest.raises(UserError) as caught:
        parse(flags, text.split(), program="p", aliases=ALIASES)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("x", {}),
        ("--steps 7 x --warp", {"steps": 7, "warp": True}),
        ("x --no-lock --no-warp", {"lock": False}),
        ("x --learning-rate 1e-3", {"learning_rate": 0.001}),
        ("x --learning_rate=0.5", {"learning_rate": 0.5}),
        ("x --learning-rate -1 --steps -3", {"learning_rate": -1.0, "steps": -3}),
        ("x --learning-rate -inf", {"learning_rate": float("-inf")}),
        ("x --mode eager --sizes 3 4 5 --limit 2", {"mode": "eager", "sizes": (3, 4, 5), "limit": 2}),
        ("x --sizes -3 --limit None", {"sizes": (-3,)}),
        ("x --message= --steps 1 --steps 2", {"steps": 2}),
        # A switch with three states, as it is written now and as it had to be written before.
        ("x --halt", {"halt": True}),
        ("x --no-halt", {"halt": False}),
        ("x --halt True --warp", {"halt": True, "warp": True}),
        ("x --halt False", {"halt": False}),
        ("x --halt=False", {"halt": False}),
        ("x --halt None", {}),
        ("--halt x", {"halt": True}),
        # Values and names that begin with a dash.
        ("x --message -x", {"message": "-x"}),
        ("x --message -steps --warp", {"message": "-steps", "warp": True}),
        ("x --message=--odd", {"message": "--odd"}),
        ("x --message -5", {"message": "-5"}),
        ("- --message -", {"path": "-", "message": "-"}),
        ("-- -dash.jpg", {"path": "-dash.jpg"}),
        ("--steps 4 -- --steps", {"steps": 4, "path": "--steps"}),
        ("--sizes 3 4 -- x", {"sizes": (3, 4)}),
        ("x --", {}),
        # Old names.
        ("x --epochs 5", {"steps": 5}),
        ("x --epochs=5 --bend --no-stop", {"steps": 5, "warp": True, "halt": False}),
        ("-- --epochs", {"path": "--epochs"}),
    ],
)
def test_words_become_values(text, changes):
    assert values(text) == DEFAULTS | changes


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x --step 4", "unknown flag --step (did you mean --steps?)"),
        ("x --learning-rat=4", "unknown flag --learning-rat (did you mean --learning-rate?)"),
        ("x --learning_rat 4", "unknown flag --learning_rat (did you mean --learning-rate?)"),
        ("x --qqqqqqqq", "unknown flag --qqqqqqqq"),
        ("x --message --odd", "unknown flag --odd (did you mean --mode?)"),
        ("x --steps many", "Error parsing --steps: invalid literal for int() with base 10: 'many'"),
        ("x --steps 1.5", "Error parsing --steps: invalid literal for int() with base 10: '1.5'"),
        ("x --steps -x", "Error parsing --steps: invalid literal for int() with base 10: '-x'"),
        ("x --steps", "Missing value for argument '--steps'. Expected 1 values."),
        ("x --mode fast", "mode is one of graph, eager, not 'fast'"),
        ("x extra", "Unrecognized options: extra"),
        ("x -- extra", "Unrecognized options: extra"),
        ("x --warp true", "Unrecognized options: true"),
        ("x --halt maybe", "Unrecognized options: maybe"),
        ("x --halt --no-halt", "--halt and --no-halt exclude each other"),
        ("-dash.jpg", "unknown flag -dash.jpg; a name that begins with a dash is given after --"),
        ("x -q", "unknown flag -q; a name that begins with a dash is given after --"),
        ("--steps 3", "Missing from p: PATH A picture. (required)"),
    ],
)
def test_what_is_wrong_is_one_line(text, line):
    assert refusal(text) == line


def test_a_narrow_terminal_does_not_cut_the_line(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert refusal("x --steps many") == "Error parsing --steps: invalid literal for int() with base 10: 'many'"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_line_is_taken_out_of_its_frame_whatever_stdout_can_show(encoding, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    line = refusal("x --steps many")
    assert "--steps" in line and "many" in line
    assert not set(line) & set("─│╭╰") and "---" not in line and "helptext" not in line


@pytest.mark.parametrize("flag", ["--help", "-h", "x --steps 4 --help"])
def test_help_shows_flags_with_their_sentences(flag, capsys):
    with pytest.raises(SystemExit) as caught:
        values(flag)
    assert caught.value.code == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert text.startswith("usage: p [-h] [OPTIONS] PATH Does something.")
    for part in (
        "PATH A picture. (required)",
        "--message STR What to hide. (default: '')",
        "--learning-rate FLOAT",
        "--warp, --no-warp",
        "--mode {graph,eager}",
        "--halt --no-halt The opposite of --halt. ",
    ):
        assert part in text


def test_two_positionals_keep_their_order_and_the_last_may_have_a_default():
    flags = [Flag("image", str, REQUIRED, positional=True), Flag("output", str, "out.png", positional=True), Flag("steps", int, 3)]
    assert parse(flags, ["a", "--steps", "2", "b"], program="p") == {"image": "a", "output": "b", "steps": 2}
    assert parse(flags, ["a", "--", "-b"], program="p")["output"] == "-b"
    assert parse(flags, ["a"], program="p")["output"] == "out.png"
    assert refusal("a b c", flags) == "Unrecognized options: c"


EVERY = (
    Flag("source", str, positional=True),
    Flag("more", tuple[str, ...], (), positional=True),
    Flag("message", str, ""),
    Flag("count", int, 3),
    Flag("strength", float | None, None),
    Flag("runtime", Literal["", "keras", "onnx"], ""),
    Flag("json", bool, False),
    Flag("lock", bool, True),
)
WORD = st.sampled_from(
    (
        "a",
        "b.png",
        "-",
        "-5",
        "5",
        "0.5",
        "1e-3",
        "x=y",
        "None",
        "True",
        "keras",
        "",
        "--message",
        "--message=hi there",
        "--count",
        "--count=7",
    )
    + ("--strength", "--strength=None", "--runtime", "--runtime=onnx", "--json", "--json=True", "--no-json", "--lock", "--no-lock", "--")
)


@hypothesis.given(st.lists(WORD, max_size=6))
@hypothesis.settings(max_examples=40)
def test_a_plain_line_is_read_as_tyro_reads_it(words):
    read, found = flags.plain, []
    outcome = _outcome(words, lambda *arguments: found.append(read(*arguments)) or found[-1])
    if found and found[-1] is not None:
        assert outcome == _outcome(words, lambda *_: None)


@pytest.mark.parametrize(
    "words", [["a"], ["a", "--json", "--no-lock"], ["--count", "5", "a", "b.png"], ["a", "--strength=0.5", "--runtime", "onnx"]]
)
def test_what_people_type_is_plain(words, monkeypatch):
    monkeypatch.setitem(sys.modules, "longrun.cli.page", None)
    assert parse(EVERY, words, program="test")["source"] == "a"


def _outcome(words, plain):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flags, "plain", plain)
        try:
            return parse(EVERY, words, program="test"), ""
        except UserError as error:
            return None, str(error)
