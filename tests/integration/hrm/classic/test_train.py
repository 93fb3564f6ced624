"""The original run: one step, a run that its own check lets through, and what checkpoints hold."""

import numpy as np
import pytest

from hrm import __main__ as commands
from hrm.classic.config import FAULTS
from hrm.classic.data import Pairs
from hrm.classic.steps import build
from longrun.config import changed
from longrun.step import device
from tests.fixtures.hrm import CLASSIC, MENDED, left_out

SMALL_RUN = ["--tasks", "mini-arc", "--side", "6", "--width", "16", "--heads", "2", "--high-layers", "1", "--low-layers", "1"]
SMALL_RUN += ["--batch-size", "8", "--log-every", "1", "--save-every", "1", "--steps", "100", "--held-out", "20", "--cycles", "4"]
SMALL_RUN += ["--mode", "eager"]


@pytest.mark.parametrize("config", [changed(CLASSIC, **dict.fromkeys(FAULTS, True)), MENDED], ids=["original", "mended"])
def test_one_step_trains_what_it_should_and_checkpoints_hold_all_of_it(config):
    device.configure(seed=0)
    source, made = Pairs(config), []
    assert left_out(lambda: made.append(build(config, len(source.identifiers))) or made[0]) == []
    parts, examples = made[0], source.batch(0, 0, 8)
    before = {v.path: v.numpy().copy() for v in parts.model.trainable_variables}
    batch = {"tokens": examples.tokens, "labels": examples.labels, "identifier": examples.identifier}
    values = {name: float(value) for name, value in parts.step(batch, {"learning_rate": 1e-3}).items()}
    assert np.isfinite(list(values.values())).all()
    still = {variable.path for variable in parts.model.trainable_variables if (before[variable.path] == variable.numpy()).all()}
    halting = {path for path in before if "halting_head" in path}
    assert still == (halting if config.faults.unlearnt_halting else set())


def test_a_small_run_is_stopped_while_its_own_check_passes(tmp_path, capsys, undrawn):
    assert commands.main(["train", "classic", *SMALL_RUN, "--guard-after", "2", "--run", f"{tmp_path}/run"]) == 3
    printed = capsys.readouterr()
    assert "initial check: PASSED" in printed.out and "input unused" in printed.err
    # TensorBoard draws the floors as lines in the curves of the guarded quantities.
    assert list((tmp_path / "run" / "events" / "floors").iterdir())
    text = (tmp_path / "run" / "REPORT.md").read_text()
    assert "The original run's own check on this network: PASSED" in text and "input unused" in text
    assert commands.main(["evaluate", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr().out
    assert "hrm classic, step 1" in printed and "the input is NOT used" in printed  # The steps that the guard counted are dropped.


def test_data_that_come_again_are_named_and_stopped(tmp_path, monkeypatch, capsys, undrawn):
    drawn = Pairs.batch
    monkeypatch.setattr(Pairs, "batch", lambda self, seed, step, count: drawn(self, seed, step % 2, count))
    assert commands.main(["train", "classic", *SMALL_RUN, "--run", f"{tmp_path}/run"]) == 3
    printed = capsys.readouterr().err
    assert "| data repeated | 5 |" in printed and "every batch is that of 2 steps before, to the last bit" in printed
