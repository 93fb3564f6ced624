import itertools
import json

import numpy as np
import pytest

from arc import __main__ as commands
from arc.config import Config
from arc.measure.factorial import cell_config, effects, report
from arc.network.model import build_model
from arc.skills import VALIDATION
from longrun.cli.training import Training
from longrun.config import flatten
from longrun.run import repeat
from longrun.run.repeat import Finished

CELLS = list(itertools.product((False, True), repeat=3))


def test_all_cells_have_the_same_size_and_see_no_skill_number():
    configs = [cell_config(Config(), levels) for levels in CELLS]
    sizes = [build_model(config.network).count_params() for config in configs]
    assert max(sizes) / min(sizes) - 1 < 0.005
    assert not any(config.network.task_ids for config in configs) and all(config.data.held_out_skills == VALIDATION for config in configs)
    assert len({(config.network.positions, config.network.equivariant, config.network.context_pairs) for config in configs}) == 8
    assert configs[-1].network.model == "champion"


def test_effects_by_hand():
    """Score = 0.5 + 0.1 (positions on) + 0.2 (colours and context differ), two seeds that are 0.02 apart."""
    scores = {levels: [0.5 + 0.1 * levels[0] + 0.2 * (levels[1] != levels[2]) + shift for shift in (-0.01, 0.01)] for levels in CELLS}
    found = {effect.name: effect for effect in effects(scores)}
    assert found["positions"].value == pytest.approx(0.1) and found["colours x context"].value == pytest.approx(-0.2)
    others = set(found) - {"positions", "colours x context"}
    assert len(others) == 5 and all(found[name].value == pytest.approx(0, abs=1e-12) for name in others)
    half = 2.306 * np.sqrt(0.0002) * 2 / np.sqrt(16)  # Student's t for 8 degrees of freedom
    assert found["positions"].high - found["positions"].value == pytest.approx(half, rel=1e-3)


def test_one_seed_has_no_interval():
    table = {question: {levels: [0.5] for levels in CELLS} for question in ("A", "B")}
    found = {question: effects(scores) for question, scores in table.items()}
    assert np.isnan(found["A"][0].low)
    assert "| positions | +0.000 | +0.000 |" in report(table, found, Config(), 1)


def test_the_report_has_all_cells_and_effects():
    table = {question: {levels: [0.5, 0.6] for levels in CELLS} for question in ("A", "B")}
    text = report(table, {question: effects(scores) for question, scores in table.items()}, Config(), 2)
    assert "| none | 0.550 (0.500, 0.600) |" in text and "| positions x colours x context | +0.000 [" in text


@pytest.fixture
def trained(monkeypatch):
    """Trainings that end at once; the names of their folders."""
    names = []

    def run_all(project, trainings, **options):
        for training in trainings:
            names.append(training.folder.name)
            _, config, _ = Training("arc.presets", only="plain").read(training.flags, "train")
            training.folder.mkdir(parents=True)
            (training.folder / "config.json").write_text(json.dumps({"project": "arc", "preset": "plain", **flatten(config)}))
            outcome = {"metrics": {"trained_exact": 0.5 + 0.1 * config.run.seed, "held_out_exact": 0.25}}
            (training.folder / "result.json").write_text(json.dumps(outcome))
            yield Finished(training, 0, outcome)

    monkeypatch.setattr(repeat, "run_all", run_all)
    return names


def test_finished_runs_are_not_repeated_and_those_of_other_settings_refused(tmp_path, trained, capsys):
    assert commands.main(["factorial", "--folder", str(tmp_path), "--seeds", "1", "--steps", "300"]) == 0
    assert commands.main(["factorial", "--folder", str(tmp_path), "--seeds", "2", "--steps", "300", "--log-every", "25"]) == 0
    assert len(trained) == len(set(trained)) == 16
    assert "| positions+colours+context | 0.550 (0.500, 0.600) | 0.250 (0.250, 0.250) |" in (tmp_path / "FACTORIAL.md").read_text()
    capsys.readouterr()
    assert commands.main(["factorial", "--folder", str(tmp_path), "--seeds", "2", "--steps", "200"]) == 2
    assert "none-0 was trained with steps = 300, not 200" in capsys.readouterr().err


def test_a_training_that_fails_is_named_and_the_others_are_kept(tmp_path, monkeypatch, capsys):
    def run_all(project, trainings, **options):
        yield from (Finished(training, 3 if number == 1 else 0, {}) for number, training in enumerate(trainings))

    monkeypatch.setattr(repeat, "run_all", run_all)
    assert commands.main(["factorial", "--folder", str(tmp_path), "--seeds", "1", "--steps", "300"]) == 1
    printed = capsys.readouterr().out
    assert printed.count(": done") == 7 and f"failed with exit code 3, see {tmp_path}/context-0/output.log" in printed
