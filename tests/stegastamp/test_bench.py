import json
import sys

import pytest

from stegastamp import bench
from stegastamp.__main__ import main
from stegastamp.codec import RELEASED


def test_the_input_pipeline_is_measured():
    found = bench.measure("tiny", "data", 1, 4)
    assert found["milliseconds"] > 0
    assert found["batch_size"] == 4
    # A process with TensorFlow in it; bytes taken for kilobytes would be a thousand times off.
    assert 0.2 < found["peak_gigabytes"] < 64


@pytest.fixture
def measured(monkeypatch):
    times = {"graph": 100.0, "eager": 250.0, "data": 3.0}

    def in_process(preset, part, steps, batch_size):
        return {"milliseconds": times[part], "peak_gigabytes": 1.5, "batch_size": 8}

    monkeypatch.setattr(bench, "_in_process", in_process)


def test_the_table_has_ratios(measured, capsys):
    assert main(["bench", "tiny"]) == 0
    printed = capsys.readouterr().out
    assert "| step, graph | 100.0 | 1 |" in printed
    assert "| step, eager | 250.0 | 2.50 x the graph's |" in printed
    assert "| preparing a batch (overlaps with the step) | 3.00 | 3.0% of the step |" in printed
    assert "graph 1.50 GB, eager 1.50 GB" in printed


def test_a_peer_is_run_beside(measured, capsys, tmp_path):
    script = tmp_path / "peer.py"
    line = json.dumps({"peer": "torch", "step": "stegastamp", "median_ms": 200.0})
    script.write_text(f"print('warming up')\nprint({line!r})\n")
    assert main(["bench", "tiny", "--peer", f"{sys.executable} {script}"]) == 0
    assert "| torch, stegastamp | 200.0 | graph is 0.50 x this |" in capsys.readouterr().out


def test_pictures_are_measured_as_arrays_and_as_files(capsys):
    bench.bench_pictures(str(RELEASED / "quick"), megapixels=0.1, rounds=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("quick: 365x274, ")
    rows = [line.split("|")[1:4] for line in lines if line.startswith("| ")][1:]
    assert [name.strip() for name, *_ in rows] == [
        *("encode an array, read back", "decode it", "decode one without a stamp (every try)"),
        *("jpg file: read, encode, write, read back", "jpg file: read, decode"),
        *("png file: read, encode, write, read back", "png file: read, decode"),
    ]
    assert all(float(seconds) >= 0 and float(processor) >= 0 for _, seconds, processor in rows)
