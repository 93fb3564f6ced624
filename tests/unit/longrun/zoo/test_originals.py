"""The projects' own presets in the zoo: their settings fit, and a verdict becomes a record."""

import importlib

import pytest

from hrm.classic import train as classic
from longrun import Finding, Unhealthy, changed, flatten
from longrun.zoo.kinds import BY_NAME, PRESETS
from longrun.zoo.originals import ORIGINALS, train


def test_every_preset_of_the_table_has_its_settings():
    assert set(ORIGINALS) == {kind.name for kind in PRESETS}


@pytest.mark.parametrize("name", ORIGINALS)
def test_sick_and_healthy_are_one_training_but_for_the_switch(name):
    original = ORIGINALS[name]
    preset = importlib.import_module(f"{BY_NAME[name].task}.presets").PRESETS[original.preset]
    sick, healthy = (flatten(changed(preset(), **original.shared, **switch)) for switch in (original.sick, original.healthy))
    assert {setting for setting in sick if sick[setting] != healthy[setting]} == set(original.sick)
    assert BY_NAME[name].verdict and BY_NAME[name].original == BY_NAME[name].task


def test_every_project_is_there():
    assert {kind.task for kind in PRESETS} == {"arc", "collatz", "hrm", "stegastamp"}


@pytest.mark.parametrize("sick", [True, False])
def test_a_verdict_ends_a_training_and_is_its_record(tmp_path, monkeypatch, sick):
    def ends(config, folder, preset):
        folder.mkdir()
        (folder / "metrics.jsonl").write_text('{"step": 20, "loss": 2.0}\n{"step": 40, "loss": 1.5}\n')
        assert (config.faults.independent_augmentation, config.faults.input_once, config.run.seed) == (sick, False, 7)
        if sick:
            raise Unhealthy([Finding("input unused", 40, "G", 0.0, 0.05, "because")])

    monkeypatch.setattr(classic, "train", ends)
    record = train(BY_NAME["hrm: augmented apart"], sick, 7, tmp_path / "run")
    assert record["findings"] == ([["input unused", 40, "because"]] if sick else [])
    assert record["curves"]["loss"] == [2.0] * 20 + [1.5] * 20
