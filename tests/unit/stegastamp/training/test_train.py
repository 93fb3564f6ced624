from types import SimpleNamespace

import pytest

from longrun.config import changed
from stegastamp.measure import evaluate
from stegastamp.presets import tiny
from stegastamp.training import train


@pytest.mark.parametrize(
    ("changes", "strength", "counts"),
    [({}, 0.031, False), ({}, 0.03, True), ({"head": "additive", "regime": "paper"}, 1.0, True)],
)
def test_the_best_checkpoint_is_one_at_the_strength_in_use(monkeypatch, changes, strength, counts):
    """A glaring mark is read better than the one in use, and would be the best one for ever."""
    monkeypatch.setattr(evaluate, "quick_scores", lambda stamper, cases, strength: {"held_out_png": 0.8})
    stamper = SimpleNamespace(config=changed(tiny(), strength=0.03, **changes))
    found = train.scores(stamper, None, strength)
    assert found == {"held_out_png": 0.8, **({train.AT_TARGET: 0.8} if counts else {})}
