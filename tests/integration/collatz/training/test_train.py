"""Trainings through the real entry point, so small that they take seconds."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from collatz import __main__ as commands
from collatz.settings import DRIFT_COEFFICIENT
from collatz.training import schedules
from collatz.training import train as training
from collatz.training.train import drift_coefficient
from longrun import read_metrics
from tests.fixtures.attempts import come_again, has_data_of_its_own
from tests.fixtures.collatz import PATIENCE
from tests.fixtures.endings import fall, happens_at

pytestmark = pytest.mark.usefixtures("without_curves")


def everything(folder: Path) -> dict[str, bytes]:
    """All that the last checkpoint holds: weights, optimizer, step, and the host's state."""
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(folder / "checkpoints" / "last")))
    names = [name for name in reader.get_variable_to_shape_map() if not name.startswith(("save_counter", "_CHECKPOINTABLE"))]
    return {name: np.asarray(reader.get_tensor(name)).tobytes() for name in names}


def lines(folder: Path) -> list[dict]:
    return [{**line, "steps_per_second": 0} for line in read_metrics(folder / "metrics.jsonl")]


def test_a_killed_run_goes_on_bit_for_bit(original, trainer, tmp_path, monkeypatch):
    """The original recipe, for it has most to remember: weights, optimizer, mined numbers, plateau rule, learnt coefficient."""
    monkeypatch.setattr(schedules, "PATIENCE", PATIENCE)
    words = trainer.words("original", tmp_path / "killed", "--epochs", "150")
    with monkeypatch.context() as patch:
        happens_at(patch, 113, fall)
        assert commands.main(words) == 130
    assert not (tmp_path / "killed" / "result.json").exists()
    again = trainer.train("original", tmp_path / "killed", "--epochs", "150")
    assert "going on at step 100 of 150" in again.printed
    assert everything(again.folder) == everything(original.folder)
    assert lines(again.folder) == lines(original.folder)
    assert (again.folder / "result.json").read_text() == (original.folder / "result.json").read_text()
    last = lines(original.folder)[-1]
    assert last["mined"] > 0 and last["drift_coefficient"] != DRIFT_COEFFICIENT and last["learning_rate"] < 1e-3


def test_a_sick_run_rolls_back_before_it_stops(trainer, tmp_path, capsys):
    flags = ["--epochs", "400", "--lr", "0", "--guard-after", "20", "--log-every", "5", "--save-every", "5", "--on-unhealthy", "rollback"]
    assert commands.main(trainer.words("clock", tmp_path / "run", *flags)) == 3
    printed = capsys.readouterr()
    assert "attempt 1" in printed.out and "attempt 2" in printed.out
    cause = "the loss is no lower than that of the closed form"
    assert cause in printed.err and cause in (tmp_path / "run" / "REPORT.md").read_text()
    assert not (tmp_path / "run" / "result.json").exists()


def test_another_lookahead_is_refused(trainer, trained, capsys):
    assert commands.main(trainer.words("clock", trained, "--epochs", "200", "--lookahead", "8")) == 2
    assert "lookahead was 6, is 8" in capsys.readouterr().err


def test_weights_are_taken_over_and_only_from_the_same_network(original, trainer, tmp_path, capsys):
    flags = ["--epochs", "10", "--lr", "0", "--load-checkpoint", str(original.folder)]
    again = trainer.train("original", tmp_path / "again", *flags).folder
    before, now = (json.loads((folder / "result.json").read_text())["metrics"] for folder in (original.folder, again))
    assert before == now
    learnt, kept = (lines(folder)[-1]["drift_coefficient"] for folder in (original.folder, again))
    assert learnt == kept != pytest.approx(DRIFT_COEFFICIENT)
    assert commands.main(trainer.words("original", tmp_path / "other", *flags, "--layers", "32")) == 2
    assert "has widths (16,), this run has (32,)" in capsys.readouterr().err


def test_a_learnt_coefficient_leaves_the_run(original):
    assert {path.name for path in original.folder.glob("*.keras")} == {"v.keras", "v_100.keras"}
    for file in ("v.keras", "v_100.keras"):
        assert drift_coefficient(keras.saving.load_model(original.folder / file, compile=False)) != pytest.approx(DRIFT_COEFFICIENT)


def test_the_output_is_that_of_the_original_program(original):
    seeds = {111: 24, 27: 41, 703: 62, 26623: 113, 626331: 189}
    start = [
        r"Device: .+   Recipe: original   Lookahead: 6",
        r"Constraints: T1, T4   Target: adaptive, split: False   Layers: 16",
        r"Mining: True   Curriculum: True   Test seeds: 111,27,703,26623,626331",
        r"Evaluation set: 300 numbers, \d+ growth steps",
        r"Training seeds: 49   Parameters: 226",
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
    printed = iter(original.printed.splitlines())
    for pattern in wanted:  # In this order, with other lines between.
        assert any(re.fullmatch(pattern, line) for line in printed), f"no further line {pattern!r} in:\n{original.printed}"


def test_another_attempt_has_data_of_its_own(trainer, tmp_path, monkeypatch):
    words = trainer.words("original", tmp_path / "run")
    assert has_data_of_its_own(training, monkeypatch, lambda: commands.main(words))


def test_data_that_come_again_are_named_and_stopped(trainer, tmp_path, monkeypatch, capsys):
    come_again(training, monkeypatch)
    assert commands.main(trainer.words("clock", tmp_path / "run", "--epochs", "100")) == 3
    printed = capsys.readouterr().err
    assert "| data repeated | 10 |" in printed and "every batch is that of 2 steps before, to the last bit" in printed


@pytest.mark.parametrize(("flags", "code"), [([], 3), (["--fix-lr"], 0)])
def test_a_rate_that_is_cut_by_the_noise_of_single_batches_is_named(trainer, tmp_path, monkeypatch, capsys, flags, code):
    """The original recipe with an impatient plateau rule, and with a cosine in its place."""
    monkeypatch.setattr(schedules, "PATIENCE", PATIENCE)
    words = trainer.words("original", tmp_path / "run", "--epochs", "300", "--on-unhealthy", "stop", *flags)
    assert commands.main(words) == code
    assert ("| rate cut by noise |" in capsys.readouterr().err) == (code == 3)
