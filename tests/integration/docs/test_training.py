"""docs/training.md: its code runs as it stands, learns, goes on after a kill, and is refused with another length.

In this process, where TensorFlow is there already; what a real SIGKILL leaves is looked at in tests/integration/longrun/run/test_kills.py.
"""

import importlib
import re
import runpy
import sys

import pytest

from longrun import StepFunction
from longrun.cli.main import main
from longrun.cli.training import Training
from longrun.run.journal import read_metrics
from tests.places import ROOT

MODULE = "linear"


@pytest.fixture
def page(tmp_path, monkeypatch):
    """The folder with linear.py, taken from the page, as where a person works."""
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    (tmp_path / f"{MODULE}.py").write_text(re.search(r"```python\n(.*?)```", text, re.S)[1])
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path
    sys.modules.pop(MODULE, None)


def start(*flags) -> int:
    """What the last line of the page runs."""
    return main(MODULE, {"train": Training(MODULE)}, ["train", *flags])


def losses(run) -> list[tuple[int, float]]:
    return [(line["step"], line["loss"]) for line in read_metrics(run / "metrics.jsonl")]


class Killed(BaseException):
    """As good as SIGKILL: nothing catches it, nothing is saved on the way out."""


def test_the_page_learns_and_goes_on_after_a_kill(page, monkeypatch, capsys):
    runs = page / "checkpoints" / MODULE
    assert start("--run", "straight") == 0
    assert "| accuracy |" in (runs / "straight" / "REPORT.md").read_text()

    calls, original = iter(range(999)), StepFunction.__call__

    def step(self, *arguments):
        if next(calls) == 150:  # Between two lines, and between two checkpoints.
            raise Killed
        return original(self, *arguments)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(StepFunction, "__call__", step)
        start("--run", "killed")
    capsys.readouterr()
    assert start("--run", "killed") == 0
    assert "going on at step 100 of 300" in capsys.readouterr().out
    assert len(losses(runs / "killed")) == 15 and losses(runs / "killed") == losses(runs / "straight")

    assert start("--run", "straight", "--steps", "1000") == 2
    assert "steps was 300, is 1000" in capsys.readouterr().err


def test_the_page_is_a_program(page, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [f"{MODULE}.py", "train", "--help"])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(page / f"{MODULE}.py"), run_name="__main__")
    output = capsys.readouterr().out
    assert end.value.code == 0 and "--width" in output and "Inputs of the model." in output
