import json
import os
import signal

import pytest

from collatz import __main__ as commands
from collatz.functions import lyapunov
from collatz.functions.lyapunov import Lyapunov
from collatz.measure import every_number
from collatz.measure.verify import check_elsewhere, identity
from longrun import Lock, UserError


def test_every_number_is_verified_and_a_larger_bound_goes_on(trained, tmp_path, capsys):
    flags = ["verify", str(trained), "--folder", str(tmp_path / "v"), "--up-to"]
    assert commands.main([*flags, "4001"]) == 0
    assert "2,000 numbers in " in capsys.readouterr().out
    assert commands.main([*flags, "9001"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("2,500 numbers in ")
    summary = json.loads((tmp_path / "v" / "summary.json").read_text())
    assert (summary["numbers"], summary["up_to"]) == (4500, 9001)
    assert summary["worst_margin"] <= 0
    assert summary["violations"] == len((tmp_path / "v" / "violations.csv").read_text().splitlines()) - 1
    assert f"4,500 odd numbers from 3 to 9,001: {summary['violations']:,} violations" in printed


def test_a_verification_saves_when_it_is_asked_to_stop(trained, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(every_number, "CHUNK", 64)
    asked = iter([False, True])

    def value(features):
        if next(asked, False):
            os.kill(os.getpid(), signal.SIGTERM)
        return features[:, 0]

    monkeypatch.setattr(Lyapunov, "__call__", lambda self, features: value(features))
    flags = ["verify", str(trained), "--folder", str(tmp_path / "v"), "--up-to", "2001"]
    assert commands.main(flags) == 143
    assert "stopped by SIGTERM at n = 129" in capsys.readouterr().err
    assert commands.main(flags) == 0
    assert json.loads((tmp_path / "v" / "summary.json").read_text())["numbers"] == 1000


def test_two_processes_do_not_verify_in_one_folder(trained, tmp_path, capsys):
    with Lock(tmp_path / "v"):
        assert commands.main(["verify", str(trained), "--folder", str(tmp_path / "v"), "--up-to", "2001"]) == 2
    assert "another process" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "v").iterdir()] == [".lock"]


def test_a_worker_checks_the_v_that_it_was_asked_about(trained):
    part = every_number.Range(3, 2001)
    value = lyapunov.load(trained)
    assert check_elsewhere(str(trained), identity(value), part) == every_number.check(value, 6, part)
    with pytest.raises(UserError, match="holds quick at step 100, weights .* where a worker reads it, not another"):
        check_elsewhere(str(trained), "another", part)
