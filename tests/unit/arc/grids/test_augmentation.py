"""Augmentations and their inverses."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from arc.grids.augmentation import Augmentation, random_augmentation, task_extent
from arc.grids.canvas import PAD, lift, place
from arc.grids.tasks import load

grids = arrays.arrays(np.int8, arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30), elements=st.integers(0, 9))
augmentations = st.builds(Augmentation, st.integers(0, 7), st.permutations(range(10)).map(tuple), st.integers(0, 5), st.integers(0, 5))


def same(a, b):
    return a.shape == b.shape and bool((a == b).all())


@given(grids, augmentations)
def test_invert_undoes_apply_and_apply_undoes_invert(grid, augmentation):
    assert same(augmentation.invert(augmentation.apply(grid)), grid)
    assert same(augmentation.apply(augmentation.invert(grid)), grid)


@given(grids, augmentations)
def test_a_canvas_gives_its_grid_back(grid, augmentation):
    canvas = augmentation.to_canvas(grid, side=35)
    assert canvas.shape == (35, 35) and (canvas != PAD).sum() == grid.size
    assert same(augmentation.from_canvas(canvas), grid)


def test_colours_are_replaced_by_the_permutation():
    augmentation = Augmentation(colours=(1, 2, 3, 4, 5, 6, 7, 8, 9, 0))
    assert augmentation.apply(np.array([[0, 5], [9, 1]], np.int8)).tolist() == [[1, 6], [0, 2]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"symmetry": 8}, "symmetry 8"),
        ({"colours": (0,) * 10}, "no permutation"),
        ({"colours": (0, 1, 2)}, "no permutation"),
        ({"row": -1}, "negative"),
    ],
)
def test_an_impossible_augmentation_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Augmentation(**arguments)


def test_a_canvas_that_does_not_fit_or_holds_no_rectangle_is_refused():
    grid = np.ones((3, 4), np.int8)
    with pytest.raises(ValueError, match=r"3x4 grid at \(2, 0\) does not fit a canvas of side 4"):
        place(grid, 2, 0, 4)
    canvas = place(grid, 1, 2, 8)
    canvas[2, 3] = PAD
    with pytest.raises(ValueError, match="no full rectangle: 1 cells"):
        lift(canvas)
    with pytest.raises(ValueError, match="empty"):
        lift(np.full((4, 4), PAD, np.int8))
    with pytest.raises(ValueError, match=r"lies at \(1, 2\) and not at \(0, 0\)"):
        Augmentation().from_canvas(place(grid, 1, 2, 8))


@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 30), st.booleans())
def test_a_random_augmentation_fits_the_canvas(seed, height, width, keep_black):
    augmentation = random_augmentation(random.Random(seed), keep_black, extent=(height, width))
    grid = np.zeros((height, width), np.int8)
    assert same(augmentation.from_canvas(augmentation.to_canvas(grid)), grid)
    assert augmentation.colours[0] == 0 or not keep_black
    assert augmentation == random_augmentation(random.Random(seed), keep_black, extent=(height, width))


def test_random_augmentations_reach_everything():
    drawn = [random_augmentation(random.Random(seed), False, (29, 28)) for seed in range(400)]
    assert {a.symmetry for a in drawn} == set(range(8))
    assert {a.colours[0] for a in drawn} == set(range(10))
    assert {(a.row, a.column) for a in drawn} == {(r, c) for r in range(3) for c in range(3)} - {(2, 2)}
    with pytest.raises(ValueError, match="31x2 do not fit"):
        random_augmentation(random.Random(2), extent=(31, 2))


def test_a_task_is_augmented_as_one():
    task = load("arc-agi-1-training")["7468f01a"]
    augmentation = random_augmentation(random.Random(3), extent=task_extent(task))
    turned = augmentation.apply_task(task)
    assert task_extent(task) == (17, 17) and turned.id == task.id
    for pair, other in zip(task.pairs, turned.pairs, strict=True):
        assert same(augmentation.invert(other.input), pair.input) and same(augmentation.invert(other.output), pair.output)
