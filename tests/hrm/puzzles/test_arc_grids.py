"""ARC as sequences: end marks, one augmentation for a task, and no test pair in training."""

import json

import numpy as np
import pytest

from arc.tasks import load
from hrm.losses import IGNORED
from hrm.puzzles.arc_grids import END, PAD, ArcGrids, grid_of, sequence


@pytest.fixture
def folder(tmp_path):
    grid = lambda *rows: [list(row) for row in rows]  # noqa: E731
    pairs = [{"input": grid((1, 2, 0)), "output": grid((2, 1, 0))}, {"input": grid((3, 1), (1, 2)), "output": grid((1, 3), (2, 1))}]
    task = {"train": pairs, "test": [{"input": grid((5, 6)), "output": grid((6, 5))}]}
    large = {"train": [{"input": [[1] * 9], "output": [[1] * 9]}], "test": [{"input": [[1]], "output": [[1]]}]}
    (tmp_path / "flip.json").write_text(json.dumps(task))
    (tmp_path / "wide.json").write_text(json.dumps(large))
    return tmp_path


def test_a_grid_has_an_end_and_is_found_again():
    grid = np.array([[1, 2, 3], [4, 5, 6]])
    canvas = sequence(grid, 5, 1, 1).reshape(5, 5)
    assert canvas.tolist() == [[PAD] * 5, [PAD, 3, 4, 5, END], [PAD, 6, 7, 8, END], [PAD, END, END, END, PAD], [PAD] * 5]
    np.testing.assert_array_equal(grid_of(sequence(grid, 5), 5), grid)
    np.testing.assert_array_equal(grid_of(sequence(np.ones((5, 5), int), 5), 5), np.ones((5, 5)))
    assert grid_of(np.zeros(25, int), 5).size == 0


def test_all_pairs_of_a_variant_share_its_augmentation(folder):
    source = ArcGrids(str(folder), 5, 8, "joint", 0)
    assert source.tasks == ("flip",) and len(source.identifiers) == len(set(source.identifiers)) == 8
    examples = source.batch(0, 0, 200)
    task = load(folder)["flip"]
    for tokens, labels, identifier in zip(examples.tokens, examples.labels, examples.identifier, strict=True):
        _, symmetry, colours = source.identifiers[identifier].split("|||")
        from arc.augment import Augmentation

        allowed = [Augmentation(int(symmetry), tuple(map(int, colours))).apply_pair(pair) for pair in task.train]
        canvas = tokens.reshape(5, 5)
        rows, columns = np.nonzero(canvas > END)
        found = canvas[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] - 2
        answer = labels.reshape(5, 5)[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] - 2
        assert any(np.array_equal(found, pair.input) and np.array_equal(answer, pair.output) for pair in allowed)
        assert PAD not in labels and IGNORED in labels


def test_test_pairs_are_held_out(folder):
    source = ArcGrids(str(folder), 5, 1, "joint", 0)
    held_out = source.held_out(10)
    assert len(held_out.tokens) == 1 and grid_of(held_out.tokens[0], 5).tolist() == [[5, 6]]
    seven = 5 + 2
    assert not (source.batch(0, 0, 100).tokens == seven).any()


def test_independent_draws_and_a_canvas_that_is_too_small(folder):
    examples = ArcGrids(str(folder), 5, 1, "independent", 0).batch(0, 0, 100)
    same = [set(q[q > 2]) == set(a[a > 2]) for q, a in zip(examples.tokens, examples.labels, strict=True)]
    assert sum(same) < 50
    with pytest.raises(ValueError, match="no task fits a canvas of side 1"):
        ArcGrids(str(folder), 1, 1, "joint", 0)
