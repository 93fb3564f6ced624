"""How far a command is, on a terminal alone."""

import io
import re
import sys

from longrun import fleet
from longrun.cli.waiting import waiting_for


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_elsewhere_nothing_is_said(capsys):
    assert list(waiting_for(iter("abc"), 3, "files")) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_how_many_and_the_time_left(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert list(waiting_for(iter("abc"), 3, "files")) == ["a", "b", "c"]
    assert re.search(r"3/3.*files.*left", sys.stderr.getvalue().replace("\n", ""))


def test_one_thing_needs_no_bar(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert list(waiting_for(iter("a"), 1, "files")) == ["a"]
    assert sys.stderr.getvalue() == ""


def test_many_short_tasks_get_every_processor(monkeypatch):
    monkeypatch.setattr(fleet.os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert [fleet.processes(*each) for each in ((0, 63), (0, 64), (1, 500), (7, 2))] == [1, 3, 1, 7]
