"""Reader of the published folders of NPY files (HRM, TRM): dataset.json beside five arrays a set. Everything is checked on the way in."""

from pathlib import Path

import numpy as np

from hrm.puzzles.examples import IGNORED, Examples
from longrun.errors import UserError
from longrun.run.journal import read_json

_ARRAYS = ("inputs", "labels", "puzzle_identifiers", "puzzle_indices", "group_indices")


def read_folder(folder: Path, part: str) -> tuple[Examples, list[str]]:
    """One part ("train" or "test") of a published data set, and the names of its identifiers.

    Raises FileNotFoundError or UserError with one line that names the file. Cells with the label 0 (or the set's own) are IGNORED.
    """
    place = folder / part / "dataset.json"
    about = _json(place)
    if not isinstance(about, dict):
        raise UserError(f"{place} does not describe a data set: it holds no object")
    missing = [name for name in ("seq_len", "vocab_size", "ignore_label_id", "sets") if name not in about]
    if missing:
        raise UserError(f"{place} does not describe a data set: {missing[0]!r} is missing")
    if not (isinstance(about["sets"], list) and about["sets"]):
        raise UserError(f"{place} does not describe a data set: 'sets' lists none")
    count = about.get("num_puzzle_identifiers", 1)
    if not all(isinstance(number, int) for number in (about["seq_len"], about["vocab_size"], count)):
        raise UserError(f"{place} does not describe a data set: seq_len, vocab_size and num_puzzle_identifiers are whole numbers")
    listed = folder / "identifiers.json"
    names = _json(listed) if listed.exists() else [str(i) for i in range(count)]
    if not isinstance(names, list):
        raise UserError(f"{listed} holds no list of names")
    found, tasks = [], 0
    for name in about["sets"]:
        rows = _read_set(folder / part, name, about, len(names))
        found.append(rows._replace(task=rows.task + np.int32(tasks)))  # The groups of each set are counted from 0.
        tasks += int(rows.task[-1]) + 1
    return Examples(*(None if arrays[0] is None else np.concatenate(arrays) for arrays in zip(*found, strict=True))), names


def _read_set(folder, name, about, identifiers):
    """One set; a group is a task."""
    inputs, labels, names, puzzles, groups = (_array(folder / f"{name}__{kind}.npy") for kind in _ARRAYS)
    place, length, vocabulary = f"{folder / name}__inputs.npy", about["seq_len"], about["vocab_size"]
    if inputs.ndim != 2 or inputs.shape[1] != length or labels.shape != inputs.shape:
        raise UserError(f"{place}: rows of {inputs.shape[1:]} cells and labels {labels.shape}, dataset.json says {length}")
    if not len(inputs):
        raise UserError(f"{place} has no row")
    if min(inputs.min(), labels.min()) < 0 or max(inputs.max(), labels.max()) >= vocabulary:
        raise UserError(f"{place}: a token is not in 0..{vocabulary - 1}")
    if not (_are_bounds(puzzles, len(inputs)) and _are_bounds(groups, len(names)) and len(puzzles) == len(names) + 1):
        raise UserError(f"{place}: {len(inputs)} rows do not fit its indices")
    if names.min() < 0 or names.max() >= identifiers:
        raise UserError(f"{folder / name}__puzzle_identifiers.npy: an identifier is not in 0..{identifiers - 1}")
    group = np.repeat(np.arange(len(groups) - 1), np.diff(puzzles[groups]))
    labels = labels.astype(np.int32)
    if about["ignore_label_id"] is not None:
        labels = np.where(labels == about["ignore_label_id"], IGNORED, labels)
    identifier = np.repeat(names, np.diff(puzzles)).astype(np.int32)
    return Examples(inputs.astype(np.int32), labels, identifier, group.astype(np.int32), np.zeros(len(inputs), np.float32))


def _are_bounds(indices, total):
    """Whether they begin at 0, never fall and end at `total`."""
    return (
        indices.ndim == 1
        and len(indices) > 1
        and indices[0] == 0
        and indices[-1] == total
        and (np.diff(indices.astype(np.int64)) >= 0).all()
    )


def _array(path):
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise UserError(f"{path} is no array of numbers: {error}") from error
    if not (isinstance(array, np.ndarray) and array.dtype.kind in "iu"):
        raise UserError(f"{path} is no array of whole numbers")
    return array


def _json(path):
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    return read_json(path)
