"""Configurations of runs from before a field, and what a run that goes on may change."""

import pytest

from hrm.classic.config import FAULTS, ClassicConfig
from hrm.config import Config
from hrm.presets import PRESETS
from longrun.config import changed, config_of, flatten, free_fields

LATER = ("conditioning", "demonstrations", "demonstration_layers", "rules", "unseen", "shards", "lock")


def test_a_stored_configuration_from_before_a_field_has_its_default():
    before = {name: value for name, value in flatten(Config()).items() if name not in LATER}
    assert config_of(Config, before) == Config()
    assert config_of(Config, before | {"givens": [0, 0], "unseen": ["fill"]}) == changed(Config(), unseen=("fill",))
    later = ("input_once", "precision", "deterministic", "keep_every", "evaluate_every", "lock")
    before = {name: value for name, value in flatten(PRESETS["classic"]()).items() if name not in later}
    assert config_of(ClassicConfig, before) == ClassicConfig()


def test_a_run_that_goes_on_may_change_what_changes_no_number_of_the_steps_done():
    free = {"steps", "shards", "path", "held_out", "halt_at_evaluation", "halting_confidence", "mode", "jit_compile", "guard_after"}
    assert free <= free_fields(Config) and not {"seed", "learning_rate", "precision", "batch_size", "puzzle"} & free_fields(Config)
    assert {"steps", "held_out"} <= free_fields(ClassicConfig) and not {*FAULTS, "seed", "side"} & free_fields(ClassicConfig)


def test_what_is_derived():
    config = changed(Config(), prefix=2, conditioning="demonstrations", demonstrations=(1, 3))
    assert (config.length, config.data.cells, config.data.vocabulary, config.model.shown) == (38, 36, 12, (1, 3))
    assert not config.model.has_table and changed(config, conditioning="id").model.has_table
    assert not changed(config, conditioning="id", prefix=0, puzzle_width=0).model.has_table
    assert changed(Config(), puzzle="sudoku", side=9, givens=(30, 40)).data.vocabulary == 11
    assert changed(Config(), puzzle="maze", side=9).data.vocabulary == 6


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_what_it_is(name):
    assert PRESETS[name].__doc__.splitlines()[0].endswith(".")
    assert flatten(PRESETS[name]())["steps"] >= 1200
