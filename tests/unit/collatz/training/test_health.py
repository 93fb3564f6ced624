import pytest

from collatz.config import Config
from collatz.training.health import diagnose, guards
from longrun import Health, Unhealthy, changed

WELL = {"loss": 0.1, "violations": 0.05, "value_spread": 3.0, "correction_spread": 0.5, "gradient_norm": 1.0}


def run(config, values, steps=range(100, 20_000, 100)):
    health = Health(guards(config), "stop")
    for step in steps:
        health.check(step, values | diagnose(values))


@pytest.mark.parametrize(
    ("recipe", "values", "cause"),
    [
        ("original", {"value_spread": 0.0}, "V is the same for every number"),
        ("original", {"violations": 0.49}, "about as often as ln n"),
        ("original", {"loss": float("nan")}, "not finite"),
        ("clock", {"closed_form_loss": 0.1}, "no lower than that of the closed form"),
        ("levels", {"closed_form_loss": 0.05}, "no lower than that of the closed form"),
        ("clock", {"value_spread": 0.0}, "V is the same for every number"),
        ("levels", {"value_spread": 0.0}, "V is the same for every number"),
        ("clock", {"closed_form_loss": 0.2, "correction_spread": 0.0}, "adds the same to the closed form for every number"),
        ("levels", {"closed_form_loss": 0.2, "correction_spread": 0.0}, "adds the same to the closed form for every number"),
    ],
)
def test_each_illness_has_its_name(recipe, values, cause):
    with pytest.raises(Unhealthy, match=cause):
        run(changed(Config(), recipe=recipe, lookahead=20), WELL | values)


@pytest.mark.parametrize(
    ("recipe", "values"), [("original", {}), ("clock", {"closed_form_loss": 0.2}), ("levels", {"closed_form_loss": 0.2})]
)
def test_a_healthy_run_is_left_alone(recipe, values):
    run(changed(Config(), recipe=recipe, lookahead=20), WELL | values)


def test_a_run_may_be_at_its_floor_while_the_anchor_holds_it():
    run(Config(), WELL | {"violations": 0.5}, range(100, 6000, 100))
