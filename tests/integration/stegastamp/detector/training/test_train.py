"""Trainings of the detector through the command line, so small that they take seconds."""

import json

import numpy as np
import pytest
import tensorflow as tf

from longrun import UserError, changed, read_metrics
from stegastamp.__main__ import main
from stegastamp.detector.finding import search
from stegastamp.detector.training import train as training
from stegastamp.network import stamp
from tests.fixtures.attempts import has_data_of_its_own
from tests.fixtures.detector import SMALL, command
from tests.fixtures.endings import fall, happens_at

pytestmark = pytest.mark.usefixtures("small_exam")


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
    # Both are the averages, which trail behind the weights.
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(trained / "checkpoints" / "last")))
    raw = [reader.get_tensor(f"model/{number}/.ATTRIBUTES/VARIABLE_VALUE") for number in range(len(weights(trained)))]
    for exported, averaged, weight in zip(weights(trained / "export"), weights(trained), raw, strict=True):
        assert np.array_equal(exported, averaged.astype(np.float16)) and not np.array_equal(averaged, weight)
    state = json.loads(reader.get_tensor("state/.ATTRIBUTES/VARIABLE_VALUE"))
    assert set(state["health"]["guards"]) == {guard.name for guard in training.guards(SMALL)}


def test_killed_it_ends_as_if_nothing_had_been(trained, photos, tmp_path, monkeypatch, capsys):
    words = command(SMALL, photos, tmp_path / "run")
    with monkeypatch.context() as patch:
        happens_at(patch, 3, fall)
        assert main(words) == 130
    # As a function this time: what the command calls.
    outcome = training.train(changed(SMALL, images=str(photos)), tmp_path / "run", "detector-quick")
    assert outcome == json.loads((trained / "result.json").read_text())
    assert "going on at step 2 of 6" in capsys.readouterr().out
    assert all(np.array_equal(a, b) for a, b in zip(weights(tmp_path / "run"), weights(trained), strict=True))
    assert lines(tmp_path / "run") == lines(trained)


@pytest.mark.parametrize(("changes", "line"), [({"tilt": 30.0}, "tilt was 45.0, is 30.0"), ({}, "photos was ")])
def test_another_configuration_or_other_photos_do_not_go_on_with_a_run(changes, line, trained, photos, tmp_path, capsys):
    if not changes:
        (tmp_path / "0.png").write_bytes((photos / "0.png").read_bytes())
        (tmp_path / "1.png").write_bytes((photos / "3.png").read_bytes())
    assert main(command(changed(SMALL, **changes), photos if changes else tmp_path, trained)) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and line in error


def test_a_detector_is_no_stamper(trained):
    with pytest.raises(UserError, match="is a checkpoint of stegastamp-detector, not of stegastamp"):
        stamp.load(trained)


def test_another_attempt_has_data_of_its_own(photos, tmp_path, monkeypatch):
    assert has_data_of_its_own(training, monkeypatch, lambda: main(command(SMALL, photos, tmp_path / "run")))
