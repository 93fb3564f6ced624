"""How a run shows how far it is: plain lines, and a bar that ends."""

import re

import pytest

from longrun.run.progress import ProgressLine


def test_without_a_terminal_progress_is_plain_lines(capsys):
    line = ProgressLine(0, 3700, ("loss", "absent"))
    line._started -= 1000.0  # As if the two steps had taken so many seconds: 3,698 more take 514 hours.
    line.advance(2)
    assert capsys.readouterr().out == ""
    line.show(2, {"loss": 0.123456, "other": 1.0})
    assert re.fullmatch(r"step 2/3700  loss 0\.1235  0\.0 steps/s  51[3-9]h\d\dm left\n", capsys.readouterr().out)


def test_speed_is_measured_anew_after_a_rollback(capsys):
    line = ProgressLine(0, 100)
    line.begin(50)
    line.show(50, {})
    assert capsys.readouterr().out == "step 50/100    0.0 steps/s  ? left\n"


def test_a_terminal_gets_a_progress_bar_that_ends(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    line = ProgressLine(1, 4, ("loss",))
    (task,) = line._bar.tasks
    assert (task.completed, task.total) == (1, 4)
    line.advance(3)
    assert task.completed == 3
    line.show(4, {"loss": 3.5})
    assert (task.completed, task.fields["shown"]) == (4, "loss 3.5")
    assert line._bar.live.is_started
    line.close()
    assert not line._bar.live.is_started
    assert "step 4/4" not in capsys.readouterr().out


@pytest.mark.parametrize(("seconds", "text"), [(5, "0m05s"), (125, "2m05s"), (7505, "2h05m")])
def test_the_time_left_is_written_short(seconds, text, monkeypatch, capsys):
    monkeypatch.setattr("longrun.run.progress.time.perf_counter", lambda: 100.0)
    line = ProgressLine(0, 2)
    line._started -= seconds
    line.show(1, {})
    assert capsys.readouterr().out.endswith(f"  {text} left\n")
