"""What two sets of tasks share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from arc.grids.augmentation import Augmentation
from arc.grids.contamination import canonical_pair_key, contamination, drop_shared, require_disjoint
from arc.grids.tasks import Pair, TaskSet, load, parse_task

grids = arrays.arrays(np.int8, arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30), elements=st.integers(0, 9))
augmentations = st.builds(Augmentation, st.integers(0, 7), st.permutations(range(10)).map(tuple), st.integers(0, 5), st.integers(0, 5))


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
    first = task_set("first", same=[((1,), (2,)), ((3,), (4,))], pair=[((1, 2), (5, 5)), ((6, 6), (7, 7))], own=[((9,), (8,))] * 2)
    second = task_set(
        "second",
        turned=[((3,), (4,)), ((1,), (2,))],  # all pairs of `same`, in another order
        pair=[((1, 2), (5, 5)), ((6, 6), (7, 0))],  # one pair, and one input with another output
        recoloured=[((4, 3), (9, 9)), ((1, 1, 1), (2, 2, 2))],  # the first pair of `pair`, mirrored and recoloured
    )
    found = contamination(first, second)
    assert found.shared_ids == ("pair",) and found.identical_tasks == (("same", "turned"),)
    assert found.shared_pairs == {("same", "turned"): 2, ("pair", "pair"): 1}
    assert found.shared_inputs == {("same", "turned"): 2, ("pair", "pair"): 2}
    assert ("pair", "recoloured") in found.augmented_pairs and ("own", "pair") not in found.augmented_pairs
    assert found.tasks_of_first() == ("pair", "same") and found.tasks_of_second() == ("pair", "turned")
    assert "same pairs: 1  same=turned" in found.text() and "share a pair: 2  pair same=turned" in found.text()
    assert contamination(first, second, up_to_symmetry=False).augmented_pairs == {}


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
