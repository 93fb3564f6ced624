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
    examples, names, puzzle = read_folder(tmp_path, "train")
    assert examples.identifier.tolist() == [1, 1, 2] and examples.task.tolist() == [0, 0, 0] and names == ["0", "1", "2"]
    assert examples.labels[0].tolist() == [1, 2, 3, IGNORED] and puzzle.tolist() == [0, 0, 1]


def test_the_groups_of_every_set_are_tasks_of_their_own(tmp_path):
    write_folder(tmp_path, "train", sets=["all", "more"])
    for array in list((tmp_path / "train").glob("all__*.npy")):
        (tmp_path / "train" / array.name.replace("all", "more")).write_bytes(array.read_bytes())
    examples, _, puzzle = read_folder(tmp_path, "train")
    assert examples.task.tolist() == [0, 0, 0, 1, 1, 1] and examples.identifier.tolist() == [1, 1, 2] * 2
    assert puzzle.tolist() == [0, 0, 1, 2, 2, 3]


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
        ({"puzzle_identifiers": np.array([[1, 2]])}, "3 rows do not fit its indices"),
        ({"puzzle_identifiers": np.array([1, 2**40])}, r"an identifier is not in 0\.\.2"),
        ({"puzzle_identifiers": np.array([-1, 2])}, r"an identifier is not in 0\.\.2"),
        ({"group_indices": np.array([0, 2**63, 2], np.uint64)}, "3 rows do not fit its indices"),
        ({"group_indices": np.array([0, 10**9, 2])}, "3 rows do not fit its indices"),
        ({"inputs": np.full((3, 4), 0.5)}, "is no array of whole numbers"),
        ({"inputs": np.full((3, 4), np.nan)}, "is no array of whole numbers"),
        ({"inputs": np.zeros((3, 4), [("a", "<i4")])}, "is no array of whole numbers"),
        ({"inputs": np.zeros((3, 4), bool)}, "is no array of whole numbers"),
        ({"vocab_size": "x"}, "are whole numbers"),
        ({"vocab_size": True}, "are whole numbers"),
        ({"vocab_size": 0}, r"vocab_size is not in 1\.\."),
        ({"num_puzzle_identifiers": 10**12}, r"num_puzzle_identifiers is not in 1\.\."),
        ({"sets": ["../all"]}, "no name of a set"),
        ({"sets": [1]}, "no name of a set"),
        ({"sets": ["all", "all"]}, "or one twice"),
        ({"sets": "all"}, "'sets' lists none"),
        ({"ignore_label_id": [0]}, "ignore_label_id is neither null nor a whole number"),
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


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': ((((\n",
        b"{'descr': '<i4', 'fortran_order': False, 'shape': (3, 1000000000000), }",
        b"{'descr': '<i4', 'fortran_order': False, 'shape': (3, -4), }",
        b"{'descr': '<i4', 'fortran_order': False, 'shape': (" + b"1, " * 100 + b"), }",
        b"{'descr': '<i4', 'fortran_order': False, 'shape': (" + b"9" * 3000 + b",), }",
        b"{'descr': '<i4'}",
        b"",
    ],
)
@pytest.mark.parametrize("version", [b"\1\0", b"\2\0"])
def test_an_array_whose_header_lies_is_refused(tmp_path, header, version):
    write_folder(tmp_path, "train")
    length = len(header).to_bytes(2 if version == b"\1\0" else 4, "little")
    (tmp_path / "train" / "all__inputs.npy").write_bytes(b"\x93NUMPY" + version + length + header + bytes(48))
    with pytest.raises(UserError, match="all__inputs.npy is (damaged|no array of numbers)") as caught:
        read_folder(tmp_path, "train")
    assert len(str(caught.value)) - len(str(tmp_path)) < 250


@pytest.mark.parametrize("kind", ["u1", ">i4", "<u8"])
def test_whole_numbers_of_any_kind_are_read(tmp_path, kind):
    wanted, *_ = read_folder(write_folder(tmp_path, "train"), "train")
    path = tmp_path / "train" / "all__inputs.npy"
    np.save(path, np.asfortranarray(np.load(path).astype(kind)))
    np.testing.assert_array_equal(read_folder(tmp_path, "train")[0].tokens, wanted.tokens)


def test_a_cut_or_damaged_folder_is_read_or_refused(tmp_path):
    numbers = np.random.default_rng(0)
    write_folder(tmp_path, "train")
    files = sorted((tmp_path / "train").iterdir())
    for _ in range(150):
        path = files[numbers.integers(len(files))]
        whole = path.read_bytes()
        content = np.frombuffer(whole, np.uint8).copy()
        content[numbers.integers(0, len(whole), 3)] = numbers.integers(0, 256, 3)
        path.write_bytes(content[: numbers.integers(1, 2 * len(whole))].tobytes())
        try:
            read_folder(tmp_path, "train")
        except UserError as error:
            assert len(str(error)) - len(str(tmp_path)) < 250 and "\n" not in str(error)
        path.write_bytes(whole)
