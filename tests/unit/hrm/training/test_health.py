"""Which numbers make a run unhealthy, and which do not."""

import pytest

from hrm.config import Config
from hrm.training import health
from longrun import Health, Unhealthy

WELL = {"input_sensitivity": 0.6, "variation_ratio": 0.9, "above_majority": 0.3, "classes": 10.0, "gradient_norm": 1.0}


def run(values: dict, steps=(400, 450)) -> None:
    checks = Health(health.guards(Config()), "stop")
    for step in steps:
        checks.check(step, values)


def test_a_learning_network_is_left_alone():
    run(WELL)


@pytest.mark.parametrize(
    ("quantity", "value", "cause"),
    [
        ("input_sensitivity", 0.04, "labels of other inputs"),
        ("variation_ratio", 0.05, "hardly differ"),
        ("above_majority", 0.005, "commonest label"),
        ("classes", 1.0, "one class"),
        ("gradient_norm", float("nan"), "not finite"),
    ],
)
def test_each_sickness_is_named(quantity, value, cause):
    with pytest.raises(Unhealthy, match=cause):
        run(WELL | {quantity: value})


def test_nothing_is_said_before_the_warm_up_or_after_a_single_look():
    sick = WELL | {"input_sensitivity": 0.0}
    run(sick, steps=(50, 350))
    run(sick, steps=(400,))


def test_shares_of_the_samples_that_finished():
    found = health.diagnose({"finished": 0.25, "finished_exact": 0.2, "finished_segments": 0.5})
    assert found == pytest.approx({"exact": 0.8, "segments_used": 2.0})
    assert health.diagnose({"finished": 0.0, "finished_exact": 0.0, "finished_segments": 0.0}) == {}
