"""Trainings of the detector through the command line, so small that they take seconds."""

import json
import os
import signal
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from longrun import read_metrics
from longrun.step import device
from stegastamp.__main__ import main
from stegastamp.detector.config import detector_quick
from stegastamp.detector.finding import search
from stegastamp.detector.training import steps
from stegastamp.detector.training import train as training
from stegastamp.detector.training.album import Album, batches
from stegastamp.network import stamp
from tests.fixtures.endings import endings, happens_at

SMALL = replace(
    detector_quick(), size=64, view=64, widths=(4, 4, 6, 6, 8), batch_size=2, steps=6, warmup=1, guard_after=100,
    log_every=1, save_every=2, evaluate_every=6, test_count=2,
)  # fmt: skip


def flags(config, folder):
    preset = detector_quick()
    words = ["train-detector", "detector-quick", "--images", str(folder)]
    for name in config.__dataclass_fields__:
        value = getattr(config, name)
        if value != getattr(preset, name):
            words += [f"--{name.replace('_', '-')}", *map(str, value if isinstance(value, tuple) else (value,))]
    return words


@pytest.fixture(scope="module", autouse=True)
def small_exam():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "CASES", 2)
        patch.setattr(training, "FRAME", (96, 128))
        yield


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    import cv2

    from tests.fixtures.stegastamp import blobs

    folder = tmp_path_factory.mktemp("large")
    for seed in range(4):
        assert cv2.imwrite(str(folder / f"{seed}.png"), blobs(140, 150, seed))
    return folder


