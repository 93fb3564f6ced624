"""Trainings through the real entry point: killed and resumed, sick, evaluated, graph against eager, and an overfit."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from collatz import __main__ as commands
from collatz.bounds import frontier
from collatz.config import DRIFT_COEFFICIENT, Config
from collatz.functions.lyapunov import Lyapunov
from collatz.functions.model import build_model
from collatz.measure import every_number as verification
from collatz.numbers.evalset import make_evaluation_set
from collatz.training import schedules, steps
from collatz.training.health import FLAT, UNMOVED
from collatz.training.sampler import Sampler
from collatz.training.steps import build
from collatz.training.train import drift_coefficient
from longrun import read_metrics
from longrun.step import device
from tests.fixtures.endings import endings, happens_at
from tests.places import ROOT

COMMON = ["--layers", "16", "--batch-size", "64", "--log-every", "50", "--save-every", "50", "--eval-interval", "400"]
COMMON += ["--quick-eval-interval", "100"]
RUNS = {
    "original": ["run4", "--mine-interval", "40", "--target-type", "adaptive", "--ramp-len", "300"],
    "bfloat16": ["run4", "--mine-interval", "40", "--ramp-len", "300", "--layers", "16,16", "--precision", "bfloat16"],
    "clock": ["quick", "--lookahead", "6"],
    "levels": ["levels", "--lookahead", "6", "--climb-index", "5"],
}


@pytest.fixture(scope="module")
def small_set(tmp_path_factory):
    path = tmp_path_factory.mktemp("set") / "small.csv"
    make_evaluation_set(path, samples=300)
    return path


@pytest.fixture(scope="module")
def command(small_set):
    def words(recipe, folder, *flags):
        preset, *own = RUNS[recipe]
        return ["train", preset, *COMMON, *own, "--eval-csv", str(small_set), "--run", str(folder), *flags]

    return words


@pytest.fixture(scope="module")
def trained(command, tmp_path_factory):
    """A finished training of ours: its folder."""
    folder = tmp_path_factory.mktemp("runs") / "trained"
    assert commands.main(command("clock", folder, "--epochs", "100")) == 0
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    """All that the last checkpoint holds: weights, optimizer, step, and the host's state."""
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(folder / "checkpoints" / "last")))
    names = [name for name in reader.get_variable_to_shape_map() if not name.startswith(("save_counter", "_CHECKPOINTABLE"))]
    return {name: np.asarray(reader.get_tensor(name)).tobytes() for name in names}


