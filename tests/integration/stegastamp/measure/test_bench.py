import json
import sys

import cv2
import numpy as np
import pytest

from stegastamp.__main__ import main
from stegastamp.measure import bench, starts
from stegastamp.network import lpips
from stegastamp.pictures.codec import RELEASED


def test_the_input_pipeline_is_measured():
    found = bench.measure("tiny", "data", 1, 4)
    assert found["milliseconds"] > 0 and found["processor_milliseconds"] > 0
    # A process with TensorFlow in it; bytes taken for kilobytes would be a thousand times off.
    assert 0.2 < found["peak_gigabytes"] < 64


@pytest.fixture
def measured(monkeypatch):
    times = {"graph": 100.0, "eager": 250.0, "data": 3.0}

    def in_process(target, preset, part, steps, batch_size):
        assert target == "stegastamp.measure.bench:measure" and (preset, steps, batch_size) == ("tiny", 10, 0)
        return {"milliseconds": times[part], "processor_milliseconds": 2 * times[part], "peak_gigabytes": 1.5}

    monkeypatch.setattr(bench, "in_process", in_process)


def test_the_table_has_ratios(measured, capsys):
    assert main(["bench", "tiny"]) == 0
    printed = capsys.readouterr().out
    assert "| step, graph | 100.0 | 200.0 | 1 |" in printed
    assert "| step, eager | 250.0 | 500.0 | 2.50 x the graph's |" in printed
    assert "| preparing a batch (overlaps with the step) | 3.00 | 6.0 | 3.0% of the step |" in printed
    assert "graph 1.50 GB, eager 1.50 GB" in printed


def test_a_peer_is_run_beside(measured, capsys, tmp_path):
    script = tmp_path / "peer.py"
    line = json.dumps({"peer": "torch", "step": "stegastamp", "median_ms": 200.0})
    script.write_text(f"print('warming up')\nprint({line!r})\n")
    assert main(["bench", "tiny", "--peer", f"{sys.executable} {script}"]) == 0
    assert "| torch, stegastamp | 200.0 |  | graph is 0.50 x this |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--steps", "0"], "--steps 0 must be at least 1"),
        (["--batch-size", "-1"], "--batch-size -1"),
        (["--peer", "false"], "--peer false ended with exit code 1: it said nothing"),
    ],
)
def test_bad_input_is_one_line(measured, capsys, words, line):
    assert main(["bench", "tiny", *words]) == 2
    errors = capsys.readouterr().err
    assert line in errors and errors.startswith("stegastamp bench: ") and errors.count("\n") == 1


def test_lpips_is_measured_with_a_random_backbone(tmp_path):
    bench.save_random_backbone("squeeze", str(tmp_path))
    distance = lpips.load("squeeze", tmp_path)
    images = np.random.default_rng(0).random((2, 1, 32, 32, 3), np.float32)
    assert distance(*images).numpy().shape == (1,) and distance(*images).numpy() != 0


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


def test_whole_commands_are_measured_by_size(monkeypatch, capsys):
    asked = []

    def measure(words, folder, codes=(0,)):
        asked.append((words[2], cv2.imread(str(folder / words[3])).shape[:2] if words[2] == "encode" else words[3]))
        return starts.Process(1.25, 0.5, 1234.5)

    monkeypatch.setattr(starts, "measure", measure)
    assert main(["bench", "--megapixels", "1", "2"]) == 0
    assert asked[:2] == [("encode", (866, 1154)), ("decode", "stamped.jpg")] and len(asked) == 8
    assert "| encode, 2 megapixels, PNG | 1.2 | 0.5 | 1,234 |" in capsys.readouterr().out
