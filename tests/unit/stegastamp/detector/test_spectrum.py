import cv2
import numpy as np
import pytest

from stegastamp.detector import spectrum
from stegastamp.detector.finding import geometry
from stegastamp.network.waves import WAVES
from tests.fixtures.stegastamp import blobs

SIDE = 384


def photo(marked: float, seed: int = 0) -> np.ndarray:
    """A smooth picture with grain, and waves of that amplitude in it, (SIDE, SIDE) uint8."""
    place = (np.arange(SIDE) + 0.5) / SIDE
    waves = sum(np.cos(2 * np.pi * (x * place + y * place[:, None]) + 2.4 * number) for number, (x, y) in enumerate(WAVES))
    grain = np.random.default_rng(seed).normal(0, 3, (SIDE, SIDE))
    return np.uint8(np.clip(cv2.cvtColor(blobs(SIDE, SIDE, seed), cv2.COLOR_RGB2GRAY) + grain + marked * waves, 0, 255))


def clarity(picture, quad=None):
    quad = geometry.square(SIDE) if quad is None else quad
    return spectrum.clarity(geometry.Halves(picture).rectify(np.float32(quad), spectrum.SIDE))


@pytest.mark.parametrize("seed", range(6))
def test_a_mark_is_clear_and_a_picture_without_one_is_not(seed):
    assert clarity(photo(1.0, seed)) > 1.0
    assert clarity(photo(0.0, seed)) < 0.3


@pytest.mark.parametrize("turn", range(8))
def test_it_is_as_clear_whichever_side_is_up(turn):
    picture = np.rot90(photo(1.0), turn % 4)
    assert clarity(np.ascontiguousarray(picture[:, ::-1] if turn >= 4 else picture)) > 1.0


def test_corners_that_are_a_little_off_leave_it_clear_and_far_ones_do_not():
    off = np.float32([[5, -4], [-4, 5], [4, 3], [-5, -4]])
    assert clarity(photo(1.0), geometry.square(SIDE) + off) > 0.5
    assert clarity(photo(1.0), geometry.square(SIDE) * 0.85) < 0.4


def test_other_waves_are_no_mark():
    place = (np.arange(SIDE) + 0.5) / SIDE
    stripes = photo(0.0) // 2 + np.uint8(30 + 30 * np.cos(2 * np.pi * 18.5 * place))
    assert clarity(stripes) < 0.3
