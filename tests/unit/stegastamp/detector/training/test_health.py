import pytest

from longrun import Health, Unhealthy, changed
from stegastamp.detector.config import DetectorConfig
from stegastamp.detector.training.train import guards

WELL = {"knowledge": 0.2, "gradient_norm": 1.0, "loss": 0.5}


def run(values, steps=range(50, 1000, 50)):
    health = Health(guards(changed(DetectorConfig(), guard_after=300)), "stop")
    for step in steps:
        health.check(step, WELL | values)


@pytest.mark.parametrize(
    ("values", "cause"),
    [({"knowledge": 0.0}, "the maps say no more than their mean: nothing is found"), ({"loss": float("nan")}, "not finite")],
)
def test_each_illness_has_its_name(values, cause):
    with pytest.raises(Unhealthy, match=cause):
        run(values)


def test_a_healthy_run_is_left_alone():
    run({})
    run({"knowledge": 0.0}, range(50, 300, 50))
