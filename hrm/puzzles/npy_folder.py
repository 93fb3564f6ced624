"""Reader of the published folders of NPY files (HRM, TRM): dataset.json beside five arrays a set. Everything is checked on the way in."""

import json
import re
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hrm.puzzles.examples import IGNORED, Examples
from longrun.errors import UserError

IDENTIFIERS = 4_000_000
"""More puzzles than any published set names; more are refused."""
_ARRAYS = ("inputs", "labels", "puzzle_identifiers", "puzzle_indices", "group_indices")
_HEADER = re.compile(r"\{'descr': (?:'([^']*)'|\[.*\]), 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\),? *\}\s*")


class Part(NamedTuple):
    """One part of a published data set; groups are tasks."""

    examples: Examples
    names: list[str]
    """Of the identifiers."""
    puzzle: np.ndarray
    """(B,) int32: which puzzle each row is of; rows of a puzzle stand together."""


def read_folder(folder: Path, part: str) -> Part:
    """One part ("train" or "test") of a published data set.

    Raises FileNotFoundError or UserError with one line that names the file. Cells with the label 0 (or the set's own) are IGNORED.
    """
    about = _description(folder / part / "dataset.json")
    listed = folder / "identifiers.json"
    names = _json(listed) if listed.exists() else [str(i) for i in range(about["num_puzzle_identifiers"])]
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise UserError(f"{listed} holds no list of names")
    found, numbers, tasks, puzzles = [], [], 0, 0
    for name in about["sets"]:
        rows, puzzle = _read_set(folder / part, name, about, len(names))
        # The groups and puzzles of each set are counted from 0.
        found.append(rows._replace(task=rows.task + np.int32(tasks)))
        numbers.append(puzzle + np.int32(puzzles))
        tasks, puzzles = tasks + int(rows.task[-1]) + 1, puzzles + int(puzzle[-1]) + 1
    examples = Examples(*(None if arrays[0] is None else np.concatenate(arrays) for arrays in zip(*found, strict=True)))
    return Part(examples, names, np.concatenate(numbers))


def _description(place):
    """What dataset.json says, with every value of the kind and in the range that it must have."""
    about, what = _json(place), f"{place} does not describe a data set"
    if not isinstance(about, dict):
        raise UserError(f"{what}: it holds no object")
    about.setdefault("num_puzzle_identifiers", 1)
    for name in ("seq_len", "vocab_size", "ignore_label_id", "sets"):
        if name not in about:
            raise UserError(f"{what}: {name!r} is missing")
    sets = about["sets"]
    if not (isinstance(sets, list) and sets):
        raise UserError(f"{what}: 'sets' lists none")
    if not all(isinstance(name, str) and re.fullmatch(r"[\w.-]{1,100}", name) for name in sets) or len(set(sets)) < len(sets):
        raise UserError(f"{what}: 'sets' lists what is no name of a set, or one twice")
    numbers = {name: about[name] for name in ("seq_len", "vocab_size", "num_puzzle_identifiers")}
    if not all(type(number) is int for number in numbers.values()):
        raise UserError(f"{what}: {', '.join(list(numbers)[:2])} and num_puzzle_identifiers are whole numbers")
    for name, number in numbers.items():
        if not 1 <= number <= IDENTIFIERS:
            raise UserError(f"{what}: {name} is not in 1..{IDENTIFIERS}")
    if not (about["ignore_label_id"] is None or type(about["ignore_label_id"]) is int):
        raise UserError(f"{what}: ignore_label_id is neither null nor a whole number")
    return about


def _read_set(folder, name, about, identifiers):
    """The rows of one set, a group being a task; and which puzzle each is of."""
    inputs, labels, names, puzzles, groups = (_array(folder / f"{name}__{kind}.npy") for kind in _ARRAYS)
    place, length, vocabulary = f"{folder / name}__inputs.npy", about["seq_len"], about["vocab_size"]
    if inputs.ndim != 2 or inputs.shape[1] != length or labels.shape != inputs.shape:
        raise UserError(f"{place}: rows of {inputs.shape[1:]} cells and labels {labels.shape}, dataset.json says {length}")
    if not len(inputs):
        raise UserError(f"{place} has no row")
    if min(inputs.min(), labels.min()) < 0 or max(inputs.max(), labels.max()) >= vocabulary:
        raise UserError(f"{place}: a token is not in 0..{vocabulary - 1}")
    fits = names.ndim == 1 and _are_bounds(puzzles, len(inputs)) and _are_bounds(groups, len(names)) and len(puzzles) == len(names) + 1
    if not fits:
        raise UserError(f"{place}: {len(inputs)} rows do not fit its indices")
    if names.min() < 0 or names.max() >= identifiers:
        raise UserError(f"{folder / name}__puzzle_identifiers.npy: an identifier is not in 0..{identifiers - 1}")
    group = np.repeat(np.arange(len(groups) - 1), np.diff(puzzles[groups]))
    labels = labels.astype(np.int32)
    if about["ignore_label_id"] is not None:
        labels = np.where(labels == about["ignore_label_id"], np.int32(IGNORED), labels)
    identifier = np.repeat(names, np.diff(puzzles)).astype(np.int32)
    puzzle = np.repeat(np.arange(len(names), dtype=np.int32), np.diff(puzzles))
    return Examples(inputs.astype(np.int32), labels, identifier, group.astype(np.int32), np.zeros(len(inputs), np.float32)), puzzle


def _are_bounds(indices, total):
    """Whether they begin at 0, never fall and end at `total`."""
    is_list = indices.ndim == 1 and len(indices) > 1 and indices[0] == 0 and indices[-1] == total
    return is_list and bool((indices[1:] >= indices[:-1]).all())


def _array(path):
    """Whole numbers; the header is read as text, and compared with the length of the file before any memory is taken."""
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    with path.open("rb") as file:
        head = file.read(10)
        size = 2 if head[6:7] == b"\1" else 4  # Versions 2 and 3 have longer headers.
        length = int.from_bytes((head[8:] + file.read(size - 2))[:size], "little")
        header = _HEADER.fullmatch(file.read(min(length, 10_000)).decode("latin-1"))
        if not (head.startswith(b"\x93NUMPY") and header) or header[1] and header[1].endswith("O"):
            raise UserError(f"{path} is no array of numbers: {'it holds objects' if header else 'its header is damaged'}")
        if not re.fullmatch(r"[<>|=]?[iu][1248]", header[1] or ""):
            raise UserError(f"{path} is no array of whole numbers")
        kind, shape = np.dtype(header[1]), tuple(int(number[:20]) for number in re.findall(r"\d+", header[3]))
        held = path.stat().st_size - file.tell()
        if len(shape) > 2 or prod(shape) * kind.itemsize != held:
            raise UserError(f"{path} is damaged: its header says {str(shape)[:80]} numbers of {kind.itemsize} bytes, it holds {held} bytes")
        numbers = np.frombuffer(file.read(held), kind)
    return numbers.reshape(shape, order="F" if header[2] == "True" else "C")


def _json(path):
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is damaged: {str(error)[:100]}") from error
