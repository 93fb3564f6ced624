"""The source of hard Sudokus, with a small mining in place of the whole."""

import numpy as np
import pytest

from hrm.measure.boards import as_csv
from hrm.presets import PRESETS
from hrm.puzzles import hard, mining, pools
from hrm.puzzles.mining import Size
from hrm.puzzles.sources import make_source
from hrm.puzzles.sudoku import BLANK, is_held_out
from hrm.puzzles.sudoku_solver import solve
from longrun.config import changed
from longrun.errors import UserError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def small(folder, monkeypatch):
    monkeypatch.setenv("HRM_CACHE", str(folder))
    monkeypatch.setattr(mining, "Size", lambda: Size(common=32, kept=8, moves=3, least=1.5))


@pytest.fixture
def source():
    return make_source(changed(PRESETS["sudoku9-hard"](), pool=32, hard_every=10, hard_pools=2, curriculum=20))


def test_boards_get_harder_and_a_batch_follows_from_seed_and_step(source):
    early, late = source.batch(3, 0, 32), source.batch(3, 40, 32)
    assert (source.batch(3, 40, 32).tokens == late.tokens).all()
    assert (early.tokens > BLANK).sum() > (late.tokens > BLANK).sum()
    for examples in (early, late):
        found = solve(examples.tokens - BLANK, 9)
        assert (found.solutions == 1).all() and (found.answer == examples.labels - BLANK).all()
        assert not is_held_out(examples.labels - BLANK).any()


def test_listed_boards_are_hard_and_of_held_out_solutions(source):
    examples = source.held_out(512)
    assert is_held_out(examples.labels - BLANK).all() and np.median(examples.difficulty) >= 6
    assert len(np.unique(examples.tokens, axis=0)) == 512
    assert (source.held_out(2).tokens == examples.tokens[:2]).all()


def test_more_than_are_listed_are_mined(source, tmp_path, monkeypatch):
    monkeypatch.setattr(hard, "LISTED", tmp_path / "few.csv")
    hard.LISTED.write_text(as_csv(hard.minimal_boards(9, 0, 32).rows(slice(2)), "mined"))
    examples = source.held_out(3)
    assert len(examples.tokens) == 3 and is_held_out(examples.labels - BLANK).all()


def test_what_is_on_disk_is_not_made_again(folder, monkeypatch):
    first = hard.minimal_boards(9, 0, 32)
    monkeypatch.setattr(mining, "common", None)
    assert (hard.minimal_boards(9, 0, 32).boards == first.boards).all()
    assert pools.folder() == folder and list((folder / "pools").glob("*.npz"))


def test_additional_clues_are_of_the_solution(source):
    boards = hard.minimal_boards(9, 0, 32)
    wanted = np.arange(32) % 7
    more = hard.with_additional(np.random.default_rng(0), boards.boards, boards.solutions, wanted)
    added = more != boards.boards
    assert (added.sum(axis=1) == wanted).all() and (more[added] == boards.solutions[added]).all()


def test_hard_boards_are_of_side_9():
    with pytest.raises(UserError, match="hard boards are Sudokus of side 9"):
        changed(PRESETS["sudoku9-hard"](), side=4)
