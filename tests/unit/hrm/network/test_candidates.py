"""The network of candidates: the same under every symmetry of a Sudoku."""

import keras
import numpy as np
import pytest

from hrm.config import Config
from hrm.network.model import segment_model
from hrm.network.reasoner import Reasoner
from hrm.puzzles.sudoku import BLANK, Sudoku, random_symmetries
from longrun.config import changed
from longrun.errors import UserError

SMALL = changed(
    Config(), puzzle="sudoku", side=4, givens=(5, 7), mixing="candidates", prefix=0, puzzle_width=0, width=8, heads=1, inner=8, segments=1
)


@pytest.fixture(scope="module")
def examples():
    return Sudoku(4, (5, 7), "any", 16, 0).held_out(6)


@pytest.fixture(scope="module")
def reasoner() -> Reasoner:
    config = changed(SMALL, start_noise=1.0)
    keras.utils.set_random_seed(0)
    return Reasoner(segment_model(config), config)


def test_a_symmetry_of_the_board_is_one_of_the_answer(reasoner, examples):
    drawn = random_symmetries(np.random.default_rng(0), 6, 4)
    shown = drawn.applied(examples.tokens - BLANK).astype(np.int32) + BLANK
    straight, turned = (reasoner.think(tokens, examples.identifier) for tokens in (examples.tokens, shown))
    np.testing.assert_allclose(straight.halting, turned.halting, atol=2e-3)
    undone = np.take_along_axis(turned.logits, np.argsort(drawn.index, axis=1)[:, :, None], axis=1)
    names = np.concatenate([np.zeros((6, 1), int), drawn.names + BLANK], axis=1)
    names[:, 1] = BLANK
    np.testing.assert_allclose(np.take_along_axis(undone, names[:, None, :], axis=2), straight.logits, atol=2e-3)


def test_another_start_is_another_thought(reasoner, examples):
    numbers = np.random.default_rng(0).standard_normal((6, 64)).astype(np.float32)
    without, with_noise, again = (reasoner.think(examples.tokens, examples.identifier, start=start) for start in (None, numbers, numbers))
    assert np.abs(without.logits - with_noise.logits).max() > 1e-3
    assert (with_noise.logits == again.logits).all()


def test_blanks_and_padding_are_never_the_answer(reasoner, examples):
    assert reasoner.think(examples.tokens, examples.identifier).answers.min() > BLANK


def test_a_whole_board_is_answered_without_xla():
    """TensorFlow by itself adds no tensors that differ in many axes, as a box and a row of 9 x 9 do."""
    config = changed(SMALL, side=9, givens=(30, 45), width=64, inner=96)
    tokens = np.full((2, 81), BLANK, np.int32)
    assert Reasoner(segment_model(config), config).think(tokens, np.zeros(2, np.int32)).answers.shape == (1, 2, 81)


@pytest.mark.parametrize("wrong", [{"puzzle": "maze", "side": 5}, {"prefix": 1, "puzzle_width": 8}, {"inner": 0}])
def test_it_is_for_sudokus_without_a_prefix(wrong):
    with pytest.raises(UserError, match="mixing by candidates is for sudoku"):
        changed(SMALL, **wrong)


def test_noise_needs_candidates():
    with pytest.raises(UserError, match="start_noise"):
        changed(Config(), start_noise=1.0)
