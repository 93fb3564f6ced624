"""docs/adding.md: its examples run as they stand, and do what the page says."""

import random
import re

import numpy as np
import pytest

from stegastamp.distort import distortions
from tests.places import ROOT


@pytest.fixture
def page(monkeypatch):
    """The names that the page's code defines, all of it run in order."""
    monkeypatch.setattr(distortions, "CHAIN", distortions.CHAIN)  # The page replaces it; put back afterwards.
    names: dict = {}
    for code in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "adding.md").read_text(encoding="utf-8"), re.S):
        exec(compile(code, "docs/adding.md", "exec"), names)
    return names


def test_what_the_page_adds_works(page):
    assert np.allclose(page["unchanged"], 0.5)
    darker = page["darker"].numpy().mean(axis=-1)
    centre, corner = darker[:, 15, 15], darker[:, 0, 0]
    assert (np.abs(centre / corner - 1) > 1e-3).all()

    source = page["Mirrored"]()
    assert all(np.array_equal(one, other) for one, other in zip(source.batch(0, 3, 8)[:3], source.batch(0, 3, 8)[:3], strict=True))
    assert np.array_equal(source.batch(0, 3, 8).labels, source.batch(0, 3, 8).tokens[:, ::-1])

    skill = page["upside_down"]
    for index in range(20):
        given, right = skill.generate(random.Random(index), 10, 1.0)
        assert np.array_equal(skill.solve(given), right)

    guard = page["NothingMoves"]()
    assert guard.check(5, {"learning_rate": 1e-3}) is None
    assert "no step" in str(guard.check(5, {"learning_rate": 1e-12}))
