"""Augmentations and their inverses; what two sets of tasks share."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from arc.grids.augment import (
    COMPOSED,
    INVERSE,
    PAD,
    Augmentation,
    canonical_pair_key,
    contamination,
    dihedral,
    drop_shared,
    lift,
    place,
    random_augmentation,
    require_disjoint,
    task_extent,
)
from arc.grids.tasks import Pair, TaskSet, load, parse_task

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


@given(grids, st.integers(0, 7), st.integers(0, 7))
def test_symmetries_compose_as_the_table_says(grid, a, b):
    assert same(dihedral(dihedral(grid, a), b), dihedral(grid, COMPOSED[a][b]))
    assert same(dihedral(dihedral(grid, a), INVERSE[a]), grid)


def test_there_are_eight_symmetries_and_they_are_the_known_ones():
    grid = np.arange(6).reshape(2, 3)
    turned = [dihedral(grid, s) for s in range(8)]
    assert len({(t.shape, t.tobytes()) for t in turned}) == 8
    for known in (grid, grid.T, np.fliplr(grid), np.flipud(grid), np.rot90(grid), np.rot90(grid, 2), np.rot90(grid, 3)):
        assert sum(same(known, t) for t in turned) == 1
    assert sorted(INVERSE) == list(range(8)) and all(sorted(row) == list(range(8)) for row in COMPOSED)


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


@given(grids, grids, augmentations)
def test_the_canonical_key_is_blind_to_augmentation(first, second, augmentation):
    pair = Pair(first, second)
    assert canonical_pair_key(augmentation.apply_pair(pair)) == canonical_pair_key(pair)


def test_the_canonical_key_sees_everything_else():
    pair = Pair(np.array([[1, 2, 3]]), np.array([[1, 1, 2]]))
    for other in ([[1, 1, 3]], [[1, 1, 4]], [[1, 1, 1]], [[1], [1], [2]], [[2, 1, 1]]):
        assert canonical_pair_key(Pair(pair.input, np.array(other))) != canonical_pair_key(pair)
    assert canonical_pair_key(Pair(pair.input, None)) != canonical_pair_key(pair)


def task_set(name, **tasks):
    """Tasks of pairs ((input, output), ...) of one-row grids, the last pair as the test."""
    made = {}
    for task_id, pairs in tasks.items():
        items = [{"input": [list(a)], "output": [list(b)]} for a, b in pairs]
        made[task_id] = parse_task({"train": items[:-1], "test": items[-1:]}, task_id, name)
    return TaskSet(name, made)


def test_what_is_shared_is_counted_by_kind():
    ours = task_set("ours", same=[((1,), (2,)), ((3,), (4,))], pair=[((1, 2), (5, 5)), ((6, 6), (7, 7))], own=[((9,), (8,))] * 2)
    theirs = task_set(
        "theirs",
        turned=[((3,), (4,)), ((1,), (2,))],  # all pairs of `same`, in another order
        pair=[((1, 2), (5, 5)), ((6, 6), (7, 0))],  # one pair, and one input with another output
        recoloured=[((4, 3), (9, 9)), ((1, 1, 1), (2, 2, 2))],  # the first pair of `pair`, mirrored and recoloured
    )
    found = contamination(ours, theirs)
    assert found.shared_ids == ("pair",) and found.identical_tasks == (("same", "turned"),)
    assert found.shared_pairs == {("same", "turned"): 2, ("pair", "pair"): 1}
    assert found.shared_inputs == {("same", "turned"): 2, ("pair", "pair"): 2}
    assert ("pair", "recoloured") in found.augmented_pairs and ("own", "pair") not in found.augmented_pairs
    assert found.tasks_of_first() == ("pair", "same") and found.tasks_of_second() == ("pair", "turned")
    assert "same pairs: 1  same=turned" in found.text() and "share a pair: 2  pair same=turned" in found.text()
    assert contamination(ours, theirs, up_to_symmetry=False).augmented_pairs == {}


@pytest.fixture(scope="module")
def public():
    return {(version, part): load(f"arc-agi-{version}-{part}") for version in (1, 2) for part in ("training", "evaluation")}


def test_the_known_overlaps_of_the_public_sets_come_out(public):
    within = contamination(public[1, "training"], public[1, "evaluation"], up_to_symmetry=False)
    assert within.identical_tasks == (("40853293", "070dd51e"),) and within.shared_ids == ()
    training = contamination(public[2, "training"], public[1, "training"], up_to_symmetry=False)
    evaluation = contamination(public[2, "training"], public[1, "evaluation"], up_to_symmetry=False)
    assert len(training.shared_ids) == 391 and len(evaluation.shared_ids) == 376
    both = contamination(public[2, "evaluation"], public[1, "evaluation"], up_to_symmetry=False)
    assert both.shared_ids == ("0934a4d8", "136b0064", "16b78196", "981571dc", "aa4ec2a5", "da515329")
    assert both.tasks_of_first() == (*both.shared_ids, "db695cfb")
    assert both.tasks_of_second() == tuple(sorted([*both.shared_ids, "55783887"]))
    assert contamination(public[2, "training"], public[2, "evaluation"], up_to_symmetry=False).shared_pairs == {}


def test_an_overlap_up_to_symmetry_comes_out(public):
    first = TaskSet("first", {task_id: public[1, "training"][task_id] for task_id in ("caa06a1f", "85c4e7cd")})
    second = TaskSet("second", {task_id: public[1, "evaluation"][task_id] for task_id in ("50a16a69", "00576224")})
    assert list(contamination(first, second).augmented_pairs) == [("caa06a1f", "50a16a69")]


def test_training_on_what_is_scored_is_refused_or_dropped(public):
    with pytest.raises(ValueError, match="refusing to train on arc-agi-2-training .* 376 of 400 scored tasks"):
        require_disjoint(public[2, "training"], public[1, "evaluation"])
    require_disjoint(public[2, "training"], public[2, "evaluation"])
    kept = drop_shared(public[1, "training"], public[1, "evaluation"])
    assert len(kept) == 399 and "40853293" not in kept.tasks and "task 40853293: shares a pair" in kept.skipped_text()
    require_disjoint(kept, public[1, "evaluation"])
