"""Choices among pictures."""

import numpy as np

from arc.solving.search.pieces import Piece
from arc.solving.search.switches import switches

OWNER = np.repeat([0, 1, 2], 6)
SEED = np.random.default_rng(2)
WHICH = np.tile([0, 1, 0, 1, 1, 0], 4)
OTHERS = np.tile([0, 0, 1, 0, 1, 1], 4)
# Each demonstration has colours of its own, and so has the test.
ONE, OTHER = np.repeat([1, 3, 5, 7], 6), np.repeat([2, 4, 6, 8], 6)


def piece(values, name, is_picture=False):
    values = np.asarray(values, np.int8)
    return Piece(values[:18], values[18:], (name,), 1, is_picture)


def best(pieces, target, **options):
    return max(switches(pieces, np.asarray(target)[:18], OWNER, **options), key=lambda fit: (fit.trust, -fit.cost))


NOISE = [piece(SEED.integers(0, 2, 24), f"noise {place}") for place in range(5)]
PICTURES = [piece(ONE, "one", True), piece(OTHER, "other", True)]


def test_a_condition_chooses_between_two_pictures_whose_colours_were_never_shown():
    target = np.where(WHICH, ONE, OTHER)
    found = best([*NOISE, *PICTURES, piece(WHICH, "which")], target)
    assert found.asked.tolist() == target[18:].tolist() and found.trust == 1 and found.path[0] == "which"


def test_what_one_condition_leaves_open_another_decides():
    target = np.where(WHICH, ONE, np.where(OTHERS, 9, OTHER))
    pieces = [*PICTURES, piece(WHICH, "which"), piece(OTHERS, "others")]
    found = best(pieces, target)
    assert found.asked.tolist() == target[18:].tolist() and {"which", "others", "9"} <= set(found.path)
    assert list(switches(pieces, target[:18], OWNER, most=1)) == []


def test_a_condition_that_one_demonstration_alone_speaks_for_is_not_trusted():
    """In the last demonstration alone the colour is 9."""
    last = np.repeat([0, 0, 1, 1], 6)
    found = best([*PICTURES, piece(last, "last")], np.where(last, 9, ONE))
    assert found.trust < 1
