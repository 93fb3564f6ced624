import json
import shlex

import pytest

from collatz import __main__ as commands
from collatz.measure import bench as module
from longrun import changed


@pytest.fixture
def bench(monkeypatch, capsys):
    """Runs bench on few numbers and returns (exit code, stdout, stderr)."""
    monkeypatch.setattr(module, "DATA_BATCH", 64)
    monkeypatch.setattr(module, "REFERENCE_ROWS", 16)

    def run(*words):
        code = commands.main(["bench", "quick", "--steps", "1", "--batch-size", "8", *words])
        return code, *capsys.readouterr()

    return run


def test_ours_and_the_peer_in_one_table(bench):
    line = json.dumps({"peer": "PyTorch", "step": "collatz", "median_ms": 12.5})
    other = json.dumps({"started": True})
    script = "\n".join(f"echo {shlex.quote(text)}" for text in ("{not JSON", other, "[1]", line))
    code, printed, _ = bench("--peer", f"bash -c {shlex.quote(script)}")
    assert code == 0
    rows = [row.split("|")[1].strip() for row in printed.splitlines() if row.startswith("|")]
    assert rows[2:] == [
        "features of n and T(n), batch 64",
        "the same with drawing n",
        "number by number in Python",
        "step, graph",
        "step, eager",
        "PyTorch, collatz",
    ]
    assert "| PyTorch, collatz | 12.5 ms | graph is " in printed


def test_the_original_is_timed_in_bfloat16_too(monkeypatch, capsys):
    monkeypatch.setattr(module, "DATA_BATCH", 64)
    monkeypatch.setattr(module, "REFERENCE_ROWS", 16)
    monkeypatch.setitem(module.PRESETS, "small", lambda: changed(module.PRESETS["run1"](), layers="16,16"))
    line = json.dumps({"peer": "PyTorch", "step": "collatz", "median_ms": 12.5})
    assert commands.main(["bench", "small", "--steps", "1", "--batch-size", "8", "--peer", f"echo {shlex.quote(line)}"]) == 0
    printed = capsys.readouterr().out
    assert "| step, bfloat16 | " in printed and "x, bfloat16 is " in printed


def test_a_peer_without_an_answer_is_named(bench):
    code, _, errors = bench("--peer", "echo nothing")
    assert code == 2 and "--peer echo nothing printed no line of JSON" in errors
    code, _, errors = bench("--peer", "false")
    assert code == 2 and "--peer false ended with exit code 1" in errors
