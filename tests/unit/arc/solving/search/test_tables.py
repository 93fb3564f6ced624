"""Tables from pieces to colours."""

import numpy as np
import pytest

from arc.solving.search.pieces import Piece
from arc.solving.search.tables import tables

OWNER = np.repeat([0, 1, 2], 4)
SEED = np.random.default_rng(1)
NOISE = [SEED.integers(0, 3, 16) for _ in range(6)]


def piece(values, name, depth=1, is_picture=True):
    values = np.asarray(values, np.int8)
    return Piece(values[:12], values[12:], (name,), depth, is_picture)


def best(pieces, target, **options):
    return max(tables(pieces, np.asarray(target, np.int64)[:12], OWNER, **options), key=lambda fit: (fit.trust, -fit.cost))


def test_colours_are_renamed_by_one_piece():
    values = SEED.integers(0, 3, 16)
    target = np.array([7, 5, 8])[values]
    found = best([piece(one, f"noise {place}") for place, one in enumerate(NOISE)] + [piece(values, "this")], target)
    assert found.path == ("this",) and found.asked.tolist() == target[12:].tolist()


@pytest.mark.parametrize("join", [np.logical_and, np.logical_or, np.logical_xor])
def test_two_pieces_are_joined_whichever_way(join):
    one, other = np.array([0, 0, 1, 1] * 4), np.array([0, 1, 0, 1] * 4)
    target = np.where(join(one, other), 6, 0)
    found = best([piece(one, "one"), piece(other, "other")], target)
    assert found.trust == 1.0 and found.asked.tolist() == target[12:].tolist() and set(found.path) == {"one", "other", "&"}


def test_a_third_piece_decides_between_two():
    one, other, which = (np.tile(values, 2) for values in ([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1] * 2, [0, 1] * 4))
    target = np.where(which, 2 + one, 4 + other)
    pieces = [piece(values, name) for values, name in ((one, "one"), (other, "other"), (which, "which"))]
    assert best(pieces, target).asked.tolist() == target[12:].tolist()
    assert list(tables(pieces, target[:12], OWNER, most=2)) == []


def test_what_one_demonstration_alone_shows_is_not_trusted():
    values = np.array([0, 1, 0, 1] * 2 + [2, 2, 2, 2] + [2, 1, 0, 1])
    found = best([piece(values, "this")], np.array([3, 4, 5])[values])
    assert found.trust == pytest.approx(2 / 3)


def test_a_value_that_no_demonstration_has_takes_all_trust():
    values = np.array([0, 1, 0, 1] * 3 + [0, 1, 9, 1])
    found = best([piece(values, "this")], values)
    assert found.trust == 0 and found.asked.tolist() == [0, 1, 9, 1]
