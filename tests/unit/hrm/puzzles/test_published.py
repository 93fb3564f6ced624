"""Published data sets as a source of puzzles."""

import numpy as np
import pytest

from hrm.puzzles.npy_folder import read_folder
from hrm.puzzles.published import Published
from longrun.errors import UserError
from tests.fixtures.hrm import write_folder


def test_a_folder_gives_its_training_part_and_holds_its_test_part_out(tmp_path):
    write_folder(tmp_path, "train")
    write_folder(tmp_path, "test")
    (tmp_path / "identifiers.json").write_text('["<blank>", "a", "b"]')
    source = Published(str(tmp_path), 2, 6)
    assert source.identifiers == ("<blank>", "a", "b") and source.batch(0, 0, 8).tokens.shape == (8, 4)
    assert source.held_out(2).tokens.tolist() == [[1, 2, 3, 4], [1, 5, 3, 4]]
    with pytest.raises(UserError, match="has 4 cells a puzzle; side 3 has 9"):
        Published(str(tmp_path), 3, 6)
    with pytest.raises(UserError, match=r"a token 5; the network knows 0\.\.4"):
        Published(str(tmp_path), 2, 5)


def test_groups_of_one_puzzle_are_of_one_task_where_they_share_an_identifier(tmp_path):
    write_folder(tmp_path, "train")
    alone = {"puzzle_identifiers": [0, 0, 0], "puzzle_indices": [0, 1, 2, 3], "group_indices": [0, 1, 2, 3]}
    write_folder(tmp_path, "test", **{name: np.array(values) for name, values in alone.items()})
    assert read_folder(tmp_path, "test")[0].task.tolist() == [0, 1, 2]
    assert Published(str(tmp_path), 2, 6).held_out(3).task.tolist() == [0, 0, 0]


@pytest.mark.parametrize(("draws", "shares"), [("puzzles", [1 / 8, 1 / 8, 1 / 4, 1 / 4, 1 / 4]), ("groups", [1 / 6] * 3 + [1 / 4] * 2)])
def test_puzzles_are_drawn_equally_often_or_else_groups_are(tmp_path, draws, shares):
    """A group of three rows in two puzzles, and one of two puzzles of a row each; a third has no puzzle, and a fifth puzzle no row."""
    rows = np.arange(1, 6)[:, None].repeat(4, axis=1)
    indices = {"puzzle_identifiers": [0, 1, 2, 0, 1], "puzzle_indices": [0, 2, 3, 3, 4, 5], "group_indices": [0, 2, 2, 5]}
    arrays = {name: np.array(values) for name, values in indices.items()}
    write_folder(tmp_path, "train", inputs=rows, labels=rows, **arrays)
    write_folder(tmp_path, "test")
    drawn = Published(str(tmp_path), 2, 6, draws).batch(0, 0, 6000).tokens[:, 0]
    np.testing.assert_allclose(np.bincount(drawn, minlength=6)[1:] / 6000, shares, atol=0.02)


def test_a_group_without_puzzles_does_not_make_its_neighbour_commoner(tmp_path):
    alone = {"puzzle_identifiers": [0, 0, 0], "puzzle_indices": [0, 1, 2, 3], "group_indices": [0, 1, 1, 1, 2, 3]}
    write_folder(tmp_path, "train", **{name: np.array(values) for name, values in alone.items()})
    write_folder(tmp_path, "test")
    drawn = [Published(str(tmp_path), 2, 6, draws).batch(0, 0, 3000).tokens for draws in ("puzzles", "groups")]
    counts = np.unique(drawn[0], axis=0, return_counts=True)[1]
    assert len(counts) == 3 and counts.min() > 900
    # Groups of one puzzle of one row, as the published Sudokus are: the same numbers draw the same rows either way.
    np.testing.assert_array_equal(*drawn)


def test_the_content_is_told_by_what_is_read_and_not_by_where(tmp_path):
    def content(name, **changes):
        write_folder(tmp_path / name, "train")
        write_folder(tmp_path / name, "test", **changes)
        return Published(str(tmp_path / name), 2, 6).content

    labels = np.array([[1, 2, 3, 4], [2, 2, 3, 4], [1, 5, 3, 1]])
    assert content("here") == content("there") != content("other", labels=labels)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(UserError, match="needs a path"):
        Published("", 9, 11)
    with pytest.raises(FileNotFoundError, match="none does not exist"):
        Published(str(tmp_path / "none"), 9, 11)
