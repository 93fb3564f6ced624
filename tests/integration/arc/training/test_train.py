import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from arc import __main__ as commands
from arc.config import Config
from arc.measure import evaluate
from arc.network.model import PAD
from arc.training import losses, schedules
from arc.training.data import batch
from arc.training.steps import build
from longrun import StepFunction, read_metrics
from longrun.step import device
from tests.fixtures.endings import endings, happens_at
from tests.places import ROOT

SMALL = ["--width", "32", "--heads", "2", "--encoder-layers", "1", "--decoder-layers", "1", "--feed-forward", "32", "--context-width", "32"]
SMALL += ["--batch-size", "6", "--steps", "8", "--log-every", "2", "--save-every", "2", "--evaluate-every", "8", "--mode", "eager"]
SMALL += ["--cases", "1", "--test-count", "1", "--no-jit-compile", "--dropout", "0.1"]


def command(preset, folder, *flags):
    return ["train", preset, *SMALL, "--run", str(folder), *flags]


def everything(folder: Path) -> dict[str, bytes]:
    """All that the last checkpoint holds: weights, optimizer, step, and the host's state."""
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(folder / "checkpoints" / "last")))
    names = [name for name in reader.get_variable_to_shape_map() if not name.startswith(("save_counter", "_CHECKPOINTABLE"))]
    return {name: np.asarray(reader.get_tensor(name)).tobytes() for name in names}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished training: its folder."""
    folder = tmp_path_factory.mktemp("runs") / "trained"
    assert commands.main(command("quick", folder)) == 0
    return folder


class Kill(BaseException):
    """Nothing of ours catches it, as nothing catches SIGKILL."""


def killed_at(call: int):
    """A stand-in for a function that works until that call, counted from 0, and then kills the run."""

    def wrap(original):
        count = iter(range(999))

        def run(*arguments):
            if next(count) == call:
                raise Kill
            return original(*arguments)

        return run

    return wrap


def run_until(monkeypatch, owner, name: str, call: int, arguments: list[str]) -> None:
    with monkeypatch.context() as patch, pytest.raises(Kill):
        patch.setattr(owner, name, killed_at(call)(getattr(owner, name)))
        commands.main(arguments)


def lines_of(folder: Path) -> list[dict]:
    return [{**line, "steps_per_second": 0} for line in read_metrics(folder / "metrics.jsonl")]


def test_a_run_that_was_killed_goes_on_bit_for_bit_to_the_same_result(trained, tmp_path, monkeypatch):
    run_until(monkeypatch, StepFunction, "__call__", 5, command("quick", tmp_path))
    assert not (tmp_path / "result.json").exists()
    assert commands.main(command("quick", tmp_path)) == 0
    assert everything(tmp_path) == everything(trained) and lines_of(tmp_path) == lines_of(trained)
    assert (tmp_path / "result.json").read_text() == (trained / "result.json").read_text()


@pytest.mark.parametrize("preset", ["decoder-only", "champion"])
def test_so_do_the_other_models(preset, tmp_path, monkeypatch):
    """Without the evaluation at step 8, which costs more than the training: up to the checkpoint of step 6."""
    for name, kills in {"straight": (), "killed": (5,)}.items():
        for call in kills:
            run_until(monkeypatch, StepFunction, "__call__", call, command(preset, tmp_path / name))
        run_until(monkeypatch, evaluate, "quick_scores", 0, command(preset, tmp_path / name))
    assert everything(tmp_path / "killed") == everything(tmp_path / "straight")
    assert lines_of(tmp_path / "killed") == lines_of(tmp_path / "straight") and len(lines_of(tmp_path / "killed")) == 3


def trace(steps: tuple[int, ...], **fields) -> list[dict[str, float]]:
    config = Config(width=32, heads=2, feed_forward=32, encoder_layers=1, decoder_layers=1, batch_size=6, loss="expected_cost", **fields)
    device.configure(seed=1)
    parts, rows = build(config), batch(config, 1, 0)
    reports = [{name: float(value) for name, value in parts.step(rows, schedules.scalars(config, step)).items()} for step in steps]
    weights = sum(float(np.abs(np.asarray(variable)).sum()) for variable in parts.model.trainable_variables)
    return [*reports, {"weights": weights}]


def test_eager_equals_graph_at_two_points_of_the_schedules_which_differ():
    graph, eager = (trace((50, 2000), mode=mode) for mode in ("graph", "eager"))
    for left, right in zip(graph, eager, strict=True):
        assert left == pytest.approx(right, rel=1e-4, abs=1e-5)
    assert graph[0]["loss"] > 1 > graph[1]["loss"]  # Cross-entropy first, then the share of wrong cells.


def test_shards_change_nothing_but_the_time():
    whole, shards = (trace((50, 2000), object_view=True, shards=count) for count in (1, 3))
    for left, right in zip(whole, shards, strict=True):
        assert left == pytest.approx(right, rel=1e-4, abs=1e-5)


def test_a_hidden_answer_is_scored_and_not_shown():
    config = Config(width=32, heads=2, feed_forward=32, encoder_layers=1, decoder_layers=1, batch_size=6, hidden_answers=1.0)
    device.configure(seed=1)
    parts, rows = build(config), batch(config, 1, 0)
    inputs = {"task": rows["task"], "query": rows["query"], "answer": np.full_like(rows["answer"], PAD)}
    logits = parts.model({name: tf.constant(value) for name, value in inputs.items()})
    answer = tf.constant(rows["answer"])
    expected = losses.cross_entropy(logits, answer, losses.cell_weights(answer, tf.constant(config.pad_weight)))
    found = parts.step(rows, schedules.scalars(config, 0))
    assert float(found["loss"]) == pytest.approx(float(expected), rel=1e-5)


def first_change(optimizer: str) -> dict[str, np.ndarray]:
    """By what the first step changes every variable, at the peak learning rate of 2e-3."""
    config = Config(width=32, heads=2, feed_forward=32, encoder_layers=1, decoder_layers=1, batch_size=6, weight_decay=0.0)
    device.configure(seed=1)
    parts = build(replace(config, optimizer=optimizer))
    before = {variable.path: np.array(variable) for variable in parts.model.trainable_variables}
    parts.step(batch(config, 1, 0), schedules.scalars(config, config.warm_up))
    return {variable.path: np.array(variable) - before[variable.path] for variable in parts.model.trainable_variables}


def test_muon_moves_the_matrices_of_layers_and_adamw_half_as_fast_the_rest():
    adamw, muon = first_change("adamw"), first_change("muon")
    layers = [path for path, change in muon.items() if path.endswith("kernel") and change.ndim == 2 and path != "head/kernel"]
    assert len(layers) == 11
    for path, change in muon.items():
        if path in layers:
            # An orthogonal matrix times .2 * learning rate * root of the longer side; Newton and Schulz end between .7 and 1.2.
            size = np.linalg.norm(change, 2) / (0.2 * 2e-3 * max(change.shape) ** 0.5)
            assert 0.6 < size < 1.3
        else:
            np.testing.assert_allclose(change, adamw[path] / 2, atol=2e-6)


def test_one_batch_can_be_learnt():
    config = Config(width=32, heads=2, feed_forward=64, encoder_layers=1, decoder_layers=1, batch_size=6, steps=400, warm_up=10, lr=5e-3)
    device.configure(seed=0)
    parts, rows = build(config), batch(config, 0, 0)
    first = parts.step(rows, schedules.scalars(config, 10))
    for _ in range(150):
        last = parts.step(rows, schedules.scalars(config, 10))
    assert float(first["exact"]) == 0 and float(last["cell_accuracy"]) > 0.9
    assert float(last["loss"]) < 0.2 * float(first["loss"])


@pytest.mark.parametrize(
    ("flags", "cause"),
    [(["--lr", "0", "--guard-after", "2"], "nothing is learnt"), (["--lr", "1e30", "--warm-up", "0"], "not finite")],
)
def test_a_sick_run_is_stopped(flags, cause, tmp_path, capsys):
    assert commands.main(command("quick", tmp_path / "run", *flags)) == 3
    assert cause in capsys.readouterr().err
    assert cause in (tmp_path / "run" / "REPORT.md").read_text()
    assert not (tmp_path / "run" / "result.json").exists()


@endings
def test_a_report_is_there_whatever_the_end_was(tmp_path, monkeypatch, event, code, line):
    """The evaluation, which costs more than the training, is a made-up one."""
    monkeypatch.setattr(evaluate, "quick_scores", lambda answerer, cases: {"unseen_exact": 0.5})
    monkeypatch.setattr("arc.training.train.canvas_images", lambda answerer, cases: np.zeros((1, 4, 4, 3)))
    happens_at(monkeypatch, 3, event)
    assert commands.main(command("quick", tmp_path, "--evaluate-every", "2")) == code
    assert line in (tmp_path / "REPORT.md").read_text()


def test_another_model_is_refused(trained, capsys):
    assert commands.main(command("quick", trained, "--feed-forward", "64")) == 2
    assert "feed_forward was 32, is 64" in capsys.readouterr().err


def test_a_run_is_judged_released_and_judged_again(trained, tmp_path, capsys):
    released = tmp_path / "released"
    assert commands.main(["release", str(trained), str(released)]) == 0
    capsys.readouterr()
    assert commands.main(["evaluate", str(trained), "--json", "--count", "1"]) == 0
    from_run = json.loads(capsys.readouterr().out)
    assert from_run == json.loads((trained / "result.json").read_text())
    assert {"exact", "exact_two_attempts", "shape", "cell", "change_f1"} <= set(from_run["floors"])
    line = [sys.executable, "test_inference.py", str(released), "--json", "--count", "1"]
    printed = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    from_release = json.loads(printed)
    assert from_release["metrics"].keys() == from_run["metrics"].keys() and from_release["step"] == 8
    assert from_release["metrics"]["cell"] == pytest.approx(from_run["metrics"]["cell"], abs=0.05)  # Half precision.
    text = (released / "EVALUATION.md").read_text()
    assert "python -m arc train quick --width 32" in text and "ARC's own pairs" in text
    report = (trained / "REPORT.md").read_text()
    assert "category S3" in report and "previous cell, exact" in report and (trained / "answers.png").exists()


def test_a_page_shows_its_answers_and_where_it_looked(trained, tmp_path):
    assert commands.main(["report", str(trained), "--count", "1", "--output", str(tmp_path / "page.html")]) == 0
    text = (tmp_path / "page.html").read_text()
    assert '"step": 8' in text and text.count('"attention": {"mean"') == text.count('"shown": []') > 17


def test_a_checkpoint_is_audited(trained, capsys):
    assert commands.main(["audit", str(trained), "--json"]) == 1
    lines = {line["check"]: line for line in json.loads(capsys.readouterr().out)}
    assert [lines[name]["value"] for name in ("target shift", "perturb the future", "bag of future", "order of future")] == [0.0] * 4
    assert lines["below the floor"]["passed"] is False
