"""After a rollback both trainings go on with other data, or they would end where they did."""

import importlib

import numpy as np
import pytest

from longrun.config import changed
from tests.fixtures.hrm import CLASSIC, SMALL


@pytest.mark.parametrize(
    ("module", "config"), [("hrm.training.train", changed(SMALL, steps=3)), ("hrm.classic.train", changed(CLASSIC, steps=3))]
)
def test_another_attempt_has_other_data_and_the_same_attempt_the_same(module, config, tmp_path, monkeypatch):
    found = []

    def loop(run, groups, health, *, data, **_):
        found.extend(np.array(next(iter(data(start, attempt)))["tokens"]) for start, attempt in ((1, 0), (1, 0), (1, 1), (2, 0)))
        raise InterruptedError

    training = importlib.import_module(module)
    monkeypatch.setattr(training, "loop", loop)
    with pytest.raises(InterruptedError):
        training.train(config, tmp_path / "run")
    first, again, other, later = found
    assert (first == again).all() and (first != other).any() and (first != later).any()
