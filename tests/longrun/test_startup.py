"""The quiet import of TensorFlow: its start-up notes are dropped, and nothing else is."""

import sys

import pytest

from longrun import startup

NOTES = """I0000 00:00:1795244740.454291   10665 port.cc:153] oneDNN custom operations are on. You may see slightly different results.
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
"""


def importing(text, monkeypatch, tmp_path, ending=""):
    """Import a module that calls itself tensorflow and writes `text` to file descriptor 2, past sys.stderr."""
    (tmp_path / "tensorflow.py").write_text(f"import os\nos.write(2, {text.encode()!r})\n{ending}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorflow")
    startup._import_quietly()


def test_notes_are_dropped_and_warnings_come_through(monkeypatch, tmp_path, capfd):
    importing(f"{NOTES}E0000 cannot open libcuda.so\n", monkeypatch, tmp_path)
    assert capfd.readouterr() == ("", "E0000 cannot open libcuda.so\n")
    print("still there", file=sys.stderr)
    assert capfd.readouterr().err == "still there\n"


def test_an_import_that_fails_says_what_it_said(monkeypatch, tmp_path, capfd):
    with pytest.raises(ImportError, match="no such machine"):
        importing("E0000 no AVX\n", monkeypatch, tmp_path, "raise ImportError('no such machine')")
    assert capfd.readouterr().err == "E0000 no AVX\n"
