import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arc.network.layers import Turn, rotate
from arc.network.positions import SCHEMES, coordinates, frequencies, places


def code(scheme: str, side: int, segments: int = 1) -> Turn:
    turned = places(scheme, coordinates(side, segments)) @ frequencies(scheme, 32)
    turned = np.concatenate([turned, turned], axis=1)
    return Turn(np.cos(turned), np.sin(turned))


def test_one_dimension_has_the_angles_of_roformer():
    expected = 10000.0 ** (-2 * np.arange(16) / 32)
    assert frequencies("rope1d", 32) == pytest.approx(expected[None])


def test_every_pair_of_dimensions_belongs_to_one_coordinate():
    for scheme in set(SCHEMES) - {"none"}:
        assert ((frequencies(scheme, 32) != 0).sum(axis=0) == 1).all()


def test_cells_have_their_true_coordinates():
    found = coordinates(3, 2)
    assert found["row"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2] * 2
    assert found["column"].tolist() == [0, 1, 2] * 6
    assert found["segment"].tolist() == [0] * 9 + [1] * 9
    assert (found["sum"] == found["row"] + found["column"]).all() and found["index"][-1] == 17


def test_a_right_angle_turns_the_first_half_into_the_second():
    x = np.zeros((1, 1, 1, 4), np.float32)
    x[..., 0], x[..., 3] = 2.0, 3.0
    turned = np.asarray(rotate(x, Turn(np.zeros((1, 4), np.float32), np.ones((1, 4), np.float32))))
    assert turned.ravel().tolist() == [0.0, -3.0, 2.0, 0.0]


@given(st.sampled_from(["rope2d", "rope3d", "diagonal", "diagonal3d"]), st.integers(0, 2**31))
def test_products_depend_on_differences_of_coordinates_alone(scheme, seed):
    generator = np.random.default_rng(seed)
    query, key = generator.normal(size=(2, 1, 1, 1, 32)).astype(np.float32)
    side = 6
    full = code(scheme, side)
    turned = [np.asarray(rotate(np.tile(x, (1, 1, side * side, 1)), full))[0, 0].reshape(side, side, 32) for x in (query, key)]
    row, column = generator.integers(0, 4, 2)
    first = (turned[0][0, 1] * turned[1][1, 0]).sum()
    moved = (turned[0][row, column + 1] * turned[1][row + 1, column]).sum()
    assert moved == pytest.approx(first, abs=1e-3)
