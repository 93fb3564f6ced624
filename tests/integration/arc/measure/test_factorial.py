import itertools
import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from arc.config import Config
from arc.measure.factorial import cell_config, effects, factorial, report
from arc.network.model import build_model
from arc.skills import VALIDATION

CELLS = list(itertools.product((False, True), repeat=3))


def test_all_cells_have_the_same_size_and_see_no_skill_number():
    configs = [cell_config(Config(), levels) for levels in CELLS]
    sizes = [build_model(config).count_params() for config in configs]
    assert max(sizes) / min(sizes) - 1 < 0.005
    assert not any(config.task_ids for config in configs) and all(config.held_out_skills == VALIDATION for config in configs)
    assert len({(config.positions, config.equivariant, config.context_pairs) for config in configs}) == 8
    assert configs[-1].model == "champion"


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


def test_finished_runs_are_not_repeated_and_those_of_other_settings_refused(tmp_path, monkeypatch):
    trained = []

    def train(config, folder, preset):
        trained.append(folder.name)
        outcome = {"metrics": {"trained_exact": 0.5 + 0.1 * config.seed, "held_out_exact": 0.25}}
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(asdict(config)))
        (folder / "result.json").write_text(json.dumps(outcome))
        return outcome

    monkeypatch.setattr("arc.training.train.train", train)
    base = Config(steps=300)
    factorial(tmp_path, base, 1)
    factorial(tmp_path, replace(base, log_every=25), 2)
    assert len(trained) == len(set(trained)) == 16
    assert "| positions+colours+context | 0.550 (0.500, 0.600) | 0.250 (0.250, 0.250) |" in (tmp_path / "FACTORIAL.md").read_text()
    with pytest.raises(ValueError, match="none-0 was trained with steps = 300, not 200"):
        factorial(tmp_path, replace(base, steps=200), 2)
