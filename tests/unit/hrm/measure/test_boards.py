"""`hrm puzzles`: boards as a CSV that every reader of Sudokus reads, and how hard they are."""

import numpy as np
import pytest

from hrm import __main__ as commands
from hrm.measure import boards
from hrm.puzzles import hard, mining
from hrm.puzzles.sudoku import BLANK, is_held_out
from hrm.puzzles.sudoku_csv import read_sudoku_csv


@pytest.fixture(autouse=True)
def mined(monkeypatch):
    found = mining.common(np.random.default_rng(0), 9, lambda solutions: np.ones(len(solutions), bool), 6)
    asked = []
    monkeypatch.setattr(hard, "hard_boards", lambda side, seed, number, held_out: asked.append((seed, number, held_out)) or found)
    return found, asked


def test_boards_are_written_in_the_published_layout(mined, tmp_path, capsys):
    assert commands.main(["puzzles", str(tmp_path / "hard.csv"), "--count", "8", "--held-out", "--seed", "3"]) == 0
    found, asked = mined
    assert asked == [(3, 0, True), (3, 1, True)]
    read = read_sudoku_csv(tmp_path / "hard.csv")
    assert (read.tokens[:6] - 1 == found.boards).all() and (read.labels[6:] - 1 == found.solutions[:2]).all()
    assert read.difficulty[:6] == pytest.approx(found.guesses, abs=0.005)
    printed = capsys.readouterr().out
    assert "8 boards in" in printed and "the hardest of forums" in printed and "made here, as they are" in printed


@pytest.mark.parametrize("flags", [[], ["--held-out"]])
def test_boards_of_an_easier_training_are_written_too(tmp_path, flags):
    assert commands.main(["puzzles", str(tmp_path / "easy.csv"), "--preset", "sudoku9", "--count", "6", *flags]) == 0
    read = read_sudoku_csv(tmp_path / "easy.csv")
    givens = (read.tokens > BLANK).sum(axis=1)
    assert len(givens) == 6 and givens.min() >= 30 and givens.max() <= 45
    assert (is_held_out(read.labels - BLANK) == bool(flags)).all()


def test_where_it_cannot_write_it_mines_nothing(mined, tmp_path, capsys):
    wrong = {"x.txt": "is no CSV file", f"{tmp_path}/no/x.csv": "there is no folder", "x.csv --count 0": "must be at least 1"}
    for words, message in wrong.items():
        assert commands.main(["puzzles", *words.split()]) == 2
        assert message in capsys.readouterr().err
    assert not mined[1]


def test_the_distribution_is_of_the_boards(mined):
    rows = boards.distribution(mined[0])
    givens = (mined[0].boards > 0).sum(axis=1)
    assert f"{givens.min()} to {givens.max()}" in rows[0][1] and f"mean {mined[0].guesses.mean():.1f}" in rows[1][2]
