"""The table of step times, on a small model."""

import json
import re
import shlex

import pytest

from arc.__main__ import main
from arc.measure import bench
from tests.fixtures.arc import made

SMALL = made(width=16, heads=1, encoder_layers=1, decoder_layers=1, feed_forward=16, batch_size=2)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(bench.PRESETS, "small", lambda: SMALL)


def test_a_step_is_timed_beside_its_data(capsys):
    assert main(["bench", "small", "--steps", "1", "--side", "11"]) == 0
    printed = capsys.readouterr().out
    assert "121 cells, batch 2, medians of 1" in printed
    assert re.search(r"\| batch \| [\d.]+ ms \| [\d.]+ x the step \|\n\| step, graph \| [\d.]+ ms \| 1 \|", printed)


@pytest.fixture
def quick(monkeypatch):
    """Steps that are not computed: 8 ms as a graph, 4 under XLA, 2 in shards."""
    monkeypatch.setattr(bench, "_step", lambda config, steps: (4.0 if config.run.jit_compile else 8.0) / config.run.shards)


def test_xla_shards_and_the_peer_stand_in_the_same_table(quick, capsys):
    line = json.dumps({"peer": "torch", "step": "arc", "median_ms": 16})
    assert main(["bench", "small", "--steps", "2", "--jit-compile", "--peer", f"echo {shlex.quote(line)}"]) == 0
    printed = capsys.readouterr().out
    assert "| step, XLA | 4.0 ms | 0.50 x the graph's |" in printed
    assert "| step, XLA, the batch in 2 shards | 2.0 ms | 0.25 x the graph's |" in printed
    assert "| step, graph |" in printed and "| torch, arc | 16.0 ms | graph is 0.50 x this |" in printed


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nonsense"], "unknown preset 'nonsense'"),
        (["small", "--steps", "0"], "at least 1"),
        (["exp_3_champion"], "a training of the original run"),
        (["small", "--batch-size", "1", "--jit-compile"], "a batch of 1 is not to be had in 2 equal shards"),
        (["small", "--peer", "false"], "--peer false"),
    ],
)
def test_bad_input_is_one_line(quick, capsys, words, line):
    assert main(["bench", *words]) == 2
    printed, errors = capsys.readouterr()
    assert line in errors and errors.count("\n") == 1
    assert "step" not in printed or "--peer" in words  # Refused before anything is measured; a peer runs after the rest.