@pytest.mark.parametrize("recipe", ["original", "bfloat16", "clock"])
def test_a_killed_run_goes_on_bit_for_bit(recipe, command, tmp_path):
    flags = ("--epochs", "600")
    assert commands.main(command(recipe, tmp_path / "straight", *flags)) == 0
    arguments = command(recipe, tmp_path / "killed", *flags)
    process = subprocess.Popen([sys.executable, "-m", "collatz", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ})
    while process.poll() is None and not list((tmp_path / "killed").glob("checkpoints/last/ckpt-*.index")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed" / "result.json").exists()
    assert commands.main(arguments) == 0
    assert everything(tmp_path / "killed") == everything(tmp_path / "straight")
    first, second = (read_metrics(tmp_path / name / "metrics.jsonl") for name in ("straight", "killed"))
    assert [{**line, "steps_per_second": 0} for line in first] == [{**line, "steps_per_second": 0} for line in second]
    assert (tmp_path / "killed" / "result.json").read_text() == (tmp_path / "straight" / "result.json").read_text()
    if recipe == "original":
        assert first[-1]["mined"] > 0 and first[-1]["drift_coefficient"] != 0.35


def step_pair(recipe: str, mode: str, epochs: tuple[int, ...]) -> list[dict[str, float]]:
    config = replace(Config(), layers="16", lookahead=6, batch_size=64, epochs=10_000, mode=mode)
    own = {"original": {"decay_start": 0, "use_t4": True, "target_type": "adaptive"}, "clock": {}, "levels": {"climb_index": 5}}
    config = replace(config, recipe=recipe, **own[recipe])
    device.configure(seed=1)
    parts, sampler, reports = build(config), Sampler(config.batches, 6), []
    for epoch in epochs:
        batch = sampler.batch(1, 0, shifts=config.shifts)
        reports.append({name: float(value) for name, value in parts.step(batch, schedules.scalars(config, epoch, None)).items()})
    weights = np.concatenate([np.ravel(variable) for variable in parts.model.trainable_variables])
    return [*reports, {"weights": float(np.abs(weights).sum())}]


@pytest.mark.parametrize("recipe", ["original", "clock", "levels"])
def test_eager_equals_graph_at_two_points_of_the_schedules(recipe):
    graph, eager = step_pair(recipe, "graph", (0, 6000)), step_pair(recipe, "eager", (0, 6000))
    for left, right in zip(graph, eager, strict=True):
        assert left == pytest.approx(right, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(("recipe", "dead"), [("clock", "estimate"), ("levels", "logits")])
def test_a_dead_output_shows_in_the_step_s_report(recipe, dead, monkeypatch):
    """Though V itself spreads: multiples of three stand high above everything else."""
    config = replace(Config(), recipe=recipe, layers="16", lookahead=20, batch_size=64)
    device.configure(seed=1)

    def build_dead(config):
        model = build_model(config)
        level = 0 * model.output[dead] + keras.ops.sum(model.get_layer("correction").bias)
        return keras.Model(model.input, model.output | {dead: level})

    batch = Sampler(config.batches, 20).batch(0, 0)
    alive = build(config).step(batch, schedules.scalars(config, 0, None))
    monkeypatch.setattr(steps, "build_model", build_dead)
    report = build(config).step(batch, schedules.scalars(config, 0, None))
    assert float(alive["value_spread"]) > 100 * FLAT and float(report["value_spread"]) < FLAT
    assert float(alive["correction_spread"]) < UNMOVED  # It starts at nought, which is why that guard waits.


def test_hidden_layers_in_bfloat16_train_the_weights_in_float32():
    config = replace(Config(), layers="64,64", lookahead=8, batch_size=64, lr=3e-3, epochs=1500)
    batch, scalars = Sampler(config.batches, 8).batch(0, 0), schedules.scalars(config, 0, None)
    found = {}
    for precision in ("float32", "bfloat16"):
        device.configure(seed=0)
        parts = build(replace(config, precision=precision))
        assert {variable.dtype for variable in parts.model.trainable_variables} == {"float32"}
        losses = [float(parts.step(batch, scalars)["loss"]) for _ in range(50)]
        found[precision] = losses, parts.model.get_layer("hidden_2").kernel.numpy()
    (exact, weights), (rounded, copied) = found.values()
    assert rounded != exact and rounded == pytest.approx(exact, rel=0.1)
    # Updates smaller than a bfloat16's last digit are not lost: few weights are numbers that bfloat16 has.
    assert 0 < np.abs(weights - copied).max() < 0.05 and (copied == tf.cast(tf.cast(copied, tf.bfloat16), tf.float32)).numpy().mean() < 0.1


def test_the_schedule_reaches_the_compiled_step():
    early, late = (step_pair("original", "graph", (epoch,)) for epoch in (0, 9000))
    assert early[0]["loss"] > 10 * late[0]["loss"]  # The anchor has faded.
    assert early[1] != late[1]  # So has the rate.


@pytest.mark.parametrize("recipe", ["original", "clock"])
def test_one_batch_can_be_learnt(recipe):
    config = replace(Config(), recipe=recipe, layers="64,64", lookahead=8, batch_size=64, lr=3e-3, epochs=1500)
    device.configure(seed=0)
    parts, batch = build(config), Sampler(config.batches, 8).batch(0, 0)
    scalars = schedules.scalars(config, 0, None) | {"anchor": 0.0}  # Without the plateau rule: a cosine.
    first = parts.step(batch, scalars)
    for _ in range(300):
        last = parts.step(batch, scalars)
    if recipe == "original":
        assert float(first["violations"]) > 0.4 and float(last["violations"]) < 0.1
    else:
        assert float(last["loss"]) < 0.3 * float(first["loss"])


@pytest.mark.parametrize(
    ("recipe", "flags", "guard"),
    [
        ("clock", ["--lr", "0", "--guard-after", "50"], "the loss is no lower than that of the closed form"),
        ("original", ["--lr", "1e30", "--on-unhealthy", "stop"], "not finite"),
    ],
)
def test_a_sick_run_is_stopped(recipe, flags, guard, command, tmp_path, capsys):
    assert commands.main(command(recipe, tmp_path / "run", "--epochs", "400", *flags)) == 3
    assert guard in capsys.readouterr().err
    assert guard in (tmp_path / "run" / "REPORT.md").read_text()
    assert not (tmp_path / "run" / "result.json").exists()


@endings
def test_a_report_is_there_whatever_the_end_was(command, tmp_path, monkeypatch, event, code, line):
    happens_at(monkeypatch, 15, event)
    flags = ["--epochs", "40", "--log-every", "10", "--save-every", "10", "--eval-interval", "10"]
    assert commands.main(command("clock", tmp_path / "run", *flags)) == code
    assert line in (tmp_path / "run" / "REPORT.md").read_text()


def test_a_sick_run_rolls_back_before_it_stops(command, tmp_path, capsys):
    flags = ["--epochs", "400", "--lr", "0", "--guard-after", "100", "--on-unhealthy", "rollback"]
    assert commands.main(command("clock", tmp_path / "run", *flags)) == 3
    output = capsys.readouterr().out
    assert "attempt 1" in output and "attempt 2" in output


def test_another_lookahead_is_refused(command, trained, capsys):
    assert commands.main(command("clock", trained, "--epochs", "200", "--lookahead", "8")) == 2
    assert "lookahead was 6, is 8" in capsys.readouterr().err


def test_weights_can_be_taken_over_and_only_from_the_same_network(command, trained, tmp_path, capsys):
    flags = ["--epochs", "50", "--lr", "0", "--load-checkpoint", str(trained), "--guard-after", "1000"]
    assert commands.main(command("clock", tmp_path / "again", *flags)) == 0
    last = [json.loads((folder / "result.json").read_text())["metrics"] for folder in (trained, tmp_path / "again")]
    assert last[0] == last[1]
    capsys.readouterr()
    assert commands.main(command("clock", tmp_path / "other", *flags, "--layers", "32")) == 2
    assert "has widths (16,), this run has (32,)" in capsys.readouterr().err


def test_the_output_is_the_log_s(command, tmp_path, capsys):
    flags = ["--epochs", "150", "--eval-interval", "100", "--quick-eval-interval", "50", "--save-model", "v.keras"]
    assert commands.main(command("original", tmp_path / "run", *flags)) == 0
    printed = capsys.readouterr().out
    seeds = {111: 24, 27: 41, 703: 62, 26623: 113, 626331: 189}
    start = [
        r"Device: .+   Recipe: original   Lookahead: 10",
        r"Constraints: T1, T4   Target: adaptive, split: False   Layers: 16",
        r"Mining: True   Curriculum: True   Test seeds: 111,27,703,26623,626331",
        r"Evaluation set: 300 numbers, \d+ growth steps",
        r"Training seeds: 49   Parameters: 290",
    ]
    quick = [
        rf"Epoch {epoch} \| Loss: \d+\.\d{{4}} \| Beta: 0\.\d{{4}} \| Seeds: {49 * epoch // 300} \| Mined: {mined} \| "
        r"\[Quick\] Traj27: (OK|X\(\d+\)) \| Random 1000: \d+\.\d% pass"
        for epoch, mined in ((0, "0"), (50, r"\d+"), (100, r"\d+"))
    ]
    mining = r"\[Mining\] Found \d+ violations, worst margin -?\d+\.\d{4}, added \d+"
    block = [
        *(rf"  [✓✗] {seed}: \d+ violations / {steps} steps.*" for seed, steps in seeds.items()),
        r"  Total: \d+/429 \(\d+\.\d%\), of them",
        r"    \d+/271 at numbers on training trajectories",
        r"    \d+/158 at numbers on none",
        r"Population \(300 numbers\):",
        r"  Pass \d+\.\d\d%   weighted \d+\.\d\d%",
        r"  Growth steps: pass \d+\.\d\d%   weighted \d+\.\d\d%",
        r"Margins: mean -?\d+\.\d{4}, median -?\d+\.\d{4}, smallest -?\d+\.\d{4},",
    ]
    wanted = [*start, quick[0], mining, quick[1], mining, "EVALUATION, epoch 100", *block, quick[2], mining]
    wanted += ["FINAL EVALUATION, epoch 149", *block]
    lines = iter(printed.splitlines())
    for pattern in wanted:  # In this order, with other lines between.
        assert any(re.fullmatch(pattern, line) for line in lines), f"no further line {pattern!r} in:\n{printed}"
    assert {path.name for path in (tmp_path / "run").glob("*.keras")} == {"v.keras", "v_100.keras"}


def test_a_learnt_coefficient_is_taken_over_and_released(command, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    assert commands.main(command("original", first, "--epochs", "60", "--eval-interval", "50")) == 0
    flags = ["--epochs", "10", "--lr", "0", "--load-checkpoint", str(first)]
    assert commands.main(command("original", second, *flags)) == 0
    learnt, kept = (read_metrics(folder / "metrics.jsonl")[-1]["drift_coefficient"] for folder in (first, second))
    assert learnt == kept != pytest.approx(DRIFT_COEFFICIENT)
    for file in ("collatz_model.keras", "collatz_model_50.keras"):
        saved = keras.saving.load_model(first / file, compile=False)
        assert drift_coefficient(saved) != pytest.approx(DRIFT_COEFFICIENT)


def test_a_run_is_judged_released_and_judged_again(trained, tmp_path, capsys):
    released = tmp_path / "released"
    assert commands.main(["release", str(trained), str(released)]) == 0
    capsys.readouterr()
    outcomes = []
    for checkpoint in (trained, trained / "checkpoints" / "last", released):
        assert commands.main(["evaluate", str(checkpoint), "--json"]) == 0
        outcomes.append(json.loads(capsys.readouterr().out))
    assert outcomes[0] == outcomes[1] == outcomes[2] == json.loads((trained / "result.json").read_text())
    assert outcomes[0]["project"] == "collatz" and outcomes[0]["step"] == 100
    names = {"violations", "violations_unleaked", "pass", "weighted_pass", "growth_pass", "growth_weighted_pass"}
    assert names <= set(outcomes[0]["metrics"]) and names <= set(outcomes[0]["floors"]) and names <= set(outcomes[0]["skill"])
    assert outcomes[0]["counts"]["violations"] == 429 and outcomes[0]["counts"]["violations_unleaked"] == 158
    text = (released / "EVALUATION.md").read_text()
    assert "| clock |" in text and "Lower bounds for any V" in text
    numbers, measured = outcomes[0]["metrics"], outcomes[0]["measured"]
    assert set(measured) == {"quick", "clock", "window maximum"} and measured["clock"].keys() < outcomes[0]["bounds"].keys()
    assert measured["quick"][frontier.VIOLATIONS] == numbers["large_number_violations"] < 0.1
    assert numbers["violations_leaked"] == numbers["violations"] - numbers["violations_unleaked"]
    assert numbers["margin_percentile_5"] <= numbers["margin_median"]
    assert outcomes[0]["closed_forms"]["clock"]["violations"] == outcomes[0]["floors"]["violations"]
    assert 0 < numbers["steps_in_endgame"] < 429 and 0 < numbers["rows_in_endgame"] < 300
    assert f"The endgame's table answers {numbers['steps_in_endgame']} of 429 test steps" in text
    assert f"Without it: {numbers['violations_without_endgame']} violations" in text
    assert "`python -m collatz train quick --layers 16 --lookahead 6 --batch-size 64 --epochs 100`" in text


def test_a_run_is_analyzed(trained, tmp_path, capsys):
    assert commands.main(["analyze", str(trained), "--folder", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "analysis.json").read_text())
    violations = json.loads((trained / "result.json").read_text())["metrics"]["violations"]
    assert sum(row["violations"] for row in report["seeds"]) == violations
    assert sum(row["rows"] for row in report["steps"].values()) == 300
    by_name = {row["seed"]: row for row in report["seeds"]}
    assert by_name[27]["steps"] == 41 and by_name[27]["excursion"] == 3077 / 27
    assert (
        "- 27 has nothing that 95% of them have less of; its highest rank is that of steps to one" in (tmp_path / "ANALYSIS.md").read_text()
    )
    for tables in ({"bits": report["bits"]}, report["window"]):
        for table in tables.values():
            assert sum(row["rows"] for row in table.values()) == 200_000
    assert report["splits"]["ln n"] == {"growth": 1.0, "decay": 0.0}
    assert "plateau" not in report and not (tmp_path / "rate.png").exists()
    assert (
        (tmp_path / "trajectories.png").exists()
        and (tmp_path / "shares.png").exists()
        and capsys.readouterr().out.startswith("# collatz quick")
    )


def test_the_plateau_of_an_original_run_is_explained(command, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(schedules, "PATIENCE", 30)
    for fix_lr in (False, True):
        folder = tmp_path / f"run-{fix_lr}"
        flags = ["--epochs", "200", "--log-every", "10", *(["--fix-lr"] if fix_lr else [])]
        assert commands.main(command("original", folder, *flags)) == 0
        assert commands.main(["analyze", str(folder), "--folder", str(folder / "analysis")]) == 0
        report = json.loads((folder / "analysis" / "analysis.json").read_text())
        assert ("plateau" in report) is not fix_lr
        assert ("the loss of single batches" in capsys.readouterr().out) is not fix_lr
        if not fix_lr:
            lines = read_metrics(folder / "metrics.jsonl")
            first = report["plateau"]["halvings"][0]
            before = [line["loss"] for line in lines if line["step"] < first["step"]]
            assert first["loss_before"] == pytest.approx(np.mean(before)) and first["rate"] == 5e-4
            assert 0 <= first["violations_after"] <= 1


def test_every_number_is_verified(trained, tmp_path, capsys):
    flags = ["verify", str(trained), "--folder", str(tmp_path / "v"), "--up-to"]
    assert commands.main([*flags, "4001"]) == 0
    assert "2,000 numbers in " in capsys.readouterr().out
    assert commands.main([*flags, "9001"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("2,500 numbers in ")
    summary = json.loads((tmp_path / "v" / "summary.json").read_text())
    assert (summary["numbers"], summary["up_to"]) == (4500, 9001)
    assert summary["worst_margin"] <= 0
    assert summary["violations"] == len((tmp_path / "v" / "violations.csv").read_text().splitlines()) - 1
    assert f"4,500 odd numbers from 3 to 9,001: {summary['violations']:,} violations" in printed


def test_a_verification_saves_when_it_is_asked_to_stop(trained, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(verification, "CHUNK", 64)
    asked = iter([False, True])

    def value(features):
        if next(asked, False):
            os.kill(os.getpid(), signal.SIGTERM)
        return features[:, 0]

    monkeypatch.setattr(Lyapunov, "__call__", lambda self, features: value(features))
    flags = ["verify", str(trained), "--folder", str(tmp_path / "v"), "--up-to", "2001"]
    assert commands.main(flags) == 143
    assert "stopped by SIGTERM at n = 129" in capsys.readouterr().err
    assert commands.main(flags) == 0
    assert json.loads((tmp_path / "v" / "summary.json").read_text())["numbers"] == 1000
