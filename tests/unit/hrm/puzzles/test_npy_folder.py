"""The reader of the published folders, and one clear line for each thing that can be wrong."""

import json

import numpy as np
import pytest

from hrm.puzzles.examples import IGNORED
from hrm.puzzles.npy_folder import read_folder
from longrun.errors import UserError
from tests.fixtures.hrm import write_folder


def test_a_folder_is_read(tmp_path):
    write_folder(tmp_path, "train")
    examples, names = read_folder(tmp_path, "train")
    assert examples.identifier.tolist() == [1, 1, 2] and examples.task.tolist() == [0, 0, 0] and names == ["0", "1", "2"]
    assert examples.labels[0].tolist() == [1, 2, 3, IGNORED]


def test_the_groups_of_every_set_are_tasks_of_their_own(tmp_path):
    write_folder(tmp_path, "train", sets=["all", "more"])
    for array in list((tmp_path / "train").glob("all__*.npy")):
        (tmp_path / "train" / array.name.replace("all", "more")).write_bytes(array.read_bytes())
    examples, _ = read_folder(tmp_path, "train")
    assert examples.task.tolist() == [0, 0, 0, 1, 1, 1] and examples.identifier.tolist() == [1, 1, 2] * 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seq_len": 5}, "dataset.json says 5"),
        ({"seq_len": "4"}, "seq_len, vocab_size and num_puzzle_identifiers are whole numbers"),
        ({"sets": []}, "'sets' lists none"),
        ({"inputs": np.full((3, 4), 6)}, r"a token is not in 0\.\.5"),
        ({"inputs": np.zeros((0, 4), int), "labels": np.zeros((0, 4), int)}, "has no row"),
        ({"puzzle_indices": np.array([0, 2, 4])}, "3 rows do not fit its indices"),
        ({"puzzle_indices": np.array([1, 2, 3])}, "3 rows do not fit its indices"),
        ({"puzzle_indices": np.array([0, 4, 3])}, "3 rows do not fit its indices"),
        ({"puzzle_indices": np.array([], int)}, "3 rows do not fit its indices"),
        ({"puzzle_identifiers": np.array([1, 3])}, r"puzzle_identifiers.npy: an identifier is not in 0\.\.2"),
        ({"inputs": np.full((3, 4), 0.5)}, "is no array of whole numbers"),
    ],
)
def test_a_folder_that_does_not_fit_is_refused(tmp_path, changes, message):
    with pytest.raises(UserError, match=message):
        read_folder(write_folder(tmp_path, "train", **changes), "train")


@pytest.mark.parametrize(
    ("about", "message"),
    [("[]", "it holds no object"), ('{"seq_len": 4}', "'vocab_size' is missing"), ('{"seq', "dataset.json is damaged")],
)
def test_a_description_that_is_none_is_refused(tmp_path, about, message):
    write_folder(tmp_path, "train")
    (tmp_path / "train" / "dataset.json").write_text(about)
    with pytest.raises(UserError, match=message):
        read_folder(tmp_path, "train")


def test_names_that_are_no_list_are_refused(tmp_path):
    write_folder(tmp_path, "train")
    (tmp_path / "identifiers.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(UserError, match="identifiers.json holds no list of names"):
        read_folder(tmp_path, "train")


def test_arrays_of_objects_are_not_unpickled(tmp_path):
    write_folder(tmp_path, "train")
    np.save(tmp_path / "train" / "all__inputs.npy", np.array([{"a": 1}], dtype=object))
    with pytest.raises(UserError, match="is no array of numbers"):
        read_folder(tmp_path, "train")


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="dataset.json does not exist"):
        read_folder(tmp_path, "train")
    write_folder(tmp_path, "train")
    (tmp_path / "train" / "all__labels.npy").unlink()
    with pytest.raises(FileNotFoundError, match="all__labels.npy does not exist"):
        read_folder(tmp_path, "train")
