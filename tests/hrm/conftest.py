"""A small reasoner that every test of the package can afford."""

from dataclasses import replace

import pytest

from hrm.config import Config
from longrun import device

SMALL = replace(
    Config(), width=16, heads=2, inner=16, low_layers=1, high_layers=1, batch_size=8, puzzle_width=16, jit_compile=False, warmup=1
)


@pytest.fixture
def small() -> Config:
    device.configure(seed=0)
    return SMALL
