"""Sudokus and mazes in texts and tables, published folders of NPY files, and tables of numbers for collatz."""

import json
from pathlib import Path
from random import Random

import numpy as np

from collatz.numbers.evalset import evaluation_text, read_evaluation_set
from hrm.puzzles import asked
from hrm.puzzles.published import Published
from hrm.puzzles.sudoku import dig, random_solutions
from hrm.puzzles.sudoku_csv import read_sudoku_csv

SIDE, ROWS = 9, 24


def prepare() -> None:
    """Nothing: this module's imports are all."""


def make_texts(folder: Path) -> None:
    """Sudokus by every name that their columns have, in lines, in a grid, and mazes."""
    boards, answers = _sudokus()
    rows = list(zip(boards, answers, strict=True))
    for name, text in {
        "extreme.csv": "source,question,answer,rating\n" + "".join(f"x,{b},{a},{i}\n" for i, (b, a) in enumerate(rows)),
        "kaggle.csv": "quizzes,solutions\n" + "".join(f"{b.replace('.', '0')},{a}\n" for b, a in rows),
        "millions.csv": "id,puzzle,solution,clues,difficulty\n" + "".join(f"{i},{b},{a},25,0.5\n" for i, (b, a) in enumerate(rows)),
        "clues.csv": "id,clues,solution\n" + "".join(f"{i},{b},{a}\n" for i, (b, a) in enumerate(rows)),
        "tabs.tsv": "question\tanswer\n" + "".join(f"{b}\t{a}\n" for b, a in rows),
        "lines.txt": "\n".join(boards) + "\n",
        "grid.txt": "\n".join(boards[0][first : first + SIDE] for first in range(0, 81, SIDE)),
        "mazes.txt": "#####\n#S  #\n# # #\n#  G#\n#####\n\n#####\n#G  #\n# ###\n#  S#\n#####\n",
    }.items():
        (folder / name.replace(".", "-")).mkdir()
        (folder / name.replace(".", "-") / name).write_text(text)


def read_text(folder: Path, chance: Random) -> None:
    """Read it as a puzzle of a person's own, or as a training does."""
    path = next(iter(sorted(path for path in folder.iterdir() if path.is_file())))
    if path.suffix == ".csv" and chance.random() < 0.6:
        Published(str(path), SIDE, 11)
        read_sudoku_csv(path)
    asked.read(str(path))


def make_folders(folder: Path) -> None:
    """Published folders of one set and of two, with groups of several puzzles, and with an own list of names."""
    boards, answers = _sudokus()
    for name, sets, named in (("one", ("all",), False), ("two", ("all", "more"), True), ("int8", ("all",), True)):
        for part in ("train", "test"):
            place = folder / name / part
            place.mkdir(parents=True)
            about = {"seq_len": 81, "vocab_size": 11, "ignore_label_id": 0, "blank_identifier_id": 0, "pad_id": 0, "sets": list(sets)}
            about |= {"num_puzzle_identifiers": 13, "total_groups": 6, "mean_puzzle_examples": 2.0}
            (place / "dataset.json").write_text(json.dumps(about))
            kind = np.int8 if name == "int8" else np.int32
            for each in sets:
                np.save(place / f"{each}__inputs.npy", np.array([[int(c.replace(".", "0")) + 1 for c in b] for b in boards], kind))
                np.save(place / f"{each}__labels.npy", np.array([[int(c) + 1 for c in a] for a in answers], kind))
                np.save(place / f"{each}__puzzle_identifiers.npy", np.arange(12, dtype=np.int32))
                np.save(place / f"{each}__puzzle_indices.npy", np.arange(13, dtype=np.int32) * 2)
                np.save(place / f"{each}__group_indices.npy", np.arange(7, dtype=np.int32) * 2)
        if named:
            (folder / name / "identifiers.json").write_text(json.dumps(["<blank>", *map(str, range(12))]))


def read_folder(folder: Path, chance: Random) -> None:
    """Read it as a training does, and draw from it; or as a person's own."""
    if chance.random() < 0.3:
        asked.read(str(folder))
        return
    source = Published(str(folder), SIDE, 11)
    source.batch(0, 1, 8)
    source.held_out(8)


def make_numbers(folder: Path) -> None:
    """An evaluation set of collatz."""
    (folder / "numbers").mkdir()
    (folder / "numbers" / "numbers.csv").write_text(evaluation_text(samples=30))


def read_numbers(folder: Path, chance: Random) -> None:
    """Read it."""
    read_evaluation_set(folder / "numbers.csv")


def _sudokus():
    numbers = np.random.default_rng(1)
    solutions = random_solutions(numbers, SIDE, ROWS)
    boards = dig(numbers, solutions, SIDE, np.full(ROWS, 40))
    as_text = lambda grids: ["".join(map(str, grid)) for grid in np.reshape(grids, (ROWS, -1))]  # noqa: E731
    return [text.replace("0", ".") for text in as_text(boards)], as_text(solutions)
