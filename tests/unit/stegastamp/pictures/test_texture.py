import numpy as np
import pytest

from stegastamp.pictures import texture
from tests.fixtures.scenes import SCENES, gravel, page


@pytest.mark.parametrize("name", ["sky", "wall", "dark"])
def test_even_pictures_get_little_and_gravel_much(name):
    found = texture.weights(SCENES[name](), 64, 0.7)
    assert found.shape == (64, 64, 1) and found.dtype == np.float32
    assert texture.LEAST <= np.median(found) < 0.55
    assert np.median(texture.weights(gravel(), 64, 0.7)) == 1


def test_paper_beside_the_ink_is_even_too():
    found = texture.weights(page(), 64, 0.7)[..., 0]
    assert found[:, -2:].max() < 0.5 < 0.9 < np.median(found[10:50, 10:30])


def test_a_lone_edge_counts_less_than_a_texture_of_its_contrast():
    edge = np.full((256, 256, 1), 100, np.uint8)
    edge[:, 128:] = 108
    stripes = np.full((256, 256, 1), 100, np.uint8)
    stripes[:, ::2] = 108
    assert 1.3 * texture.weights(edge, 64, 0.7)[32, 32] < texture.weights(stripes, 64, 0.7)[32, 32]


def test_without_an_exponent_nothing_is_moved():
    assert np.array_equal(texture.weights(gravel(), 32, 0.0), np.ones((32, 32, 1), np.float32))
