"""The table of step times, on a small model."""

import json
import shlex
from dataclasses import replace

import pytest

from arc.__main__ import main
from arc.config import Config
from arc.measure import bench

SMALL = Config(width=16, heads=1, encoder_layers=1, decoder_layers=1, feed_forward=16, batch_size=2)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(bench.PRESETS, "small", lambda: replace(SMALL))


def test_ours_and_the_peer_in_one_table(capsys):
    line = json.dumps({"peer": "torch", "step": "arc", "median_ms": 1e9})
    assert main(["bench", "small", "--steps", "2", "--side", "11", "--jit-compile", "--peer", f"echo {shlex.quote(line)}"]) == 0
    printed = capsys.readouterr().out
    assert "121 cells, batch 2, medians of 2" in printed
    assert "| step, XLA, the batch in 2 shards |" in printed
    assert "| step, graph |" in printed and "| torch, arc | 1000000000.0 ms | graph is 0.00 x this |" in printed


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nonsense"], "unknown preset 'nonsense'"),
        (["small", "--steps", "0"], "at least 1"),
        (["small", "--batch-size", "1", "--jit-compile"], "a batch of 1 is not to be had in 2 equal shards"),
        (["small", "--peer", "false"], "--peer false"),
    ],
)
def test_bad_input_is_one_line(capsys, words, line):
    assert main(["bench", *words]) == 2
    printed, errors = capsys.readouterr()
    assert line in errors and errors.count("\n") == 1
    assert "step" not in printed or "--peer" in words  # Refused before anything is measured; a peer runs after ours.
