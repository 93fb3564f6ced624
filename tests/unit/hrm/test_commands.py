"""The command line: its table, flags that are on, off or unsaid, and one line for what a person did wrong."""

import subprocess
import sys

import pytest

from hrm import __main__ as commands
from hrm.measure import judge
from tests.places import GOLDEN, ROOT

RELEASED = ROOT / "checkpoints" / "released" / "hrm"
SUDOKU = ["--puzzle", "sudoku", "--side", "4", "--heads", "4"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["mini", "--side", "7"], "mini-arc has side 6, not 7"),
        (["sudoku6", "--givens", "20", "10"], "fewer givens than cells"),
        (["sudoku9", "--side", "8"], "side 4, 6 or 9"),
        (["mini", "--heads", "3"], "cannot be shared by 3 heads"),
        (["mini", "--network", "gpt"], "network is one of hrm, trm, not 'gpt'"),
        (["classic", "--log-every", "30"], "save_every (10000) must be a multiple of log_every (30)"),
        (["mini", "--segments", "0"], "segments must be at least 1, not 0"),
        (["mini", "--held-out", "0"], "held_out must be at least 1, not 0"),
        (["mini", "--shards", "3"], "a batch of 64 is not to be had in 3 equal shards"),
        (["mini", "--halting-confidence", "1"], "a probability between 0 and 1, not 1.0"),
        (["mini", "--puzzle-width", "65"], "a puzzle vector of 65 numbers does not fit 1 positions of 64"),
        (["mini", "--mixing", "units"], "mixing by units is for sudoku and a multiple of 4 heads, not mini-arc and 4"),
        (["mini", "--puzzle", "maze", "--side", "4"], "side of a maze must be from 5 to 30, not 4"),
        (["minni"], "did you mean mini"),
        (["mini", "--segmnts", "3"], "did you mean --segments"),
        (["mini", "--log-every", "7"], "must be a multiple of log_every"),
        (["sudoku6", "--conditioning", "demonstrations"], "needs tasks of several pairs, mini-arc or arc, not sudoku"),
        (["mini", "--puzzle", "maze", "--side", "9", "--conditioning", "demonstrations"], "mini-arc or arc, not maze"),
        (["mini", "--conditioning", "pairs"], "conditioning is one of id, demonstrations, none"),
        (["demonstrations", "--demonstrations", "3", "2"], "the most not fewer than the fewest"),
        (["demonstrations", "--prefix", "0", "--puzzle-width", "0"], "needs a prefix"),
        (["demonstrations", "--positions", "rotary", "--width", "72", "--heads", "12"], "cannot share width 72 among 12 heads"),
        (["sudoku6", "--unseen", "turn"], "sudoku has none to leave out"),
        (["demonstrations", "--variants", "2"], "need 1 variant, not 2"),
        (["demonstrations", "--unseen", "turnn"], "did you mean turn"),
        (["mini", "--puzzle", "files"], "puzzle files needs a path"),
        (["classic", "--cycles", "3"], "cycles must be at least 4, not 3"),
        (["classic", "--side", "31"], "side is at most 30, and at least 6 for mini-arc, not 31"),
        (["classic", "--heads", "7"], "width 256 cannot be shared by 7 heads"),
        (["classic", "--side", "1"], "no task fits a canvas of side 1"),
    ],
)
def test_bad_configurations_are_one_line(flags, message, capsys):
    assert commands.main(["train", *flags]) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["evaluate", "none"], "checkpoint none does not exist"),
        (["evaluate", "none", "--count", "-1"], "count and segments must not be negative, not -1 and 0"),
        (["evaluate", "none", "--halt", "--no-halt"], "--halt and --no-halt exclude each other"),
        (["evaluate", str(RELEASED / "mini"), "--path", "here"], "there is no path to others"),
        (["evaluate", str(RELEASED / "sudoku6"), "--path", "here"], "here does not exist"),
        (["release", "none", "there"], "none"),
        (["submit", "none", "there"], "checkpoint none does not exist"),
        (["faults", "--steps", "10"], "at least 50 steps"),
        (["faults", "--only", "nonsense"], "unknown fault 'nonsense'"),
        (["bench", "nonsense"], "unknown preset 'nonsense'"),
        (["bench", "classic"], "unknown preset 'classic'"),
        (["bench", "peer", "--steps", "0"], "steps must be at least 1, not 0"),
    ],
)
def test_bad_input_is_one_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.main(words) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "asked"),
    [([], None), (["--halt"], True), (["--no-halt"], False), (["--halt", "False"], False), (["--halt", "True"], True)],
)
def test_halting_is_on_off_or_unsaid(words, asked, monkeypatch):
    given = []
    monkeypatch.setattr(judge, "judge", lambda checkpoint, **flags: given.append((checkpoint, flags)) or {})
    assert commands.main(["evaluate", "somewhere", "--count", "8", *words]) == 0
    assert given == [("somewhere", {"count": 8, "segments": 0, "halt": asked, "looks": 0, "path": "", "json": False})]


def test_help_imports_no_tensorflow():
    code = "import sys; from hrm.__main__ import main; main(['--help']); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    *page, imported = done.stdout.splitlines()
    assert imported == "False" and len([line for line in page if line.startswith("  ")]) == len(commands.COMMANDS)


@pytest.mark.parametrize("error", [ValueError("the shapes differ"), KeyError("logits")], ids=["ValueError", "KeyError"])
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("hrm.training.train.make_source", ["train", "mini"]),
        ("hrm.training.train.make_source", ["collapse-demo"]),
        ("hrm.classic.train.Pairs", ["train", "classic"]),
        ("hrm.measure.judge.make_source", ["evaluate", str(RELEASED / "mini")]),
        ("hrm.classic.audit.Pairs", ["classic"]),
        ("hrm.classic.faults.trained", ["faults"]),
        ("hrm.measure.seeds.seed_table", ["seeds", "mini", "2"]),
        ("hrm.network.torch_import.segment_model", ["import", str(GOLDEN / "hrm" / "torch_trm.pt"), "there", *SUDOKU]),
        ("hrm.measure.voting.load", ["submit", "here", "there"]),
        ("hrm.measure.bench.ask", ["bench", "--peer", "torch"]),
        ("hrm.network.reasoner.models.find", ["release", "here", "there"]),
    ],
)
def test_a_bug_keeps_its_traceback(place, words, error, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise error

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hrm.measure.bench.in_process", lambda *_: {})
    monkeypatch.setattr(place, fails)
    with pytest.raises(type(error), match=str(error.args[0])):
        commands.main(words)
