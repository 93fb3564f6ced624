import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from arc import __main__ as commands
from arc.measure import evaluate
from arc.network import answerer
from arc.network.model import PAD
from arc.training import losses, release, schedules
from arc.training import train as training
from arc.training.data import batch
from arc.training.steps import build
from longrun import StepFunction, read_metrics
from longrun.config import changed
from longrun.step import device
from tests.fixtures.arc import SMALL, TINY, made
from tests.fixtures.attempts import come_again, has_data_of_its_own


def command(preset, folder, *flags):
    return ["train", preset, *SMALL, "--run", str(folder), *flags]


def everything(folder: Path) -> dict[str, bytes]:
    """All that the last checkpoint holds: weights, optimizer, step, and the host's state."""
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(folder / "checkpoints" / "last")))
    names = [name for name in reader.get_variable_to_shape_map() if not name.startswith(("save_counter", "_CHECKPOINTABLE"))]
    return {name: np.asarray(reader.get_tensor(name)).tobytes() for name in names}


class Kill(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


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


def test_a_run_that_was_killed_goes_on_bit_for_bit(tmp_path, monkeypatch):
    """Both runs end before the evaluation at step 6, which costs more than the training: with the checkpoint of step 4."""
    for name, kills in {"straight": (), "killed": (3,)}.items():
        line = command("decoder-only", tmp_path / name, "--steps", "6", "--evaluate-every", "6")
        for call in kills:
            run_until(monkeypatch, StepFunction, "__call__", call, line)
        run_until(monkeypatch, evaluate, "quick_scores", 0, line)
    assert everything(tmp_path / "killed") == everything(tmp_path / "straight")
    assert lines_of(tmp_path / "killed") == lines_of(tmp_path / "straight") and len(lines_of(tmp_path / "killed")) == 2


@pytest.mark.parametrize("optimizer", ["AdamW", "Muon"])
def test_a_checkpoint_holds_every_variable(optimizer, monkeypatch):
    """Those of the model with the seeds of its Dropout, and those of the optimizer."""
    built, kind = [], getattr(keras.optimizers, optimizer)
    monkeypatch.setattr(keras.optimizers, optimizer, lambda *given, **named: built.append(kind(*given, **named)) or built[-1])
    parts = build(made(**{**TINY, "dropout": 0.1, "optimizer": optimizer.lower(), "object_view": optimizer == "Muon"}))
    held = [variable for variables in parts.groups.values() for variable in variables]
    assert {id(variable) for variable in held} == {id(variable) for variable in (*parts.model.variables, *built[0].variables)}
    assert any("seed" in variable.path for variable in parts.groups["model"])


def trace(steps: tuple[int, ...], **fields) -> list[dict[str, float]]:
    config = made(width=32, heads=2, feed_forward=32, encoder_layers=1, decoder_layers=1, batch_size=6, loss="expected_cost", **fields)
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
    whole, shards = (trace((50, 2000), mode="eager", shards=count) for count in (1, 3))
    for left, right in zip(whole, shards, strict=True):
        assert left == pytest.approx(right, rel=1e-4, abs=1e-5)


def test_a_hidden_answer_is_scored_and_not_shown():
    config = made(width=32, heads=2, feed_forward=32, encoder_layers=1, decoder_layers=1, batch_size=6, hidden_answers=1.0, mode="eager")
    device.configure(seed=1)
    parts, rows = build(config), batch(config, 1, 0)
    inputs = {"task": rows["task"], "query": rows["query"], "answer": np.full_like(rows["answer"], PAD)}
    logits = parts.model({name: tf.constant(value) for name, value in inputs.items()})
    answer = tf.constant(rows["answer"])
    expected = losses.cross_entropy(logits, answer, losses.cell_weights(answer, tf.constant(config.learning.pad_weight)))
    found = parts.step(rows, schedules.scalars(config, 0))
    assert float(found["loss"]) == pytest.approx(float(expected), rel=1e-5)


def first_change(optimizer: str) -> dict[str, np.ndarray]:
    """By what the first step changes every variable, at the peak learning rate of 2e-3."""
    config = made(width=32, heads=2, feed_forward=32, encoder_layers=1, decoder_layers=1, batch_size=6, weight_decay=0.0, mode="eager")
    device.configure(seed=1)
    parts = build(changed(config, optimizer=optimizer))
    before = {variable.path: np.array(variable) for variable in parts.model.trainable_variables}
    parts.step(batch(config, 1, 0), schedules.scalars(config, config.learning.warm_up))
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
    config = made(width=32, heads=2, feed_forward=64, encoder_layers=1, decoder_layers=1, batch_size=6, steps=400, warm_up=10, lr=5e-3)
    device.configure(seed=0)
    parts, rows = build(config), batch(config, 0, 0)
    first = parts.step(rows, schedules.scalars(config, 10))
    for _ in range(150):
        last = parts.step(rows, schedules.scalars(config, 10))
    assert float(first["exact"]) == 0 and float(last["cell_accuracy"]) > 0.9
    assert float(last["loss"]) < 0.2 * float(first["loss"])


def test_a_run_that_learns_nothing_is_stopped(tmp_path, capsys):
    assert (
        commands.main(command("decoder-only", tmp_path / "run", "--lr", "0", "--guard-after", "2", "--steps", "8", "--evaluate-every", "8"))
        == 3
    )
    assert "nothing is learnt" in capsys.readouterr().err
    assert "nothing is learnt" in (tmp_path / "run" / "REPORT.md").read_text()
    assert not (tmp_path / "run" / "result.json").exists()


def test_another_model_is_refused(trained, capsys):
    assert commands.main(command("plain", trained, "--feed-forward", "64")) == 2
    assert "feed_forward was 32, is 64" in capsys.readouterr().err


def test_a_run_is_judged_by_its_checkpoint(trained, capsys):
    assert commands.main(["evaluate", str(trained), "--json", "--count", "1"]) == 0
    from_run = json.loads(capsys.readouterr().out)
    assert from_run == json.loads((trained / "result.json").read_text())
    assert {"exact", "exact_two_attempts", "shape", "cell", "change_f1"} <= set(from_run["floors"])
    report = (trained / "REPORT.md").read_text()
    assert "category S3" in report and "previous cell, exact" in report and (trained / "answers.png").exists()


def test_a_run_is_released_in_half_precision_with_what_evaluations_of_it_print(trained, tmp_path, monkeypatch):
    released = tmp_path / "released"
    monkeypatch.setattr(release, "judge", lambda folder, **flags: print(f"judged {folder} {flags}"))
    assert commands.main(["release", str(trained), str(released)]) == 0
    text = (released / "EVALUATION.md").read_text()
    assert f"python test_inference.py {released} --real` prints:\n\njudged {released} {{'real': True}}" in text
    assert f"judged {released} {{'count': 1}}" in text and "# arc plain, step 4" in text
    manifest = json.loads((released / "manifest.json").read_text())
    assert manifest["result"] == json.loads((trained / "result.json").read_text()) and manifest["config"]["width"] == 32
    weights = [answerer.load(folder).model.get_weights() for folder in (released, trained)]
    for half, whole in zip(*weights, strict=True):
        np.testing.assert_allclose(half, whole, rtol=1e-3, atol=1e-4)


@pytest.fixture
def opened(trained, monkeypatch):
    """The trained model, traced once for all commands that ask for it."""
    monkeypatch.setattr(answerer, "load", lambda path: TRACED.setdefault("trained", LOAD(trained)))
    return trained


LOAD, TRACED = answerer.load, {}


def test_a_page_shows_its_answers_and_where_it_looked(opened, tmp_path):
    assert commands.main(["report", str(opened), "--count", "1", "--output", str(tmp_path / "page.html")]) == 0
    text = (tmp_path / "page.html").read_text()
    assert '"step": 4' in text and text.count('"attention": {"mean"') == text.count('"shown": []') > 17


def test_a_checkpoint_is_audited(opened, capsys):
    assert commands.main(["audit", str(opened), "--json"]) == 1
    lines = {line["check"]: line for line in json.loads(capsys.readouterr().out)}
    assert [lines[name]["value"] for name in ("target shift", "perturb the future", "bag of future", "order of future")] == [0.0] * 4
    assert lines["below the floor"]["passed"] is False


def test_another_attempt_has_data_of_its_own(tmp_path, monkeypatch):
    assert has_data_of_its_own(training, monkeypatch, lambda: commands.main(command("plain", tmp_path / "run")))


def test_data_that_come_again_are_named_and_stopped(tmp_path, monkeypatch, capsys):
    come_again(training, monkeypatch)
    flags = ["--steps", "8", "--save-every", "8", "--evaluate-every", "8"]
    assert commands.main(command("plain", tmp_path / "run", *flags)) == 3
    printed = capsys.readouterr().err
    assert "| data repeated | 6 |" in printed and "every batch is that of 2 steps before, to the last bit" in printed
