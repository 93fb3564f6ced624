"""The table of step times: parts and peer take turns, medians of the turns are compared."""

import itertools

import pytest

from hrm.__main__ import main
from hrm.measure import bench
from longrun.config import changed


def test_the_parts_and_the_peer_take_turns_and_the_medians_are_compared(monkeypatch, capsys):
    turns = itertools.count()
    factors = (1.0, 5.0, 2.0)  # The machine slows down in the second turn; the third is the median.

    def measure(target, preset, part, steps):
        assert target == "hrm.measure.bench:measure"
        milliseconds = {"eager": 100.0, "graph": 20.0, "jit": 10.0, "shards": 8.0, "data": 0.1}[part]
        return {"milliseconds": milliseconds * factors[next(turns) // len(bench.PARTS)], "first_seconds": 3.0, "peak_gigabytes": 1.5}

    answers = iter([{"torch, hrm": 20.0}, {"torch, hrm": 100.0}, {"torch, hrm": 50.0}])
    monkeypatch.setattr(bench, "in_process", measure)
    monkeypatch.setattr(bench, "ask", lambda words: next(answers))
    assert main(["bench", "--peer", "torch"]) == 0
    printed = capsys.readouterr().out
    assert "medians of 3 turns of 10 steps" in printed
    assert "| step, eager | 200.0 | 1 |" in printed and "| step, graph | 40.0 | 0.20 x eager |" in printed
    assert "| step, graph + XLA | 20.0 | 0.10 x eager, first call 3.0 s |" in printed
    assert "| the same, the batch in 2 shards | 16.0 | 0.08 x eager |" in printed
    assert "| preparing a batch (overlaps with the step) | 0.20 | 1.2% of the faster step |" in printed
    assert "| torch, hrm | 50.0 | the step here takes 0.32 x this |" in printed


@pytest.mark.parametrize("part", ["eager", "shards", "data"])  # With shards the step is compiled with XLA too.
def test_every_part_is_measured(monkeypatch, part):
    small = changed(bench.PEER, width=16, heads=1, inner=16, high_layers=1, low_layers=1, high_cycles=1, low_cycles=1, batch_size=2)
    monkeypatch.setitem(bench.PRESETS, "small", lambda: changed(small, side=6, puzzle="mini-arc"))
    found = bench.measure("small", part, 1)
    assert found["milliseconds"] > 0 and found["first_seconds"] > 0 and found["peak_gigabytes"] > 0
