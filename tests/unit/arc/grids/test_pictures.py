"""Pairs as text and as PNG."""

import matplotlib.image
import numpy as np
import pytest

from arc.grids.pictures import PALETTE, pairs_text, save_pairs
from arc.grids.tasks import Pair, as_grid

PAIRS = [Pair(as_grid([[1, 0], [0, 2]]), as_grid([[3], [4], [5]])), Pair(as_grid([[7]]), None)]


def test_text_sets_input_beside_output():
    assert pairs_text(PAIRS, "title") == "title\n\n1 .  ->  3\n. 2      4\n         5\n\n7  ->  ?"


def test_a_picture_shows_the_colours_of_the_grids(tmp_path):
    path = save_pairs(PAIRS, tmp_path / "pairs.png", "title")
    picture = matplotlib.image.imread(path)[:, :, :3]
    shown = {tuple(colour) for colour in np.round(picture.reshape(-1, 3) * 255).astype(int)}
    for colour, code in enumerate(PALETTE):
        rgb = tuple(int(code[k : k + 2], 16) for k in (1, 3, 5))
        assert (rgb in shown) == (colour in {0, 1, 2, 3, 4, 5, 7}), colour


def test_no_pairs_no_picture(tmp_path):
    with pytest.raises(ValueError, match="no pair to draw"):
        save_pairs([], tmp_path / "none.png")
    assert list(tmp_path.iterdir()) == []
