import numpy as np
import pytest

from stegastamp.films.mark import EVERY, PACE, SteadyMark
from tests.fixtures.films import moving
from tests.fixtures.stegastamp import blobs


class Trembling:
    """A stamper whose residual is the mean of the picture, to be seen in what comes out."""

    size, bits = 32, 4

    def __init__(self):
        self.asked = 0

    def residuals(self, covers, messages, strength):
        self.asked += len(covers)
        assert messages.shape == (len(covers), 4) and (messages == [0, 1, 1, 0]).all()
        return strength * np.float32(covers.mean((1, 2, 3), keepdims=True) / 255 + np.zeros((1, 32, 32, 3)))


def mark():
    return SteadyMark(Trembling(), np.array([0, 1, 1, 0]), 0.5)


def flat(*levels):
    return np.stack([np.full((32, 32, 3), level, np.uint8) for level in levels])


def test_the_mark_follows_slowly_within_a_shot():
    found = mark().residuals(flat(100, *[108] * 8))
    levels = [residual.mean() * 2 * 255 for residual in found]
    assert levels[0] == pytest.approx(100, abs=1e-3)
    assert levels[EVERY - 1] == pytest.approx(100, abs=1e-3)  # Only then is the network asked again.
    assert levels[EVERY] == pytest.approx(100 + 8 * PACE, abs=1e-3)
    assert all(0 < after - before <= 8 * PACE + 1e-3 for before, after in zip(levels[EVERY - 1 :], levels[EVERY:], strict=False))


def test_a_new_shot_has_its_own_mark_at_once():
    found = mark().residuals(flat(100, 100, 200, 200))
    assert [round(residual.mean() * 2 * 255) for residual in found] == [100, 100, 200, 200]


def test_the_frames_are_marked_the_same_in_whatever_pieces_they_come():
    views = np.stack([*moving(11, 32, 32), *moving(9, 32, 32, seed=9)])
    whole, pieces, steps = mark(), mark(), [1, 7, 2, 10]
    expected = whole.residuals(views)
    found = [each for part in np.split(views, np.cumsum(steps)[:-1]) for each in pieces.residuals(part)]
    assert np.array_equal(expected, found)
    assert whole._stamper.asked <= 20 / EVERY + 2


def test_how_much_it_changes_is_measured():
    still, moved = mark(), mark()
    still.residuals(flat(*[100] * 10))
    assert still.change == 0
    moved.residuals(np.stack([blobs(32, 32, 1)] + [np.uint8(blobs(32, 32, 1) * 0.95)] * 20))
    assert 0 < moved.change < 0.05 * PACE
    assert mark().change == 0