@pytest.fixture(scope="module")
def trained(photos, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "whole"
    assert main([*flags(SMALL, photos), "--run", str(folder)]) == 0
    return folder


def weights(folder):
    return search.load(folder).model.get_weights()


def lines(folder):
    return [{k: v for k, v in line.items() if k != "steps_per_second"} for line in read_metrics(folder / "metrics.jsonl")]


def test_a_run_folder_has_everything(trained):
    for name in ("config.json", "metrics.jsonl", "REPORT.md", "curves.png", "found.png", "result.json", "export/detector.keras"):
        assert (trained / name).stat().st_size > 0, name
    outcome = json.loads((trained / "result.json").read_text())
    assert (outcome["project"], outcome["preset"], outcome["step"]) == ("stegastamp-detector", "detector-quick", 6)
    assert outcome["floors"].keys() >= {"quad_recall"} and outcome["counts"]["quad_recall"] == 2
    assert [line["step"] for line in lines(trained)] == [1, 2, 3, 4, 5, 6]
    assert search.load(trained / "export").step == search.load(trained).step == 6


def stop_at(monkeypatch, step, how):
    """Let `how` happen when the batch of a step is asked for, once."""
    original, pending = training.batches, [how]

    def watched(album, config, seed, start, total):
        for number, batch in enumerate(original(album, config, seed, start, total), start):
            if number == step and pending:
                pending.pop()()
            yield batch

    monkeypatch.setattr(training, "batches", watched)


def fall():
    """As good as a kill: nothing is saved on the way out."""
    raise KeyboardInterrupt


def test_killed_and_interrupted_it_ends_as_if_nothing_had_been(trained, photos, tmp_path, monkeypatch, capsys):
    words = [*flags(SMALL, photos), "--run", str(tmp_path / "run")]
    for step, how, code in ((3, fall, 130), (4, lambda: os.kill(os.getpid(), signal.SIGTERM), 143)):
        with monkeypatch.context() as patch:
            stop_at(patch, step, how)
            assert main(words) == code
    assert "stopped by SIGTERM at step 5" in capsys.readouterr().err
    assert main(words) == 0
    assert "going on at step 5 of 6" in capsys.readouterr().out
    assert all(np.array_equal(a, b) for a, b in zip(weights(tmp_path / "run"), weights(trained), strict=True))
    assert lines(tmp_path / "run") == lines(trained)


@endings
def test_a_report_is_there_whatever_the_end_was(photos, tmp_path, monkeypatch, event, code, line):
    happens_at(monkeypatch, 2, event)
    config = replace(SMALL, evaluate_every=2, mode="eager")
    assert main([*flags(config, photos), "--run", str(tmp_path / "run")]) == code
    assert line in (tmp_path / "run" / "REPORT.md").read_text()


class Plain:
    """A stamper that leaves no mark."""

    class config:
        size, bits = 32, 100

    def residuals(self, covers, messages, strength=None):
        return np.zeros(covers.shape, np.float32)


def test_a_batch_depends_on_its_step_alone(album_photos):
    album = Album(album_photos, Plain(), 0)
    whole = list(batches(album, SMALL, 1, 0, 3))
    (last,) = batches(album, SMALL, 1, 2, 3)
    for name, value in last.items():
        assert np.array_equal(value, whole[2][name]) and not np.array_equal(value, whole[1][name])
    assert whole[0]["frame"].shape == (2, 64, 64, 3) and whole[0]["maps"].shape == (2, 16, 16, 2)


@pytest.mark.parametrize("step", [0, 5])
def test_eager_equals_graph_and_the_schedule_moves(album_photos, step):
    batch = next(batches(Album(album_photos, Plain(), 0), SMALL, 1, 0, 1))
    results = []
    for mode in ("graph", "eager"):
        device.configure(seed=3)
        parts = steps.build(replace(SMALL, mode=mode))
        results.append({k: float(v) for k, v in parts.step(batch, steps.scalars(SMALL, step)).items()})
        results[-1]["weight"] = float(tf.reduce_sum(parts.model.get_layer("down0").kernel))
    assert results[0] == pytest.approx(results[1], rel=1e-5)
    assert steps.scalars(SMALL, 0) != steps.scalars(SMALL, 5)


def test_the_excess_of_perfect_maps_is_nothing_and_of_a_constant_the_knowledge_is_nothing():
    target = tf.constant(np.random.default_rng(0).random((2, 8, 8, 2)), tf.float32)
    perfect = steps.map_losses(tf.math.log(target / (1 - target)), target, 4.0)[1]
    assert float(perfect["excess"]) == pytest.approx(0, abs=1e-5) and float(perfect["knowledge"]) > 0.05
    mean = tf.reduce_mean(target, axis=(0, 1, 2), keepdims=True) * tf.ones_like(target)
    constant = steps.map_losses(tf.math.log(mean / (1 - mean)), target, 4.0)[1]
    assert float(constant["knowledge"]) == pytest.approx(0, abs=1e-5)


def test_one_batch_is_learnt_by_heart(album_photos):
    device.configure(seed=0)
    config = replace(SMALL, widths=(8, 16, 24, 24, 24))
    batch = next(batches(Album(album_photos, Plain(), 0), config, 1, 0, 1))
    parts = steps.build(config)
    for _ in range(80):
        report = parts.step(batch, {"learning_rate": 2e-3})
    assert float(report["picture_error"]) < 0.1 and float(report["excess"]) < 0.1


def test_a_network_that_learns_nothing_is_stopped(photos, tmp_path, monkeypatch, capsys):
    config = replace(SMALL, learning_rate=1e-9, guard_after=2, steps=8)
    assert main([*flags(config, photos), "--run", str(tmp_path / "run")]) == 3
    assert "the maps say no more than their mean: nothing is found" in capsys.readouterr().err
    assert not (tmp_path / "run" / "result.json").exists()


def test_another_configuration_does_not_go_on_with_a_run(trained, photos, capsys):
    assert main([*flags(replace(SMALL, tilt=30.0), photos), "--run", str(trained)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "tilt was 45.0, is 30.0" in error


def test_a_detector_is_no_stamper(trained):
    with pytest.raises(ValueError, match="is a checkpoint of stegastamp-detector, not of stegastamp"):
        stamp.load(trained)


def test_training_is_importable(photos, tmp_path):
    outcome = training.train(replace(SMALL, images=str(photos), steps=2, evaluate_every=2), tmp_path / "run")
    assert outcome["step"] == 2 and outcome["preset"] == "custom"


def test_a_release_is_measured_on_what_the_run_held_out(trained, photos, tmp_path, monkeypatch, capsys):
    from stegastamp.detector.measure import evaluate

    asked = []

    def judge(checkpoint, images, stamps, count, plain, as_json):
        asked.append((search.load(checkpoint).config.images, stamps, count, plain))
        return json.loads((trained / "result.json").read_text())

    monkeypatch.setattr(evaluate, "judge", judge)
    folder = tmp_path / "released"
    assert main(["release-detector", str(trained), str(folder), "--count", "12", "--plain", "11"]) == 0
    assert {path.name for path in folder.iterdir()} == {"detector.keras", "manifest.json", "EVALUATION.md", "curves.png", "found.jpg"}
    assert asked == [(str(photos), "", 12, 11)]
    config = json.loads((folder / "manifest.json").read_text())["config"]
    assert (config["images"], config["held_out"], config["stamps"]) == ("", "", "")
    assert "evaluate-detector" in (folder / "EVALUATION.md").read_text() and str(photos) not in (folder / "EVALUATION.md").read_text()
    assert capsys.readouterr().out.rstrip().endswith("MB")
    (trained / "result.json").rename(tmp_path / "result.json")
    try:
        assert main(["release-detector", str(trained), str(tmp_path / "other")]) == 2
    finally:
        (tmp_path / "result.json").rename(trained / "result.json")
    assert "is no finished run" in capsys.readouterr().err and not (tmp_path / "other").exists()
