"""ARC as sequences: end marks, one augmentation for a task, and no test pair in training."""

import json

import numpy as np
import pytest

from arc.grids.tasks import load
from hrm.puzzles.arc_grids import END, ArcGrids, grid_of, sequence
from hrm.puzzles.examples import IGNORED, PAD


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
        from arc.grids.augmentation import Augmentation

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


def test_probes_are_all_pairs_of_trained_tasks_as_they_stand(tasks):
    known, other = tasks
    source = ArcGrids(str(known), 5, 3, "joint", 0, unseen=(str(other),), shown=(2, 4))
    few, many = (source.probes(source.held_out(count)) for count in (1, 2))
    assert few.task.tolist() == many.task.tolist() == [0] * 4
    assert [content(tokens)[0] for tokens in few.tokens] == [1, 2, 3, 4] and set(few.identifier) == {0}
    for tokens, shown in zip(few.tokens, few.demonstrations, strict=True):
        assert content(tokens)[0] not in [content(question)[0] for question in shown[:, 0] if question.any()]
    every = source.probes(many.rows([0] * 100))
    assert np.bincount(every.task).tolist() == [4, 7]


def test_independent_draws_and_a_canvas_that_is_too_small(folder):
    examples = ArcGrids(str(folder), 5, 1, "independent", 0).batch(0, 0, 100)
    same = [set(q[q > 2]) == set(a[a > 2]) for q, a in zip(examples.tokens, examples.labels, strict=True)]
    assert sum(same) < 50
    with pytest.raises(ValueError, match="no task fits a canvas of side 1"):
        ArcGrids(str(folder), 1, 1, "joint", 0)


def pairs_of(task: int, count: int) -> list[dict]:
    """Pairs of a made-up task, whose corner tells the pair and whose other cells tell the task."""
    cell = lambda colour: [[colour, 8, task]]  # noqa: E731
    return [{"input": cell(colour), "output": cell(colour + 1)} for colour in range(1, count + 1)]


@pytest.fixture
def tasks(tmp_path):
    """A file of two tasks with 3 and 6 demonstrations; and the path of one with another task."""
    known = {
        name: {"train": pairs_of(i, count)[:-1], "test": pairs_of(i, count)[-1:]} for i, (name, count) in enumerate((("a", 4), ("b", 7)))
    }
    (tmp_path / "known.json").write_text(json.dumps(known))
    (tmp_path / "other.json").write_text(json.dumps({"c": {"train": pairs_of(5, 2), "test": pairs_of(6, 1)}}))
    return tmp_path / "known.json", tmp_path / "other.json"


def content(cells: np.ndarray) -> tuple[int, ...]:
    """The colours of a canvas, in order, wherever the grid lies (of a grid whose black cells mean nothing)."""
    return tuple(cells[cells > END] - 2)


def test_demonstrations_are_other_pairs_of_the_task(tasks):
    source = ArcGrids(str(tasks[0]), 5, 1, "joint", 0, shown=(2, 4))
    examples = source.batch(0, 0, 200)
    counts = (examples.demonstrations != PAD).any(axis=(2, 3)).sum(axis=1)
    assert set(counts[examples.task == 0]) == {2} and set(counts[examples.task == 1]) == {2, 3, 4}
    for tokens, task, demonstrations, count in zip(examples.tokens, examples.task, examples.demonstrations, counts, strict=True):
        corners = [content(question)[0] for question, _ in demonstrations[:count]]
        assert content(tokens)[0] not in corners and len(set(corners)) == count
        for question, answer in demonstrations[:count]:
            assert content(answer) == (content(question)[0] + 1, 8, task)
    plain = ArcGrids(str(tasks[0]), 5, 1, "joint", 0).batch(0, 0, 200)
    assert (plain.tokens == examples.tokens).all() and plain.demonstrations is None


def test_a_test_pair_is_shown_the_demonstrations_of_its_task_as_they_stand(tasks):
    source = ArcGrids(str(tasks[0]), 5, 3, "joint", 0, shown=(2, 4))
    first, second = source.held_out(10).demonstrations
    assert [content(question)[0] for question, _ in first[:3]] == [1, 2, 3] and not first[3].any()
    assert [content(question)[0] for question, _ in second] == [1, 2, 3, 4]
    found = source.demonstrations_of(1, source.pairs_to_answer(1)[0])
    assert (found[0] == second).all()
    for shown, (_, augmentation) in zip(found, source.variants_of(1), strict=True):
        asked = augmentation.apply(source.pairs_to_answer(1)[0].input)
        assert np.array_equal(np.sort(grid_of(shown[3, 1], 5).ravel()), np.sort(augmentation.apply(np.array([[5, 8, 1]])).ravel()))
        assert grid_of(shown[0, 0], 5).shape == asked.shape


@pytest.mark.parametrize("by_file", [False, True])
def test_unseen_tasks_are_never_shown(tasks, by_file):
    known, other = tasks
    source = ArcGrids(str(known), 5, 1, "joint", 0, unseen=(str(other) if by_file else "b",), shown=(2, 4))
    name = "c" if by_file else "b"
    assert {source.tasks[task] for task in source.batch(0, 0, 100).task} == set("ab") - {name}
    assert {source.tasks[task] for task in source.held_out(10).task} == set("ab") - {name}
    unseen = source.unseen(10)
    assert [source.tasks[task] for task in unseen.task] == [name] and source.is_unseen(int(unseen.task[0]))


def test_a_task_that_shares_a_pair_with_an_unseen_one_is_not_trained(tasks):
    leak = tasks[0].with_name("leak.json")
    leak.write_text(json.dumps({"d": {"train": pairs_of(5, 2), "test": pairs_of(0, 1)}}))
    source = ArcGrids(str(tasks[0]), 5, 1, "joint", 0, unseen=(str(leak),))
    assert {source.tasks[task] for task in source.batch(0, 0, 100).task} == {"b"}


@pytest.mark.parametrize(("unseen", "message"), [(("a", "b"), "no task but the unseen ones fits"), (("none",), "no such file or folder")])
def test_unseen_tasks_that_cannot_be_are_refused(tasks, unseen, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        ArcGrids(str(tasks[0]), 5, 1, "joint", 0, unseen=unseen)


def test_the_content_is_told_by_the_grids(folder, tasks):
    content = ArcGrids(str(folder), 5, 1, "joint", 0).content
    assert content == ArcGrids(str(folder), 5, 8, "joint", 1).content != ArcGrids(str(tasks[0]), 5, 1, "joint", 0).content
    flip = folder / "flip.json"
    flip.write_text(flip.read_text().replace("[5, 6]", "[5, 7]"))
    assert ArcGrids(str(folder), 5, 1, "joint", 0).content != content
